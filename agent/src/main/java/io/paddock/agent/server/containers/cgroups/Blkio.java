package io.paddock.agent.server.containers.cgroups;

import io.paddock.proto.v1.CgroupInfo;
import io.paddock.proto.v1.CgroupInfo.Blkio.Operation;
import io.paddock.proto.v1.CgroupInfo.Blkio.Throttling;
import io.paddock.proto.v1.Device;
import io.paddock.proto.v1.ResourceStatistics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a group has read and written, per device: of v1 {@code blkio.throttle.*}, which counts whatever the scheduler of the disk
 * is; of v2 {@code io.stat} in the same form. Nothing when nothing was counted.
 */
final class Blkio {
    private static final Map<String, Operation> READS_AND_WRITES =
            Map.of("r", Operation.READ, "w", Operation.WRITE, "d", Operation.DISCARD);

    private final Map<String, Throttling.Statistics.Builder> devices = new TreeMap<>();

    private Blkio() {}

    static void v1(Path group, ResourceStatistics.Builder into) throws IOException {
        Blkio found = new Blkio();
        found.table(group.resolve("blkio.throttle.io_service_bytes"), true);
        found.table(group.resolve("blkio.throttle.io_serviced"), false);
        found.addTo(into);
    }

    static void v2(Path group, ResourceStatistics.Builder into) throws IOException {
        Blkio found = new Blkio();
        for (String[] words : KernelFiles.words(group.resolve("io.stat"))) {
            for (int i = 1; i < words.length; i++) {
                String[] pair = words[i].split("=", 2);
                Operation operation = READS_AND_WRITES.get(pair[0].substring(0, 1));
                if (pair.length == 2 && operation != null && pair[0].matches("[rwd](bytes|ios)")) {
                    found.count(words[0], operation, Long.parseLong(pair[1]), pair[0].endsWith("bytes"));
                }
            }
        }
        found.addTo(into);
    }

    /** Lines such as {@code 8:0 Read 4096}. */
    private void table(Path file, boolean bytes) throws IOException {
        for (String[] words : KernelFiles.words(file)) {
            if (words.length == 3) {
                count(words[0], operation(words[1]), Long.parseLong(words[2]), bytes);
            }
        }
    }

    private static Operation operation(String name) {
        try {
            return Operation.valueOf(name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            return Operation.UNKNOWN;
        }
    }

    private void count(String device, Operation operation, long value, boolean bytes) {
        Throttling.Statistics.Builder statistics =
                devices.computeIfAbsent(device, ignored -> Throttling.Statistics.newBuilder());
        CgroupInfo.Blkio.Value.Builder counted =
                CgroupInfo.Blkio.Value.newBuilder().setOp(operation).setValue(value);
        if (bytes) {
            statistics.addIoServiceBytes(counted);
        } else {
            statistics.addIoServiced(counted);
        }
    }

    private void addTo(ResourceStatistics.Builder into) {
        devices.forEach((device, statistics) -> {
            String[] numbers = device.split(":", -1);
            if (numbers.length == 2) {
                statistics.setDevice(Device.Number.newBuilder()
                        .setMajorNumber(Integer.parseInt(numbers[0]))
                        .setMinorNumber(Integer.parseInt(numbers[1])));
            }
            into.getBlkioStatisticsBuilder().addThrottling(statistics);
        });
    }
}
