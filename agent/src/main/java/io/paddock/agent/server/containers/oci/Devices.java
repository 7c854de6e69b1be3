package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.ContainerSpec;
import java.util.List;

/** A container's own {@code /proc} and {@code /dev}; the runtime adds the usual devices (null, zero, random, tty, …). */
final class Devices {
    private static final long DEFAULT_SHM_MEGABYTES = 64;

    private Devices() {}

    static void mount(OciConfig config, ContainerSpec spec) {
        long shm = spec.container()
                .filter(container -> container.getLinuxInfo().hasShmSize())
                .map(container -> (long) container.getLinuxInfo().getShmSize())
                .orElse(DEFAULT_SHM_MEGABYTES);
        config.mount("/proc", "proc", "proc", List.of());
        config.mount("/dev", "tmpfs", "tmpfs", List.of("nosuid", "strictatime", "mode=755", "size=65536k"));
        config.mount(
                "/dev/pts",
                "devpts",
                "devpts",
                List.of("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"));
        config.mount(
                "/dev/shm", "tmpfs", "shm", List.of("nosuid", "noexec", "nodev", "mode=1777", "size=" + shm + "m"));
        config.mount("/dev/mqueue", "mqueue", "mqueue", List.of("nosuid", "noexec", "nodev"));
    }
}
