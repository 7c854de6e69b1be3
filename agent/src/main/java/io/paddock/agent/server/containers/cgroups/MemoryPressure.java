package io.paddock.agent.server.containers.cgroups;

import io.paddock.platform.linux.EventCounter;
import io.paddock.platform.linux.Linux;
import io.paddock.proto.v1.ResourceStatistics;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How often the kernel found memory short in a v1 group and those below it, by level, since this was opened. A level counts the
 * worse ones too. Takes {@link #DESCRIPTORS} descriptors until it is closed; the kernel does the counting.
 */
public final class MemoryPressure implements Closeable {
    public static final int DESCRIPTORS = 3;

    private static final List<String> LEVELS = List.of("low", "medium", "critical");

    private final List<EventCounter> counters = new ArrayList<>();

    private MemoryPressure() {}

    static MemoryPressure open(Path memory) throws IOException {
        MemoryPressure pressure = new MemoryPressure();
        try {
            Path file = memory.resolve("memory.pressure_level");
            int source = Linux.open(file);
            try {
                for (String level : LEVELS) {
                    EventCounter counter = EventCounter.open();
                    pressure.counters.add(counter);
                    register(memory.resolve("cgroup.event_control"), counter.descriptor() + " " + source + " " + level);
                }
            } finally {
                Linux.close(source);
            }
            return pressure;
        } catch (IOException e) {
            pressure.close();
            throw e;
        }
    }

    /** Kernels before 4.13 tell only the lowest group that counts. */
    private static void register(Path control, String request) throws IOException {
        try {
            KernelFiles.write(control, request + ",hierarchy");
        } catch (IOException e) {
            KernelFiles.write(control, request);
        }
    }

    /** Adds the counters; does not block. */
    public void statistics(ResourceStatistics.Builder into) throws IOException {
        into.setMemLowPressureCounter(counters.get(0).count());
        into.setMemMediumPressureCounter(counters.get(1).count());
        into.setMemCriticalPressureCounter(counters.get(2).count());
    }

    @Override
    public void close() {
        counters.forEach(EventCounter::close);
    }
}
