package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.cgroups.Cgroups;
import io.paddock.agent.server.containers.networks.Networks;
import io.paddock.agent.server.containers.tools.Durable;
import io.paddock.agent.server.containers.tools.Mounts;
import io.paddock.platform.linux.Linux;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all containers of an agent share on the machine: made at start, found again after a crash, undone at the end. */
final class HostSetup {
    private static final Logger LOG = LoggerFactory.getLogger(HostSetup.class);

    private static final List<String> IN_MEMORY = List.of("tmpfs", "ramfs");

    private final Machine machine;
    private final RuntimePrograms runtime;
    private final Cgroups cgroups;
    private final Networks networks;

    HostSetup(Machine machine, RuntimePrograms runtime, Cgroups cgroups, Networks networks) {
        this.networks = networks;
        this.machine = machine;
        this.runtime = runtime;
        this.cgroups = cgroups;
    }

    void open() throws IOException {
        machine.createDirectories();
        if (!Mounts.mounted(machine.hostRoot())) {
            Linux.mount("/", machine.hostRoot(), null, Linux.MS_BIND, null);
            Linux.mount("none", machine.hostRoot(), null, Linux.MS_PRIVATE, null);
        }
        seal(runtime.installed(), runtime.sealed());
        seal(RuntimePrograms.NOTHING, runtime.sealedNothing());
    }

    /**
     * What ends with the machine is in memory, secrets among it: on a machine whose {@code /run} is not, the directory of an
     * agent is. One that is in use stays as it is.
     */
    static void keepInMemory(Path directory) throws IOException {
        Files.createDirectories(directory);
        if (children(directory).isEmpty()
                && !IN_MEMORY.contains(Files.getFileStore(directory).type())) {
            Linux.mount("paddock", directory, "tmpfs", Linux.MS_NOSUID | Linux.MS_NODEV, "mode=755");
        }
    }

    /**
     * Exit codes are of no use after the machine's end: on a disk each would take two new files, the monitor's temporary one
     * too. A directory with unread ones in it stays as it is until the next start.
     */
    static void exitsInMemory(Path exits, Path inMemory) throws IOException {
        if (Files.isSymbolicLink(exits) && Files.readSymbolicLink(exits).equals(inMemory)) {
            return;
        }
        try {
            Files.deleteIfExists(exits);
            Files.createSymbolicLink(exits, inMemory);
        } catch (DirectoryNotEmptyException e) {
            LOG.info("{} stays on the disk until the next start: there are exit codes in it", exits);
        }
    }

    /** Anew at each start: the program may have been replaced. Without it the runtime takes longer, no more. */
    private static void seal(Path file, Path sealed) {
        try {
            unseal(sealed);
            Files.createFile(sealed);
            Linux.mount(file.toString(), sealed, null, Linux.MS_BIND, null);
            Linux.mount("none", sealed, null, Linux.MS_REMOUNT | Linux.MS_BIND | Linux.MS_RDONLY, null);
        } catch (IOException e) {
            LOG.info("{} cannot be shown read-only: {}", file, e.getMessage());
        }
    }

    private static void unseal(Path sealed) throws IOException {
        Linux.unmountIfMounted(sealed, Linux.MNT_DETACH);
        Files.deleteIfExists(sealed);
    }

    /** Leaves what still running containers need; those hold their own views of the mounts. */
    void close() {
        try {
            Linux.unmountIfMounted(machine.hostRoot(), Linux.MNT_DETACH);
            unseal(runtime.sealed());
            unseal(runtime.sealedNothing());
            if (children(machine.networkNamespaces()).isEmpty()) {
                networks.close();
            }
            for (Path hierarchy : children(machine.extraHierarchies())) {
                removeQuietly(machine.cgroup());
                Linux.unmount(hierarchy, Linux.MNT_DETACH);
                Files.deleteIfExists(hierarchy);
            }
            removeQuietly(machine.cgroup());
            emptyTemporary();
            removeEmpty();
        } catch (IOException e) {
            LOG.warn("what the containers shared is not wholly removed: {}", e.getMessage());
        }
    }

    private void removeQuietly(String group) {
        try {
            if (cgroups.processes(group).isEmpty()) {
                cgroups.remove(group);
                cgroups.removeIfEmpty(machine.cgroupRoot());
            }
        } catch (IOException e) {
            LOG.debug("control group {} stays: {}", group, e.getMessage());
        }
    }

    /** A runtime that was killed may have left something. */
    private void emptyTemporary() throws IOException {
        for (Path path : children(machine.temporary())) {
            Linux.unmountIfMounted(path, Linux.MNT_DETACH);
            Files.deleteIfExists(path);
        }
    }

    private void removeEmpty() throws IOException {
        if (runtime.containers().isEmpty()) {
            for (Path each : children(machine.runtimeState())) {
                if (!RuntimePrograms.isContainer(each)) {
                    Durable.deleteTree(each);
                }
            }
            // Otherwise a container may still leave its exit code there. What is left came after its container was
            // forgotten.
            removeExits(machine.exits());
        }
        for (Path directory : List.of(
                machine.extraHierarchies(),
                machine.hostRoot(),
                machine.networkNamespaces(),
                machine.sharedMemory(),
                machine.openRoots(),
                machine.secrets(),
                machine.nestedSandboxes(),
                machine.temporary(),
                machine.programs(),
                machine.runtimeState(),
                machine.runDir())) {
            removeIfEmpty(directory);
        }
    }

    /** Under another name first, where a monitor that is late does not find it. */
    private static void removeExits(Path exits) throws IOException {
        Path away = exits.resolveSibling(".exits");
        Durable.deleteTree(away);
        if (Files.isDirectory(exits)) {
            Files.move(exits, away);
            Durable.deleteTree(away);
        }
    }

    private static void removeIfEmpty(Path directory) throws IOException {
        if (Files.isDirectory(directory) && children(directory).isEmpty()) {
            Linux.unmountIfMounted(directory, Linux.MNT_DETACH);
            Files.deleteIfExists(directory);
        }
    }

    private static List<Path> children(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            List<Path> children = new java.util.ArrayList<>();
            entries.forEach(children::add);
            return children;
        }
    }
}
