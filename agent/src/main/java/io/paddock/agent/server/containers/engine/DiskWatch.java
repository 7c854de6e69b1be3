package io.paddock.agent.server.containers.engine;

import io.paddock.agent.server.containers.Exit;
import io.paddock.agent.server.containers.Limits;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.Value;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Ends containers whose files, in the sandbox and on top of an image, have outgrown their disk resource. Walks those of bounded
 * containers only, and seldom:
 * it costs a system call per file.
 */
final class DiskWatch {
    private final Duration interval;
    private final Isolation isolation;
    private long last = System.nanoTime();

    DiskWatch(Duration interval, Isolation isolation) {
        this.interval = interval;
        this.isolation = isolation;
    }

    /** Whether it is time for another walk; the answer yes is given once per interval. */
    boolean due() {
        long now = System.nanoTime();
        if (now - last < interval.toNanos()) {
            return false;
        }
        last = now;
        return true;
    }

    void look(Held container) throws IOException {
        long bound = container.spec().limits().diskBytes();
        if (bound == Limits.UNLIMITED) {
            return;
        }
        if (container.record().limitation().isPresent()) {
            // It runs on all the same: killing it failed, or the agent was gone before it did.
            isolation.kill(container.record());
            return;
        }
        long used = container.disk().sandbox().measure();
        for (Path each : isolation.written(container.record())) {
            used += size(each);
        }
        if (used > bound) {
            container.record().limited(limitation(used, bound));
            isolation.kill(container.record());
        }
    }

    private static Exit.Limitation limitation(long used, long bound) {
        double usedMegabytes = used / (double) (1 << 20);
        String message = String.format(
                Locale.ROOT, "Disk usage (%.1f MB) exceeds quota (%.1f MB)", usedMegabytes, bound / (double) (1 << 20));
        Resource disk = Resource.newBuilder()
                .setName("disk")
                .setType(Value.Type.SCALAR)
                .setScalar(Value.Scalar.newBuilder().setValue(usedMegabytes))
                .build();
        return new Exit.Limitation(TaskStatus.Reason.REASON_CONTAINER_LIMITATION_DISK, message, List.of(disk));
    }

    /** What the files below a directory take, in bytes; a system call per file. */
    static long size(Path root) throws IOException {
        long[] sum = new long[1];
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                sum[0] += attributes.size();
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) {
                // Deleted meanwhile.
                return FileVisitResult.CONTINUE;
            }
        });
        return sum[0];
    }
}
