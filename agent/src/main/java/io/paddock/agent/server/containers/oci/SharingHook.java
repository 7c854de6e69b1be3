package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.ContainerIds;
import io.paddock.agent.server.containers.ContainerPolicy;
import io.paddock.agent.server.containers.engine.ContainerRecord;
import io.paddock.agent.server.containers.engine.Hook;
import io.paddock.agent.server.containers.engine.Launch;
import io.paddock.agent.server.containers.tools.Durable;
import io.paddock.agent.server.containers.tools.Mounts;
import io.paddock.agent.server.containers.tools.Processes;
import io.paddock.agent.server.containers.tools.ToolCall;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.platform.linux.Linux;
import io.paddock.platform.linux.MountNamespaces;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.LinuxInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What of processes and shared memory a container has for itself. A container nested in another one shares that one's shared
 * memory unless it asks for its own; its parent may have no process to hold it, so that it is held by mounts, made for the
 * first that asks and freed with the parent.
 */
final class SharingHook implements Hook {
    private static final String NAMESPACE = "namespace";
    private static final String MEMORY = "shm";
    private static final String PROCESSES = "processes";
    /** Environment variable of a holder of processes: the directory of what its container shares. */
    private static final String HOLDS = "PADDOCK_HOLDS";
    /**
     * A namespace of processes lives as long as its first one, which here only sleeps and, since it ignores the end of its
     * children, leaves no zombies. unshare(1) would wait for it and is not needed any more once it has mounted the namespace.
     */
    private static final String HOLD = """
            setsid unshare --pid="$1" --fork /bin/sh -c 'trap "" CHLD; exec env -i "$@"' holder \
              PADDOCK_HOLDS="$2" sleep infinity </dev/null >/dev/null 2>&1 &
            until grep -qF " $1 " /proc/self/mounts; do
              kill -0 $! || exit 1
              sleep 0.01
            done
            kill -9 $!
            """;

    private final Machine machine;
    private final ContainerPolicy policy;
    private final Tools tools;
    private final Object making = new Object();

    SharingHook(Machine machine, ContainerPolicy policy, Tools tools) {
        this.machine = machine;
        this.policy = policy;
        this.tools = tools;
    }

    @Override
    public String name() {
        return "sharing";
    }

    @Override
    public void prepare(Launch launch) throws IOException {
        OciLaunch oci = (OciLaunch) launch;
        if (!oci.hasProcess()) {
            return;
        }
        LinuxInfo linux =
                oci.spec().container().map(ContainerInfo::getLinuxInfo).orElse(LinuxInfo.getDefaultInstance());
        if (linux.getSharePidNamespace()) {
            shareProcesses(oci);
        }
        shareMemory(oci, linux);
    }

    private void shareProcesses(OciLaunch oci) throws IOException {
        ContainerID id = oci.spec().id();
        if (!id.hasParent()) {
            if (!policy.hostPids()) {
                throw new IOException(
                        "container.linux_info.share_pid_namespace: the agent does not share its own processes");
            }
            oci.config().shareNamespace("pid");
            return;
        }
        Path parent = parent(oci);
        Optional<Processes.Identity> process = parentProcess(oci);
        if (process.isPresent()) {
            oci.config().joinNamespace("pid", namespaceOf(process.get(), "pid"));
            return;
        }
        Path held = machine.sharedMemory().resolve(parent.getFileName());
        synchronized (making) {
            Durable.createPrivate(held);
            holdProcesses(held);
        }
        oci.config().joinNamespace("pid", held.resolve(PROCESSES));
    }

    private void holdProcesses(Path held) throws IOException {
        Path namespace = held.resolve(PROCESSES);
        if (!Mounts.mounted(namespace)) {
            if (!Files.exists(namespace)) {
                Files.createFile(namespace);
            }
            tools.run(ToolCall.of("/bin/sh", "-c", HOLD, "hold", namespace.toString(), held.toString()));
        }
    }

    private static Path parent(OciLaunch oci) {
        return oci.record()
                .directory()
                .resolveSibling(ContainerIds.text(oci.spec().id().getParent()));
    }

    /** The first process of the container it is nested in; empty if that has none. */
    private static Optional<Processes.Identity> parentProcess(OciLaunch oci) throws IOException {
        return oci.record()
                .sibling(ContainerIds.text(oci.spec().id().getParent()))
                .started()
                .map(ContainerRecord.Started::process)
                .filter(process -> process.pid() > 0);
    }

    private static Path namespaceOf(Processes.Identity process, String type) throws IOException {
        Path namespace = Path.of("/proc", Long.toString(process.pid()), "ns", type);
        requireRunning(process);
        return namespace;
    }

