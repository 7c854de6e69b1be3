package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.engine.Hook;
import io.paddock.agent.server.containers.engine.Launch;
import io.paddock.agent.server.containers.tools.Mounts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Without an image a container sees the host's files, as in Mesos: the host's root file system, what is mounted on it, and
 * its own {@code /proc} and {@code /dev}. What is mounted below the agent's own directories (roots of other containers)
 * stays out.
 */
final class HostFilesHook implements Hook {
    private final Machine machine;

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
        Devices.mount(config, oci.spec());
        for (Path point : outermost(Mounts.list())) {
            config.mount(point.toString(), "none", point.toString(), List.of("rbind", "rslave"));
        }
    }

    /** The mounts that are not below another one: a recursive bind brings the rest. */
    private List<Path> outermost(List<Mounts.Mount> mounts) {
        List<Path> kept = new ArrayList<>();
        for (Mounts.Mount mount : mounts) {
            Path point = mount.point();
            boolean own = point.startsWith("/proc")
                    || point.startsWith("/dev")
                    || point.startsWith(machine.workDir().resolve("containers"))
                    || point.startsWith("/run/paddock");
            if (point.getNameCount() > 0 && !own && kept.stream().noneMatch(point::startsWith)) {
                kept.removeIf(other -> other.startsWith(point));
                kept.add(point);
            }
        }
        return kept;
    }
}
