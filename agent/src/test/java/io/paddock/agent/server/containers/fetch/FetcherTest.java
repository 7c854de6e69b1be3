package io.paddock.agent.server.containers.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.proto.v1.CommandInfo;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.net.ssl.SSLContext;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FetcherTest {
    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    private final ExecutorService answering = Executors.newCachedThreadPool();
    private final AtomicInteger requests = new AtomicInteger();

    @TempDir
    Path directory;

    private Path sandbox;
    private Path archives;
    private HttpServer server;
    private Fetcher fetcher;

    @BeforeEach
    void open() throws Exception {
        sandbox = Files.createDirectories(directory.resolve("sandbox"));
        archives = Files.createDirectories(directory.resolve("archives"));
        Files.writeString(Files.createDirectories(archives.resolve("in")).resolve("file"), "packed");
        shell("tar -czf a.tar.gz in; cp a.tar.gz a.tgz; tar -cJf a.txz in; cp a.txz a.tar.xz; tar -cf a.tar in;"
                + "tar -cjf a.tbz2 in; cp a.tbz2 a.tar.bz2; gzip -k -c in/file > plain.gz; cp a.tar.gz not-an-archive");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archives.resolve("a.zip")))) {
            zip.putNextEntry(new ZipEntry("in/file"));
            zip.write("packed".getBytes(StandardCharsets.UTF_8));
        }
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(answering);
        server.createContext("/moved", exchange -> {
            exchange.getResponseHeaders().add("Location", "/files/a.tar.gz");
            exchange.sendResponseHeaders(302, -1);
            exchange.close();
        });
        server.createContext("/files/", exchange -> {
            requests.incrementAndGet();
            Path file = archives.resolve(exchange.getRequestURI().getPath().substring("/files/".length()));
            if (!Files.exists(file)) {
                exchange.sendResponseHeaders(404, -1);
                exchange.close();
                return;
            }
            exchange.sendResponseHeaders(200, Files.size(file));
            try (OutputStream body = exchange.getResponseBody()) {
                Files.copy(file, body);
            }
        });
        server.createContext("/stalls", exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write("beginning".getBytes(StandardCharsets.UTF_8));
            exchange.getResponseBody().flush();
        });
        server.start();
        fetcher = fetcher(300);
    }

    private Fetcher fetcher(long cacheBytes) throws Exception {
        Tools tools = new Tools(timers);
        Path home = directory.resolve("hadoop");
        return new Fetcher(
                directory.resolve("cache"),
                cacheBytes,
                Optional.of(archives),
                new Download(Duration.ofMillis(500), SSLContext.getDefault(), Optional.of(home), tools),
                tools);
    }

    @AfterEach
    void close() {
        server.stop(0);
        answering.shutdownNow();
        timers.shutdownNow();
    }

    private void shell(String script) throws Exception {
        Process process = new ProcessBuilder("/bin/sh", "-ec", script)
                .directory(archives.toFile())
                .inheritIO()
                .start();
        assertThat(process.waitFor()).isZero();
    }

    private String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    private static CommandInfo.URI.Builder uri(String value) {
        return CommandInfo.URI.newBuilder().setValue(value);
    }

    private Fetcher.Destination destination() {
        return destination(Optional.empty());
    }

    private Fetcher.Destination destination(Optional<String> user) {
        return new Fetcher.Destination(sandbox, Path.of(""), directory.resolve("arrivals"), user);
    }

    private void fetch(CommandInfo.URI.Builder uri) throws IOException {
        fetcher.fetch(List.of(uri.build()), destination(), new Cancellation());
    }

    @Test
    void unpacksArchivesByTheirNames() throws Exception {
        for (String archive : new String[] {
            url("/files/a.tar.gz"),
            archives.resolve("a.txz").toString(),
            "file://" + archives + "/a.tar.gz",
            "a.tar",
            "a.tgz",
            "a.tar.xz",
            "a.tbz2",
            "a.tar.bz2",
            "a.zip"
        }) {
            fetch(uri(archive));
            assertThat(sandbox.resolve("in/file")).hasContent("packed");
            Files.delete(sandbox.resolve("in/file"));
        }
        fetch(uri("plain.gz"));
        assertThat(sandbox.resolve("plain")).hasContent("packed");
        fetch(uri(url("/files/not-an-archive?x=1")));
        assertThat(sandbox.resolve("not-an-archive")).exists();
        assertThat(sandbox.resolve("in/file")).doesNotExist();
        fetch(uri(url("/files/a.tar.gz")).setExtract(false));
        assertThat(sandbox.resolve("in/file")).doesNotExist();
    }

    @Test
    void followsRedirectsAndNamesTheFile() throws Exception {
        fetch(uri(url("/moved")).setOutputFile("deep/er/renamed.tar.gz"));
        assertThat(sandbox.resolve("deep/er/in/file")).hasContent("packed");
        fetch(uri(archives.resolve("in/file").toString()).setExecutable(true));
        assertThat(sandbox.resolve("file").toFile().canExecute()).isTrue();
    }

    @Test
    void saysWhatWentWrong() {
        assertThatThrownBy(() -> fetch(uri(url("/files/nothing"))))
                .hasMessage("cannot fetch " + url("/files/nothing") + ": answered with status 404");
        assertThatThrownBy(() -> fetch(uri("/no/such/file"))).hasMessage("cannot fetch /no/such/file: no such file");
        assertThatThrownBy(() -> fetch(uri("http://127.0.0.1:1/file")))
                .hasMessageStartingWith("cannot fetch http://127.0.0.1:1/file: connection refused");
        assertThatThrownBy(() -> fetch(uri("ftp://no-such-host.invalid/file")))
                .hasMessageStartingWith("cannot fetch ftp://no-such-host.invalid/file: unknown host");
        assertThatThrownBy(() -> fetch(uri("http://user:secret@127.0.0.1:1/file")))
                .hasMessageContaining("user:…@127.0.0.1")
                .hasMessageNotContaining("secret");
        assertThatThrownBy(() -> fetch(uri("plain.gz").setOutputFile("../escaped")))
                .hasMessage("command.uris: output_file ../escaped leads out of the sandbox");
        assertThatThrownBy(() -> fetch(uri(url("/")))).hasMessageContaining("no file name");
        assertThatThrownBy(() -> fetch(uri(url("/stalls")))).hasMessageContaining("no progress for");
        assertThat(sandbox).isEmptyDirectory();
    }

    @Test
    void namesTheClientsThatAreNotInstalled() {
        Assumptions.assumeTrue(
                Tools.find("aws").isEmpty() && Tools.find("hadoop").isEmpty(), "aws or hadoop is installed");
        assertThatThrownBy(() -> fetch(uri("s3://bucket/file")))
                .hasMessageContaining("neither aws nor hadoop is installed");
    }

    @Test
    void namesTheArchiveThatCannotBeExtracted() throws Exception {
        Files.writeString(archives.resolve("broken.tar.gz"), "no archive");
        assertThatThrownBy(() -> fetch(uri(url("/files/broken.tar.gz"))))
                .hasMessageStartingWith("cannot extract " + url("/files/broken.tar.gz") + ": ");
    }

    /** Of the agent's own user, who is not root everywhere. */
    @Test
    void directoriesThatMayNotBeWrittenToAreUnpacked() throws Exception {
        shell("mkdir -p locked/in; echo x > locked/in/file; chmod 555 locked/in locked; tar -cf locked.tar locked;"
                + "chmod -R u+w locked");
        fetch(uri(archives.resolve("locked.tar").toString()));
        assertThat(sandbox.resolve("locked/in/file")).hasContent("x");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(sandbox.resolve("locked"))))
                .isEqualTo("r-xr-xr-x");
        assertThat(directory.resolve("arrivals")).doesNotExist();
    }

    /** Also what root has fetched into the cache before. */
    @Test
    void localFilesAreReadWithThePermissionsOfTheTasksUser() throws Exception {
        Assumptions.assumeTrue(System.getProperty("user.name").equals("root"), "only root reads for others");
        shell("chmod 755 .. .; echo x > secret; chmod 600 secret; echo y > public; chmod 755 public");
        Path secret = archives.resolve("secret");
        CommandInfo.URI.Builder cached = uri(secret.toString()).setCache(true);
        fetch(cached);
        assertThat(sandbox.resolve("secret")).hasContent("x");
        Files.delete(sandbox.resolve("secret"));
        for (CommandInfo.URI.Builder each : List.of(uri(secret.toString()), uri("file://" + secret), cached)) {
            assertThatThrownBy(() -> fetcher.fetch(
                            List.of(each.build()), destination(Optional.of("nobody")), new Cancellation()))
                    .hasMessageEndingWith("secret: Cannot open: Permission denied");
        }
        CommandInfo.URI unknown = uri(archives.resolve("public").toString()).build();
        assertThatThrownBy(() ->
                        fetcher.fetch(List.of(unknown), destination(Optional.of("no-such-user")), new Cancellation()))
                .hasMessageContaining("this machine has no user no-such-user");
        assertThatThrownBy(() -> fetcher.fetch(
                        List.of(uri(archives + "/none").build()),
                        destination(Optional.of("nobody")),
                        new Cancellation()))
                .hasMessageEndingWith("none: Cannot stat: No such file or directory");
        assertThat(sandbox).isEmptyDirectory();
        fetcher.fetch(List.of(unknown), destination(Optional.of("nobody")), new Cancellation());
        assertThat(sandbox.resolve("public")).hasContent("y").isExecutable();
    }

    @Test
    void stopsWhenItIsNoLongerWanted() {
        Cancellation cancellation = new Cancellation();
        timers.schedule(cancellation::cancel, 100, TimeUnit.MILLISECONDS);
        assertThatThrownBy(() -> fetcher.fetch(List.of(uri(url("/stalls")).build()), destination(), cancellation))
                .isInstanceOf(CancellationException.class);
    }

    /** A server that breaks every answer off after 100 kB, but can be asked for the rest. */
    private void breakingServer(byte[] content, AtomicInteger asked, List<String> ranges) {
        server.createContext("/breaks", exchange -> {
            asked.incrementAndGet();
            String range = exchange.getRequestHeaders().getFirst("Range");
            boolean same = "\"v1\"".equals(exchange.getRequestHeaders().getFirst("If-Range"));
            int from = range == null || !same ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
            ranges.add(String.valueOf(range));
            exchange.getResponseHeaders().add("ETag", "\"v1\"");
            exchange.sendResponseHeaders(from == 0 ? 200 : 206, content.length - from);
            exchange.getResponseBody().write(content, from, Math.min(100_000, content.length - from));
            exchange.getResponseBody().flush();
            exchange.close();
        });
    }

    @Test
    void goesOnWhereATransferBroke() throws Exception {
        byte[] content = new byte[350_000];
        new Random(1).nextBytes(content);
        AtomicInteger asked = new AtomicInteger();
        List<String> ranges = new CopyOnWriteArrayList<>();
        breakingServer(content, asked, ranges);
        fetch(uri(url("/breaks")));
        assertThat(sandbox.resolve("breaks")).hasBinaryContent(content);
        assertThat(ranges).hasSize(4).startsWith("null").doesNotHaveDuplicates();
        try (Stream<Path> left = Files.list(sandbox)) {
            assertThat(left).containsExactly(sandbox.resolve("breaks"));
        }
    }

    @Test
    void whatIsToBeCachedIsTakenUpAfterARestart() throws Exception {
        fetcher = fetcher(1 << 20);
        byte[] content = new byte[350_000];
        new Random(1).nextBytes(content);
        List<String> ranges = new CopyOnWriteArrayList<>();
        breakingServer(content, new AtomicInteger(), ranges);
        Cancellation cancellation = new Cancellation();
        CompletableFuture.runAsync(() -> {
            Awaitility.await().until(() -> ranges.size() == 2);
            cancellation.cancel();
        });
        CommandInfo.URI uri = uri(url("/breaks")).setCache(true).build();
        assertThatThrownBy(() -> fetcher.fetch(List.of(uri), destination(), cancellation))
                .isInstanceOf(CancellationException.class);
        ranges.clear();
        fetcher = fetcher(1 << 20);
        fetcher.fetch(List.of(uri), destination(), new Cancellation());
        assertThat(sandbox.resolve("breaks")).hasBinaryContent(content);
        assertThat(ranges.get(0)).startsWith("bytes=");
    }

    @Test
    void severalAreBroughtAtOnceAndPlacedInOrder() throws Exception {
        CountDownLatch all = new CountDownLatch(3);
        server.createContext("/together/", exchange -> {
            all.countDown();
            await(all);
            byte[] name = exchange.getRequestURI().getPath().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, name.length);
            exchange.getResponseBody().write(name);
            exchange.close();
        });
        List<CommandInfo.URI> uris = Stream.of("a", "b", "c")
                .map(name -> uri(url("/together/" + name)).setOutputFile("same").build())
                .toList();
        fetcher.fetch(uris, destination(), new Cancellation());
        assertThat(sandbox.resolve("same")).hasContent("/together/c");
        List<CommandInfo.URI> oneFails =
                List.of(uri(url("/files/nothing")).build(), uri(url("/stalls")).build());
        assertThatThrownBy(() -> fetcher.fetch(oneFails, destination(), new Cancellation()))
                .hasMessageContaining("status 404");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Stand-ins of the same names: what matters is how they are called, and what becomes of their words. */
    @Test
    void storageSystemsAreAskedByTheirClients() throws Exception {
        Path bin = Files.createDirectories(directory.resolve("hadoop/bin"));
        Files.writeString(
                bin.resolve("hadoop"),
                "#!/bin/sh\n[ \"$1 $2\" = 'fs -copyToLocal' ] && [ \"$3\" != hdfs://h/none ] && echo \"$3\" > \"$4\""
                        + " || { echo 'No such file or directory' >&2; exit 1; }\n");
        Files.writeString(
                bin.resolve("aws"),
                "#!/bin/sh\n[ \"$1 $2 $3\" = 's3 cp --only-show-errors' ] && echo aws \"$4\" > \"$5\"\n");
        for (String name : List.of("hadoop", "aws")) {
            assertThat(bin.resolve(name).toFile().setExecutable(true)).isTrue();
        }
        fetch(uri("hdfs://h/dir/file"));
        assertThat(sandbox.resolve("file")).hasContent("hdfs://h/dir/file");
        fetch(uri("s3://bucket/key"));
        assertThat(sandbox.resolve("key")).hasContent("aws s3://bucket/key");
        fetch(uri("s3n://bucket/old"));
        assertThat(sandbox.resolve("old")).hasContent("s3n://bucket/old");
        assertThatThrownBy(() -> fetch(uri("hdfs://h/none")))
                .hasMessageContaining("cannot fetch hdfs://h/none")
                .hasMessageContaining("No such file or directory");
    }

    @Test
    void keepsWhatIsToBeCachedWithinTheSize() throws Exception {
        fetch(uri(url("/files/a.tar.gz")).setCache(true));
        fetch(uri(url("/files/a.tar.gz")).setCache(true));
        assertThat(requests).hasValue(1);
        assertThat(sandbox.resolve("in/file")).hasContent("packed");
        fetch(uri(url("/files/a.txz")).setCache(true));
        fetch(uri(url("/files/plain.gz")).setCache(true));
        fetch(uri(url("/files/not-an-archive")).setCache(true));
        try (Stream<Path> cached = Files.list(directory.resolve("cache"))) {
            assertThat(cached.mapToLong(file -> file.toFile().length()).sum()).isLessThanOrEqualTo(300);
        }
    }

    @Test
    void whatIsLargerThanTheCacheLeavesItAsItIs() throws Exception {
        fetch(uri(url("/files/a.tar.gz")).setCache(true));
        Files.write(archives.resolve("large"), new byte[301]);
        fetch(uri(url("/files/large")).setCache(true));
        assertThat(sandbox.resolve("large")).hasSize(301);
        fetch(uri(url("/files/a.tar.gz")).setCache(true));
        assertThat(requests).hasValue(2);
    }
}
