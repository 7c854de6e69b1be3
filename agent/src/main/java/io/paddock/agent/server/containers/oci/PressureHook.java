package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.cgroups.Cgroups;
import io.paddock.agent.server.containers.cgroups.MemoryPressure;
import io.paddock.agent.server.containers.engine.ContainerRecord;
import io.paddock.agent.server.containers.engine.Hook;
import io.paddock.agent.server.containers.engine.Launch;
import io.paddock.proto.v1.ResourceStatistics;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts memory pressure, from the launch on as Mesos does: counters that began with the first question would tell nothing of
 * what led to it. The counters are this process's own and nothing depends on them: a new agent counts from 0, and where the
 * kernel refuses, or beyond a quarter of the descriptors this process may have, a container goes without rather than fails.
 */
final class PressureHook implements Hook, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PressureHook.class);

    private final Cgroups cgroups;
    private final Groups groups;
    private final int most;
    private final Map<String, MemoryPressure> counted = new HashMap<>(); // guarded by this, as the next
    private boolean closed;

    /** @param descriptors how many descriptors this process may have */
    PressureHook(Cgroups cgroups, Groups groups, long descriptors) {
        this.cgroups = cgroups;
        this.groups = groups;
        this.most = (int) Math.min(Integer.MAX_VALUE, descriptors / 4 / MemoryPressure.DESCRIPTORS);
    }

    @Override
    public String name() {
        return "pressure";
    }

    @Override
    public void prepare(Launch launch) {
        count(launch.record());
    }

    /** Also of a container that an earlier process launched. */
    synchronized void count(ContainerRecord record) {
        if (closed || counted.containsKey(record.name())) {
            return;
        }
        if (counted.size() >= most) {
            LOG.info("{}: memory pressure is not counted: {} containers are, on the descriptors for it", record, most);
            return;
        }
        try {
            cgroups.pressure(groups.of(record)).ifPresent(pressure -> counted.put(record.name(), pressure));
        } catch (IOException e) {
            // Also that it has ended meanwhile and its group is gone.
            LOG.debug("{}: memory pressure is not counted: {}", record, e.toString());
        }
    }

    void statistics(ContainerRecord record, ResourceStatistics.Builder into) throws IOException {
        Optional<MemoryPressure> found;
        synchronized (this) {
            found = Optional.ofNullable(counted.get(record.name()));
        }
        if (found.isPresent()) {
            found.get().statistics(into);
        }
    }

    @Override
    public synchronized void cleanup(ContainerRecord record) {
        MemoryPressure pressure = counted.remove(record.name());
        if (pressure != null) {
            pressure.close();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        counted.values().forEach(MemoryPressure::close);
        counted.clear();
    }
}
