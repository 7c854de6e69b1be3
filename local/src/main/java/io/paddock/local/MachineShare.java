package io.paddock.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Several agents on one machine share what it has, so that together they offer it once. */
final class MachineShare {
    private static final long FIRST_PORT = 31_000;
    private static final long LAST_PORT = 32_000;
    private static final long KEPT_MEMORY_MB = 1024;
    private static final long KEPT_DISK_MB = 5 * 1024;

    private MachineShare() {}

    /**
     * The resources of one of several agents, as a flag value; empty (let it detect) for a single one.
     *
     * @param index which agent, from 0
     * @param directory where the sandboxes lie, existing or not
     */
    static String of(int index, int agents, Path directory) {
        if (agents == 1) {
            return "";
        }
        long memory = ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                        .getTotalMemorySize()
                >> 20;
        long ports = (LAST_PORT - FIRST_PORT + 1) / agents;
        long firstPort = FIRST_PORT + index * ports;
        return String.format(
                Locale.ROOT,
                "cpus:%.3f;mem:%d;disk:%d;ports:[%d-%d]",
                (double) Runtime.getRuntime().availableProcessors() / agents,
                kept(memory, KEPT_MEMORY_MB) / agents,
                kept(diskMegabytes(directory), KEPT_DISK_MB) / agents,
                firstPort,
                firstPort + ports - 1);
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
