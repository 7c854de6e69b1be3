package io.paddock.agent.server.containers.fetch;

import io.paddock.agent.server.containers.FetchOptions;
import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.proto.v1.CommandInfo;
import java.io.IOException;
import java.nio.file.Files;
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
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.SSLContext;

/**
 * Fetches the URIs of a command by the rules of Mesos' fetcher. All of a command are brought at a time, a few of them at once;
 * then they are put in place and unpacked in their order.
 */
public final class Fetcher {
    /** Of all containers together. */
    private static final int PARALLEL = 8;

    private final Optional<Path> home;
    private final Download download;
    private final FetchCache cache;
    private final Archives archives;
    private final Executor transfers;
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
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(PARALLEL, PARALLEL, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "fetch");
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        this.transfers = pool;
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

    /** A file on its way. */
    private record Wanted(CommandInfo.URI uri, Source source, Path target, Path arriving) {}

    /** Puts files into a sandbox, executable or unpacked if so asked. Nothing of a failed one stays. */
    public void fetch(List<CommandInfo.URI> uris, Path sandbox, Cancellation cancellation) throws IOException {
        if (uris.isEmpty()) {
            return;
        }
        boolean done = false;
        try {
            bringAll(uris, sandbox, cancellation);
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

    private void bringAll(List<CommandInfo.URI> uris, Path sandbox, Cancellation cancellation) throws IOException {
        List<Wanted> all = new ArrayList<>();
        for (CommandInfo.URI uri : uris) {
            all.add(wanted(uri, sandbox, all.size()));
        }
        List<CompletableFuture<Void>> arrivals = new ArrayList<>();
        List<Cancellation> parts = new ArrayList<>();
        for (Wanted each : all) {
            Cancellation part = cancellation.part();
            parts.add(part);
            arrivals.add(CompletableFuture.runAsync(() -> bring(each, part), transfers));
        }
        try {
            for (int i = 0; i < all.size(); i++) {
                await(arrivals.get(i));
                place(all.get(i), cancellation);
            }
        } finally {
            // Nothing may still be written into the sandbox when this returns.
            parts.forEach(Cancellation::cancel);
            CompletableFuture.allOf(arrivals.toArray(CompletableFuture[]::new))
                    .handle((done, failure) -> done)
                    .join();
            for (Wanted each : all) {
                Files.deleteIfExists(each.arriving());
            }
        }
    }

    private Wanted wanted(CommandInfo.URI uri, Path sandbox, int number) throws IOException {
        try {
            Source source = Source.parse(uri.getValue(), home);
            Path target = target(sandbox, uri.hasOutputFile() ? uri.getOutputFile() : source.fileName());
            return new Wanted(uri, source, target, target.resolveSibling(".fetching-" + number));
        } catch (IllegalArgumentException e) {
            throw new IOException("command.uris: " + e.getMessage(), e);
        }
    }

    private void bring(Wanted wanted, Cancellation cancellation) {
        try {
            Files.createDirectories(wanted.target().getParent());
            if (wanted.uri().getCache()) {
                cache.copy(wanted.source(), wanted.arriving(), cancellation);
            } else {
                download.get(wanted.source(), wanted.arriving(), false, cancellation);
            }
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    private static void await(CompletableFuture<Void> arrival) throws IOException {
        try {
            arrival.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            if (e.getCause() instanceof CancellationException cancelled) {
                throw cancelled;
            }
            throw e;
        }
    }

    private void place(Wanted wanted, Cancellation cancellation) throws IOException {
        Path target = wanted.target();
        Files.move(wanted.arriving(), target, StandardCopyOption.REPLACE_EXISTING);
        if (wanted.uri().getExecutable()) {
            Set<PosixFilePermission> permissions = new HashSet<>(Files.getPosixFilePermissions(target));
            permissions.addAll(Set.of(
                    PosixFilePermission.OWNER_EXECUTE,
                    PosixFilePermission.GROUP_EXECUTE,
                    PosixFilePermission.OTHERS_EXECUTE));
            Files.setPosixFilePermissions(target, permissions);
        } else if (wanted.uri().getExtract()) {
            try {
                archives.unpack(target, cancellation);
            } catch (IOException e) {
                throw new IOException("cannot extract " + wanted.source() + ": " + e.getMessage(), e);
            }
        }
    }

    private static Path target(Path sandbox, String name) {
        Path target = sandbox.resolve(name).normalize();
        if (!target.startsWith(sandbox) || target.equals(sandbox)) {
            throw new IllegalArgumentException("output_file " + name + " leads out of the sandbox");
        }
        return target;
    }
}
