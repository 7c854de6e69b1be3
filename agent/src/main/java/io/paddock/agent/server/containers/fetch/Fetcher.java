package io.paddock.agent.server.containers.fetch;

import io.paddock.agent.server.containers.FetchOptions;
import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.agent.server.containers.tools.Durable;
import io.paddock.agent.server.containers.tools.LaunchThreads;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.agent.server.containers.tools.Turns;
import io.paddock.platform.linux.PathBelow;
import io.paddock.proto.v1.CommandInfo;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.SSLContext;

/**
 * Fetches the URIs of a command by the rules of Mesos' fetcher. All of a command are brought at a time, a few of them at once;
 * then they are put in place and unpacked in their order.
 */
public final class Fetcher {
    private static final int OF_EACH_SERVER = 8;
    private static final int OF_ALL_SERVERS = 64;
    private static final long LOOK_MILLIS = 100;

    private final Optional<Path> home;
    private final Download download;
    private final FetchCache cache;
    private final Archives archives;
    private final Turns transfers = new Turns("fetch", OF_EACH_SERVER, OF_ALL_SERVERS);
    private final LongAdder succeeded = new LongAdder();
    private final LongAdder failed = new LongAdder();

    public Fetcher(FetchOptions options, Tools tools) {
        this(
                options.cache(),
                options.cacheBytes(),
                options.home(),
                new Download(options.stall(), tls(), options.hadoop().or(Fetcher::hadoopHome), tools),
                tools);
    }

    Fetcher(Path cacheDirectory, long cacheBytes, Optional<Path> home, Download download, Tools tools) {
        this.home = home;
        this.download = download;
        this.cache = new FetchCache(cacheDirectory, cacheBytes, download);
        this.archives = new Archives(tools);
    }

    private static Optional<Path> hadoopHome() {
        return Optional.ofNullable(System.getenv("HADOOP_HOME")).map(Path::of);
    }

