package io.paddock.agent.server.containers.engine;

import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.Limits;
import io.paddock.proto.v1.DiskStatistics;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.ResourceStatistics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a container takes of its disks: of its sandbox, and of each persistent volume. */
final class DiskUse {
    private static final Duration BETWEEN_MEASURES = Duration.ofSeconds(15);

    private final ContainerSpec spec;
    private final Measured sandbox;
    private final Map<Resource, Measured> volumes = new LinkedHashMap<>();

    /** @param place where the sandbox is found, whatever others do */
    DiskUse(ContainerSpec spec, Path place) {
        this.spec = spec;
        this.sandbox = new Measured(place);
        for (ContainerSpec.Mount mount : spec.mounts()) {
            mount.volume().ifPresent(volume -> volumes.put(volume, new Measured(mount.hostPath())));
        }
    }

    Measured sandbox() {
        return sandbox;
    }

    /** Blocks: may measure. */
    void statistics(ResourceStatistics.Builder into) throws IOException {
        long used = sandbox.bytes(BETWEEN_MEASURES);
        into.setDiskUsedBytes(used);
        DiskStatistics.Builder own = into.addDiskStatisticsBuilder().setUsedBytes(used);
        if (spec.limits().diskBytes() != Limits.UNLIMITED) {
            into.setDiskLimitBytes(spec.limits().diskBytes());
            own.setLimitBytes(spec.limits().diskBytes());
        }
        for (Map.Entry<Resource, Measured> volume : volumes.entrySet()) {
            Resource.DiskInfo disk = volume.getKey().getDisk();
            DiskStatistics.Builder statistics = into.addDiskStatisticsBuilder()
                    .setPersistence(disk.getPersistence())
                    .setLimitBytes(Math.round(volume.getKey().getScalar().getValue() * (1 << 20)))
                    .setUsedBytes(volume.getValue().bytes(BETWEEN_MEASURES));
            if (disk.hasSource()) {
                statistics.setSource(disk.getSource());
            }
        }
    }
}
