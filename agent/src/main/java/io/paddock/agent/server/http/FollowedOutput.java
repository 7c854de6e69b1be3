package io.paddock.agent.server.http;

import com.google.protobuf.ByteString;
import io.paddock.platform.linux.PathBelow;
import io.paddock.proto.v1.agent.ProcessIO;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.pekko.NotUsed;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.javadsl.Source;

/**
 * What is appended to a sandbox's stdout and stderr from now on, until the container has ended and all is read. A file that
 * was rotated is read from its beginning. What a terminal showed last comes first, so that a prompt is seen. Looks twelve times a second at most; reads only when the reader takes more.
 */
final class FollowedOutput {
    private static final int CHUNK_BYTES = 16 << 10;
    private static final long PAUSE_MS = 80;
    private static final long SCREEN_BYTES = 4 << 10;

    private final Path outermost;
    private final Path stdout;
    private final Path stderr;
    private final long backBytes;
    private final BooleanSupplier ended;
    private final ProcessStreams streams;

    /**
     * @param outermost that of the outermost container: tasks may put links at what is in it, which are not followed
     * @param below it, the sandbox
     * @param terminal whether a terminal writes here
     */
    FollowedOutput(Path outermost, Path below, boolean terminal, BooleanSupplier ended, ProcessStreams streams) {
        this.backBytes = terminal ? SCREEN_BYTES : 0;
        this.outermost = outermost;
        this.stdout = below.resolve("stdout");
        this.stderr = below.resolve("stderr");
        this.ended = ended;
        this.streams = streams;
    }

    /** How far each file is read; {@code last} once the container had ended before the read. */
    private record Position(long stdout, long stderr, boolean last) {}

    /** @param fromStart what is in the files, too */
    Source<ProcessIO, NotUsed> source(boolean fromStart) {
        long start = fromStart ? 0 : -1;
        return Source.unfoldAsync(
                        new Position(start, start, false),
                        position ->
                                position.last() ? CompletableFuture.completedFuture(Optional.empty()) : next(position))
                .mapConcat(list -> list)
                .via(streams.untilClosed());
    }

    private CompletionStage<Optional<Pair<Position, List<ProcessIO>>>> next(Position from) {
        Pair<Position, List<ProcessIO>> closed =
                Pair.create(new Position(from.stdout(), from.stderr(), true), List.of());
        return streams.supply(() -> read(from), closed).thenCompose(step -> {
            boolean nothing = step.second().isEmpty() && !step.first().last();
            return CompletableFuture.supplyAsync(
                    () -> Optional.of(step),
                    nothing ? CompletableFuture.delayedExecutor(PAUSE_MS, TimeUnit.MILLISECONDS) : Runnable::run);
        });
    }

    private Pair<Position, List<ProcessIO>> read(Position from) {
        boolean over = ended.getAsBoolean();
        List<ProcessIO> found = new ArrayList<>();
        long out = read(stdout, from.stdout(), ProcessIO.Data.Type.STDOUT, found);
        long err = read(stderr, from.stderr(), ProcessIO.Data.Type.STDERR, found);
        return Pair.create(new Position(out, err, over && found.isEmpty()), found);
    }

    private long read(Path file, long from, ProcessIO.Data.Type type, List<ProcessIO> found) {
        try (PathBelow opened = PathBelow.find(outermost, file);
                FileChannel channel = opened.read()) {
            long size = channel.size();
            if (from < 0) {
                return Math.max(0, size - backBytes);
            }
            long start = size < from ? 0 : from;
            ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, size - start));
            int n = channel.read(buffer, start);
            if (n <= 0) {
                return start;
            }
            found.add(OutputFormat.data(type, ByteString.copyFrom(buffer.array(), 0, n)));
            return start + n;
        } catch (IOException e) {
            // not there yet, rotated or collected just now, or something else in its place
            return Math.max(from, 0);
        }
    }
}
