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
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
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
        shell("tar -czf a.tar.gz in; tar -cJf a.txz in; gzip -k -c in/file > plain.gz; cp a.tar.gz not-an-archive");
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
        fetcher = new Fetcher(
                directory.resolve("cache"), 300, Optional.of(archives), Duration.ofMillis(500), new Tools(timers));
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

    private void fetch(CommandInfo.URI.Builder uri) throws IOException {
        fetcher.fetch(uri.build(), sandbox, new Cancellation());
    }

    @Test
    void unpacksArchivesByTheirNames() throws Exception {
        for (String archive : new String[] {
            url("/files/a.tar.gz"), archives.resolve("a.txz").toString(), "file://" + archives + "/a.tar.gz"
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
        assertThatThrownBy(() -> fetch(uri("s3://bucket/file"))).hasMessageContaining("hadoop is not installed");
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
    void stopsWhenItIsNoLongerWanted() {
        Cancellation cancellation = new Cancellation();
        timers.schedule(cancellation::cancel, 100, TimeUnit.MILLISECONDS);
        assertThatThrownBy(() -> fetcher.fetch(uri(url("/stalls")).build(), sandbox, cancellation))
                .isInstanceOf(CancellationException.class);
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
}