    /** Its id may be that of another process by now: it can have ended since the launch began. */
    private static void requireRunning(Processes.Identity process) throws IOException {
        if (!process.runs()) {
            throw new IOException("the container it is nested in has ended");
        }
    }

    private void shareMemory(OciLaunch oci, LinuxInfo linux) throws IOException {
        boolean nested = oci.spec().id().hasParent();
        boolean shares = linux.getIpcMode() == LinuxInfo.IpcMode.SHARE_PARENT
                || (nested && linux.getIpcMode() == LinuxInfo.IpcMode.UNKNOWN && !linux.hasShmSize());
        if (shares && linux.hasShmSize()) {
            throw new IOException(
                    "container.linux_info.shm_size: a container that shares memory has no size of its own");
        }
        OciConfig config = oci.config();
        if (!shares) {
            ownMemory(config, linux.hasShmSize() ? linux.getShmSize() : policy.shmMegabytes());
        } else if (nested) {
            shareWithParent(oci);
        } else if (policy.hostIpc()) {
            config.shareNamespace("ipc");
            config.bind(Path.of("/dev/shm"), "/dev/shm", false);
        } else {
            throw new IOException(
                    "container.linux_info.ipc_mode SHARE_PARENT: the agent does not share its own memory");
        }
        if (config.hasOwnNamespace("ipc") || oci.firstUserId() == 0) {
            config.mount("/dev/mqueue", "mqueue", "mqueue", List.of("nosuid", "noexec", "nodev"));
        }
    }

    private static void ownMemory(OciConfig config, long megabytes) {
        config.mount(
                "/dev/shm",
                "tmpfs",
                "shm",
                List.of("nosuid", "noexec", "nodev", "mode=1777", "size=" + megabytes + "m"));
    }

    private void shareWithParent(OciLaunch oci) throws IOException {
        OciConfig config = oci.config();
        Path parent = parent(oci);
        Optional<Processes.Identity> process = parentProcess(oci);
        Path held = machine.sharedMemory().resolve(parent.getFileName());
        synchronized (making) {
            Durable.createPrivate(held);
            if (process.isEmpty()) {
                make(held);
            } else if (!show(process.get(), held.resolve(MEMORY))) {
                ownMemory(config, policy.shmMegabytes());
                config.joinNamespace("ipc", namespaceOf(process.get(), "ipc"));
                return;
            }
        }
        config.joinNamespace("ipc", process.isPresent() ? namespaceOf(process.get(), "ipc") : held.resolve(NAMESPACE));
        config.bind(held.resolve(MEMORY), "/dev/shm", false);
    }

    /** What its parent sees; false where the kernel cannot. */
    private static boolean show(Processes.Identity process, Path memory) throws IOException {
        if (Mounts.mounted(memory)) {
            return true;
        }
        Files.createDirectories(memory);
        int namespace = Linux.open(namespaceOf(process, "mnt"));
        try {
            requireRunning(process);
            return MountNamespaces.show(Path.of("/proc/self/fd", Integer.toString(namespace)), "/dev/shm", memory);
        } finally {
            Linux.close(namespace);
        }
    }

    private void make(Path held) throws IOException {
        Path namespace = held.resolve(NAMESPACE);
        if (!Mounts.mounted(namespace)) {
            if (!Files.exists(namespace)) {
                Files.createFile(namespace);
            }
            tools.run(ToolCall.of("unshare", "--ipc=" + namespace, "true"));
        }
        Path memory = held.resolve(MEMORY);
        if (!Mounts.mounted(memory)) {
            Files.createDirectories(memory);
            String options = "mode=1777,size=" + policy.shmMegabytes() + "m";
            Linux.mount("shm", memory, "tmpfs", Linux.MS_NOSUID | Linux.MS_NOEXEC | Linux.MS_NODEV, options);
        }
    }

    @Override
    public void cleanup(ContainerRecord record) throws IOException {
        Path held = machine.sharedMemory().resolve(record.name());
        if (!Files.isDirectory(held)) {
            return;
        }
        if (Files.exists(held.resolve(PROCESSES))) {
            for (long holder : Processes.withVariable(HOLDS, held.toString())) {
                ProcessHandle.of(holder).ifPresent(ProcessHandle::destroyForcibly);
            }
        }
        for (Path each : List.of(held.resolve(NAMESPACE), held.resolve(MEMORY), held.resolve(PROCESSES))) {
            Linux.unmountIfMounted(each, Linux.MNT_DETACH);
        }
        Durable.deleteTree(held);
    }
}
