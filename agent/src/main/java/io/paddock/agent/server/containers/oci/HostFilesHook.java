package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.engine.Hook;
import io.paddock.agent.server.containers.engine.Launch;
import io.paddock.agent.server.containers.tools.Mounts;
import io.paddock.platform.linux.MountWatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Without an image a container sees the host's files, as in Mesos: the host's root file system, what is mounted on it, and
 * its own {@code /proc} and {@code /dev}. What is mounted below the agent's own directories (roots of other containers)
 * stays out.
 */
final class HostFilesHook implements Hook {
    private final Machine machine;
    private final Object reading = new Object();
    private @Nullable MountWatch watch;
    private List<Path> lasting = List.of();

    HostFilesHook(Machine machine) {
        this.machine = machine;
    }

    @Override
    public String name() {
        return "rootfs";
    }

    @Override
    public void prepare(Launch launch) throws IOException {
        OciLaunch oci = (OciLaunch) launch;
        if (!oci.hasProcess() || oci.image() != null) {
            return;
        }
        OciConfig config = oci.config();
        config.rootfs(machine.hostRoot());
        Devices.mount(config);
        for (Path point : points()) {
            config.mount(point.toString(), "none", point.toString(), List.of("rbind", "rslave"));
        }
    }

    /** Read anew only after a change: there are as many mounts as containers with images. */
    private List<Path> points() throws IOException {
        synchronized (reading) {
            boolean first = watch == null;
            if (first) {
                watch = MountWatch.open();
            }
            if (watch.changed() || first) {
                lasting = outermost(Mounts.list());
            }
            return lasting;
        }
    }

    /**
     * The mounts that are not below another one: a recursive bind brings the rest. Only those that stay: what other programs
     * mount for a moment may be gone when the container is created, and would make it fail.
     */
    private List<Path> outermost(List<Mounts.Mount> mounts) {
        List<Path> kept = new ArrayList<>();
        for (Mounts.Mount mount : mounts) {
            Path point = mount.point();
            boolean wanted = machine.workDir().startsWith(point) || (lasting(mount) && !own(point));
            if (point.getNameCount() > 0 && wanted && kept.stream().noneMatch(point::startsWith)) {
                kept.removeIf(other -> other.startsWith(point));
                kept.add(point);
            }
        }
        return kept;
    }

    private boolean own(Path point) {
        return point.startsWith("/proc")
                || point.startsWith("/dev")
                || point.startsWith(machine.workDir().resolve("containers"))
                || point.startsWith("/run/paddock");
    }

    private static boolean lasting(Mounts.Mount mount) {
        return !mount.type().equals("overlay")
                && !mount.type().equals("nsfs")
                && !mount.type().startsWith("fuse")
                && (!mount.type().equals("tmpfs") || mount.point().getNameCount() <= 2)
                && !below(mount.point(), "/tmp")
                && !below(mount.point(), "/var/tmp")
                && Files.exists(mount.point());
    }

    private static boolean below(Path point, String directory) {
        return point.startsWith(directory) && !point.equals(Path.of(directory));
    }
}
