package io.paddock.platform.metrics;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;

/** Load, processors and memory of the machine, under the names of Mesos. Usable from any thread. */
public final class MachineStats {
    private static final Path LOAD = Path.of("/proc/loadavg");

    private MachineStats() {}

    /** For {@code /system/stats.json}. */
    public static SortedMap<String, Double> stats() {
        return read("", "avg_");
    }

    /** For {@code /metrics/snapshot}. */
    public static SortedMap<String, Double> metrics() {
        return read("system/", "");
    }

    private static SortedMap<String, Double> read(String prefix, String loadPrefix) {
        SortedMap<String, Double> values = new TreeMap<>();
        double[] load = load();
        values.put(prefix + loadPrefix + "load_1min", load[0]);
        values.put(prefix + loadPrefix + "load_5min", load[1]);
        values.put(prefix + loadPrefix + "load_15min", load[2]);
        values.put(prefix + "cpus_total", (double) Runtime.getRuntime().availableProcessors());
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
            values.put(prefix + "mem_total_bytes", (double) system.getTotalMemorySize());
            values.put(prefix + "mem_free_bytes", (double) system.getFreeMemorySize());
        }
        return values;
    }

    private static double[] load() {
        try {
            String[] parts =
                    Files.readString(LOAD, StandardCharsets.US_ASCII).trim().split(" ", 4);
            return new double[] {
                Double.parseDouble(parts[0]), Double.parseDouble(parts[1]), Double.parseDouble(parts[2])
            };
        } catch (IOException e) {
            double one =
                    Math.max(0, ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
            return new double[] {one, one, one};
        }
    }
}