    private static SSLContext tls() {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has a default TLS context", e);
        }
    }

    /**
     * A file on its way.
     *
     * @param target in the sandbox
     * @param arriving has it first
     */
    private record Wanted(CommandInfo.URI uri, Source source, Path target, Path arriving) {}

    /**
     * Where files go to: into a sandbox whose content is a task's, or will be. An archive may have planted links for the next one to
     * follow, and what is around a nested sandbox may do so at any time. So no link is followed, and everything arrives and is
     * unpacked elsewhere first.
     *
     * @param root trusted
     * @param below it, the sandbox
     * @param arrivals a directory of the agent's own on the same disk, which is not there before or after
     * @param user the task's, who must be able to read what is local; empty: the agent's
     */
    public record Destination(Path root, Path below, Path arrivals, Optional<String> user) {}

    /** Puts files into a sandbox, executable or unpacked if so asked. Nothing of a failed one stays. */
    public void fetch(List<CommandInfo.URI> uris, Destination destination, Cancellation cancellation)
            throws IOException {
        if (uris.isEmpty()) {
            return;
        }
        boolean done = false;
        try {
            Durable.createPrivate(destination.arrivals());
            bringAll(uris, destination, cancellation);
            done = true;
        } finally {
            (done ? succeeded : failed).increment();
        }
    }

    /** What Mesos publishes of its fetcher. */
    public Map<String, Number> metrics() {
        return Map.of(
                "containerizer/fetcher/task_fetches_succeeded", succeeded.sum(),
                "containerizer/fetcher/task_fetches_failed", failed.sum(),
                "containerizer/fetcher/cache_size_total_bytes", cache.maxBytes(),
                "containerizer/fetcher/cache_size_used_bytes", cache.usedBytes());
    }

    private void bringAll(List<CommandInfo.URI> uris, Destination destination, Cancellation cancellation)
            throws IOException {
        List<Wanted> all = new ArrayList<>();
        for (CommandInfo.URI uri : uris) {
            all.add(wanted(uri, destination, destination.arrivals().resolve(Integer.toString(all.size()))));
        }
        List<Arrival> arrivals = new ArrayList<>();
        for (Wanted each : all) {
            Arrival arrival = new Arrival(each, cancellation.part());
            arrivals.add(arrival);
            transfers.execute(each.source().server(), arrival);
        }
        try (Closeable deletion = () -> Durable.deleteTree(destination.arrivals());
                Closeable ending = () -> arrivals.forEach(Arrival::end)) {
            for (int i = 0; i < all.size(); i++) {
                Arrival arrival = arrivals.get(i);
                LaunchThreads.await(() -> arrival.await(cancellation));
                place(all.get(i), destination, cancellation);
            }
        }
    }

    /** The transfer of one file, which may have to wait for its turn. */
    private final class Arrival implements Runnable {
        private final Wanted wanted;
        private final Cancellation cancellation;
        private final AtomicBoolean begun = new AtomicBoolean();
        private final CompletableFuture<Void> ended = new CompletableFuture<>();

        private Arrival(Wanted wanted, Cancellation cancellation) {
            this.wanted = wanted;
            this.cancellation = cancellation;
        }

        @Override
        public void run() {
            if (begun.getAndSet(true)) {
                return;
            }
            try {
                bring(wanted, cancellation);
                ended.complete(null);
            } catch (Throwable e) { // also what is no Exception: somebody waits for the file
                ended.completeExceptionally(e);
            }
        }

        private Void await(Cancellation ofAll) throws IOException {
            while (true) {
                ofAll.check();
                try {
                    return ended.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    // Still on its way: look whether the container is still wanted.
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new InterruptedIOException("interrupted while a file was fetched");
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof IOException failure) {
                        throw failure;
                    }
                    throw new IllegalStateException(e.getCause());
                }
            }
        }

        /** Nothing is still written when this returns. */
        private void end() {
            cancellation.cancel();
            if (begun.getAndSet(true)) {
                ended.handle((done, failure) -> done).join();
            }
        }
    }

    private Wanted wanted(CommandInfo.URI uri, Destination destination, Path arriving) throws IOException {
        try {
            Source source = Source.parse(uri.getValue(), home).readBy(destination.user());
            return new Wanted(
                    uri, source, target(uri.hasOutputFile() ? uri.getOutputFile() : source.fileName()), arriving);
        } catch (IllegalArgumentException e) {
            throw new IOException("command.uris: " + e.getMessage(), e);
        }
    }

    private void bring(Wanted wanted, Cancellation cancellation) throws IOException {
        if (wanted.uri().getCache()) {
            cache.copy(wanted.source(), wanted.arriving(), cancellation);
        } else {
            download.get(wanted.source(), wanted.arriving(), false, cancellation);
        }
    }

    private void place(Wanted wanted, Destination destination, Cancellation cancellation) throws IOException {
        Path arrived = wanted.arriving();
        Path name = wanted.target().getFileName();
        Path unpacked = Files.createDirectory(arrived.resolveSibling(arrived.getFileName() + "-unpacked"));
        if (wanted.uri().getExecutable()) {
            Set<PosixFilePermission> permissions = new HashSet<>(Files.getPosixFilePermissions(arrived));
            permissions.addAll(Set.of(
                    PosixFilePermission.OWNER_EXECUTE,
                    PosixFilePermission.GROUP_EXECUTE,
                    PosixFilePermission.OTHERS_EXECUTE));
            Files.setPosixFilePermissions(arrived, permissions);
        } else if (wanted.uri().getExtract()) {
            try {
                archives.unpack(arrived, name.toString(), unpacked, cancellation);
            } catch (IOException e) {
                throw new IOException("cannot extract " + wanted.source() + ": " + e.getMessage(), e);
            }
        }
        Path directory = destination
                .root()
                .resolve(destination.below())
                .resolve(wanted.target())
                .getParent();
        try (PathBelow into =
                PathBelow.open(destination.root(), destination.root().relativize(directory))) {
            PathBelow.naming(() -> Files.move(arrived, into.file().resolve(name), StandardCopyOption.REPLACE_EXISTING));
            moveAll(unpacked, into);
        } catch (IOException e) {
            throw new IOException("cannot put " + wanted.source() + " into the sandbox: " + e.getMessage(), e);
        }
    }

    /** What is there is replaced, except that directories keep what else is in them. */
    private static void moveAll(Path from, PathBelow into) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(from)) {
            for (Path entry : entries) {
                Path target = into.file().resolve(entry.getFileName());
                boolean isDirectory = Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS);
                if (isDirectory && Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
                    Durable.makeWritable(entry);
                    try (PathBelow inner = into.directory(entry.getFileName().toString())) {
                        moveAll(entry, inner);
                    }
                } else if (isDirectory) {
                    PathBelow.naming(() -> moveDirectory(entry, target));
                } else {
                    PathBelow.naming(() -> Files.move(entry, target, StandardCopyOption.REPLACE_EXISTING));
                }
            }
        }
    }

    /** Only root may move one that its owner may not write into. */
    private static void moveDirectory(Path from, Path to) throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(from);
        boolean changed = Durable.makeWritable(from);
        Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        if (changed) {
            Files.setPosixFilePermissions(to, permissions);
        }
    }

    private static Path target(String name) {
        Path target = Path.of(name).normalize();
        if (target.isAbsolute() || target.startsWith("..") || target.toString().isEmpty()) {
            throw new IllegalArgumentException("output_file " + name + " leads out of the sandbox");
        }
        return target;
    }
}
