package io.paddock.master.server.read;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;

/** The machine under {@code /system/stats.json}. */
final class SystemStats {
    private static final Path LOAD = Path.of("/proc/loadavg");

    SortedMap<String, Double> values() {
        SortedMap<String, Double> values = new TreeMap<>();
        double[] load = load();
        values.put("avg_load_1min", load[0]);
        values.put("avg_load_5min", load[1]);
        values.put("avg_load_15min", load[2]);
        values.put("cpus_total", (double) Runtime.getRuntime().availableProcessors());
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
            values.put("mem_total_bytes", (double) system.getTotalMemorySize());
            values.put("mem_free_bytes", (double) system.getFreeMemorySize());
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
