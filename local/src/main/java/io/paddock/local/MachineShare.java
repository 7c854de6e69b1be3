package io.paddock.local;

import io.paddock.common.resources.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Several agents on one machine share what it has, so that together they offer it once. */
final class MachineShare {
    private static final long FIRST_PORT = 31_000;
    private static final long LAST_PORT = 32_000;
    private static final long KEPT_MEMORY_MB = 1024;
    private static final long KEPT_DISK_MB = 5 * 1024;

    private MachineShare() {}

    /**
     * The resources of one of several agents, as a flag value; a single one is left to detect what is not given.
     *
     * @param given what was asked for each agent, possibly empty
     * @param index which agent, from 0
     * @param directory where the sandboxes lie, existing or not
     */
    static String of(String given, int index, int agents, Path directory) {
        if (agents == 1) {
            return given;
        }
        long memory = ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                        .getTotalMemorySize()
                >> 20;
        long ports = (LAST_PORT - FIRST_PORT + 1) / agents;
        long firstPort = FIRST_PORT + index * ports;
        Map<String, String> shares = new LinkedHashMap<>();
        shares.put(
                "cpus",
                String.format(Locale.ROOT, "%.3f", (double) Runtime.getRuntime().availableProcessors() / agents));
        shares.put("mem", Long.toString(kept(memory, KEPT_MEMORY_MB) / agents));
        shares.put("disk", Long.toString(kept(diskMegabytes(directory), KEPT_DISK_MB) / agents));
        shares.put("ports", "[" + firstPort + "-" + (firstPort + ports - 1) + "]");
        Resources asked = Resources.parse(given);
        StringBuilder all = new StringBuilder(given);
        shares.forEach((name, share) -> {
            if (asked.amounts().keySet().stream().noneMatch(key -> key.name().equals(name))) {
                all.append(';').append(name).append(':').append(share);
            }
        });
        return all.toString();
    }

    /** All but a reserve, or half where there is little. */
    private static long kept(long total, long reserve) {
        return total >= 2 * reserve ? total - reserve : total / 2;
    }

    private static long diskMegabytes(Path directory) {
        try {
            return Files.getFileStore(Files.createDirectories(directory)).getTotalSpace() >> 20;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
