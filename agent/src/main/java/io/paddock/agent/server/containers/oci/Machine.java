package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.tools.Durable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Names on this machine that belong to one agent, told apart from those of other agents by a hash of the work directory.
 *
 * @param workDir the agent's work directory
 * @param tag eight hexadecimal digits
 * @param cgroupRoot the control group above all agents, such as {@code /paddock}
 */
record Machine(Path workDir, String tag, String cgroupRoot) {
    private static final Path RUN = Path.of("/run/paddock");

    static Machine of(Path workDir, String cgroupRoot) {
        String root = cgroupRoot.startsWith("/") ? cgroupRoot : "/" + cgroupRoot;
        return new Machine(workDir, hash(workDir.toString()).substring(0, 8), root);
    }

    private static String hash(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Volatile state and mounts; gone after a reboot where /run is in memory. */
    Path runDir() {
        return RUN.resolve(tag);
    }

    /** The state directory of the OCI runtime. */
    Path runtimeState() {
        return runDir().resolve("runtime");
    }

    /** A second view of the host's root file system: a runtime cannot make "/" itself a container's root. */
    Path hostRoot() {
        return runDir().resolve("host");
    }

    /** Network namespaces, one file each. */
    Path networkNamespaces() {
        return runDir().resolve("netns");
    }

    /** IPC namespaces and shared memory that nested containers share, by the name of the container they are nested in. */
    Path sharedMemory() {
        return runDir().resolve("ipc");
    }

    /** Roots of containers in user namespaces, where any user may go. */
    Path openRoots() {
        return runDir().resolve("roots");
    }

    /** Where the runtime is shown read-only. */
    Path programs() {
        return runDir().resolve("programs");
    }

    /** Where the runtime makes its temporary mounts. */
    Path temporary() {
        return runDir().resolve("tmp");
    }

    /** Exit codes; the directory of that name in the work directory leads here. */
    Path exits() {
        return runDir().resolve("exits");
    }

    /** Host ports given away, by all agents of this machine. */
    Path portClaims() {
        return RUN.resolve("ports");
    }

    /** Secrets as files, a directory per container. */
    Path secrets() {
        return runDir().resolve("secrets");
    }

    /** Sandboxes of nested containers, a directory per container. */
    Path nestedSandboxes() {
        return runDir().resolve("sandboxes");
    }

    Path extraHierarchies() {
        return runDir().resolve("cgroup");
    }

    /** The control group of this agent's containers. */
    String cgroup() {
        return cgroupRoot + "/" + tag;
    }

    /** At most 15 characters, the kernel's bound for interfaces. */
    String bridge() {
        return "pdk" + tag;
    }

    void createDirectories() throws IOException {
        Durable.createPrivate(runtimeState());
        Durable.createPrivate(networkNamespaces());
        Durable.createPrivate(temporary());
        Durable.createPrivate(sharedMemory());
        Durable.createPrivate(programs());
        Durable.createPrivate(exits());
        java.nio.file.Files.createDirectories(hostRoot());
    }
}
