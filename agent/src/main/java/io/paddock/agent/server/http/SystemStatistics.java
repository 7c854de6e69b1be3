package io.paddock.agent.server.http;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code /system/stats.json}. */
final class SystemStatistics {
    private SystemStatistics() {}

    static Map<String, Number> read() {
        Map<String, Number> stats = new LinkedHashMap<>();
        double[] load = load();
        stats.put("avg_load_1min", load[0]);
        stats.put("avg_load_5min", load[1]);
        stats.put("avg_load_15min", load[2]);
        stats.put("cpus_total", Runtime.getRuntime().availableProcessors());
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean os) {
            stats.put("mem_total_bytes", os.getTotalMemorySize());
            stats.put("mem_free_bytes", os.getFreeMemorySize());
        }
        return stats;
    }

    private static double[] load() {
        try {
            String[] parts = Files.readString(Path.of("/proc/loadavg")).split(" ");
            return new double[] {
                Double.parseDouble(parts[0]), Double.parseDouble(parts[1]), Double.parseDouble(parts[2])
            };
        } catch (IOException e) {
            double now = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
            return new double[] {now, now, now};
        }
    }
}
