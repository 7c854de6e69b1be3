package io.paddock.executor.checks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.paddock.executor.core.CheckKind;
import io.paddock.executor.core.CheckOutcome;
import io.paddock.executor.core.ExecutorEffect.RunCheck;
import io.paddock.executor.core.Probe;
import io.paddock.proto.v1.CommandInfo;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real servers on the loopback. */
class CheckRunnerTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final CheckRunner RUNNER = new CheckRunner();
    private static final ExecutorService handlers = Executors.newFixedThreadPool(4);
    private static final CheckSite HOST = site((command, timeout) -> {
        throw new IllegalStateException("no commands in this test");
    });
    private static HttpServer server;

    @BeforeAll
    static void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/ok", exchange -> answer(exchange, 200));
        server.createContext("/broken", exchange -> answer(exchange, 503));
        server.createContext("/moved", exchange -> {
            exchange.getResponseHeaders().add("Location", "ok?from=moved");
            answer(exchange, 302);
        });
        server.createContext("/named", exchange -> {
            exchange.getResponseHeaders()
                    .add("Location", "http://localhost:" + server.getAddress().getPort() + "/ok");
            answer(exchange, 307);
        });
        server.createContext("/round", exchange -> {
            exchange.getResponseHeaders().add("Location", "/round");
            answer(exchange, 301);
        });
        server.createContext("/silent", exchange -> {});
        server.setExecutor(handlers);
        server.start();
    }

    @AfterAll
    static void stop() {
        server.stop(0);
        handlers.shutdownNow();
        RUNNER.close();
    }

    @Test
    void answersTheStatusOfAPage() {
        assertThat(get("/ok")).isEqualTo(new CheckOutcome.HttpAnswered(200));
        assertThat(get("/broken")).isEqualTo(new CheckOutcome.HttpAnswered(503));
        assertThat(get("/missing?a=b")).isEqualTo(new CheckOutcome.HttpAnswered(404));
    }

    @Test
    void followsRedirectsButNotForEver() {
        assertThat(get("/moved")).isEqualTo(new CheckOutcome.HttpAnswered(200));
        assertThat(get("/round")).isEqualTo(new CheckOutcome.Unanswered("more than 20 redirects"));
    }

    @Test
    void aServerThatDoesNotAnswerInTimeIsUnanswered() {
        Probe.Http probe = new Probe.Http("http", server.getAddress().getPort(), "/silent", false);
        assertThat(run(probe, Duration.ofMillis(300))).isEqualTo(new CheckOutcome.Unanswered("no answer within 0.3 s"));
    }

    @Test
    void aBadPathOrAClosedPortIsUnanswered() throws IOException {
        assertThat(get("/a b")).isInstanceOf(CheckOutcome.Unanswered.class);
        int closed = closedPort();
        assertThat(run(new Probe.Http("http", closed, "/", false), TIMEOUT))
                .isEqualTo(new CheckOutcome.Unanswered("cannot connect to port " + closed));
        assertThat(run(new Probe.Http("https", server.getAddress().getPort(), "/", false), Duration.ofMillis(300)))
                .as("no TLS there")
                .isInstanceOf(CheckOutcome.Unanswered.class);
    }

    /** Servers that do not behave are no threat: nothing of an answer is kept but its status. */
    @Test
    void aServerThatSpeaksOtherwiseIsUnanswered() throws IOException {
        String endless = "HTTP/1.1 200 OK\r\nX: " + "x".repeat(40_000) + "\r\n\r\n";
        assertThat(said("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"))
                .isEqualTo(new CheckOutcome.HttpAnswered(204));
        assertThat(said("")).isEqualTo(new CheckOutcome.Unanswered("the connection was closed without an answer"));
        assertThat(said("SSH-2.0-OpenSSH_9.2\r\n"))
                .isInstanceOfSatisfying(
                        CheckOutcome.Unanswered.class,
                        outcome -> assertThat(outcome.why()).startsWith("it does not answer in HTTP: "));
        assertThat(said(endless))
                .isInstanceOfSatisfying(
                        CheckOutcome.Unanswered.class,
                        outcome -> assertThat(outcome.why()).contains("HTTP header is larger than 32768 bytes"));
        assertThat(said("https", "HTTP/1.1 400 Bad Request\r\n\r\n" + "x".repeat(1000)))
                .isEqualTo(new CheckOutcome.Unanswered("it does not speak TLS"));
    }

    private static CheckOutcome said(String answer) throws IOException {
        return said("http", answer);
    }

    private static CheckOutcome said(String scheme, String answer) throws IOException {
        try (ServerSocket listening = new ServerSocket(0)) {
            handlers.execute(() -> {
                try (Socket connection = listening.accept()) {
                    connection.getInputStream().read(new byte[1000]);
                    connection.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                    connection.shutdownOutput();
                    connection.getInputStream().transferTo(OutputStream.nullOutputStream());
                } catch (IOException e) {
                    // the check has closed it
                }
            });
            return run(new Probe.Http(scheme, listening.getLocalPort(), "/", false), TIMEOUT);
        }
    }

    @Test
    void aNameARedirectLeadsToIsLookedUp() {
        assertThat(get("/named")).isEqualTo(new CheckOutcome.HttpAnswered(200));
    }

    /** A certificate signed by nobody, for another name. */
    @Test
    void httpsAcceptsAnyCertificate(@TempDir Path directory) throws Exception {
        HttpsServer secure = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        secure.setHttpsConfigurator(new HttpsConfigurator(selfSigned(directory.resolve("keys"))));
        secure.setExecutor(handlers);
        secure.createContext("/", exchange -> answer(exchange, 201));
        secure.start();
        try {
            assertThat(run(new Probe.Http("https", secure.getAddress().getPort(), "/", false), TIMEOUT))
                    .isEqualTo(new CheckOutcome.HttpAnswered(201));
        } finally {
            secure.stop(0);
        }
    }

    private static SSLContext selfSigned(Path file) throws Exception {
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        String arguments = "-genkeypair -alias k -keyalg EC -dname CN=elsewhere.example -storepass changeit -keystore";
        List<String> command = new ArrayList<>(List.of(keytool));
        command.addAll(List.of(arguments.split(" ")));
        command.add(file.toString());
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance(file.toFile(), "changeit".toCharArray());
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, "changeit".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        return context;
    }

    @Test
    void tcpSaysWhetherItCouldConnect() throws IOException {
        assertThat(run(new Probe.Tcp(server.getAddress().getPort(), false), TIMEOUT))
                .isEqualTo(new CheckOutcome.TcpTried(true));
        assertThat(run(new Probe.Tcp(closedPort(), false), TIMEOUT)).isEqualTo(new CheckOutcome.TcpTried(false));
    }

    @Test
    void commandsGoToTheAgent() {
        List<String> asked = new ArrayList<>();
        CheckSite container = site((command, timeout) -> {
            asked.add(command.getValue() + " within " + timeout);
            return CompletableFuture.completedFuture(7);
        });
        Probe probe = new Probe.Command(
                CommandInfo.newBuilder().setValue("test -f up").build());
        assertThat(join(RUNNER.run(new RunCheck("t", CheckKind.HEALTH, probe, TIMEOUT), container)))
                .isEqualTo(new CheckOutcome.CommandExited(7));
        assertThat(asked).containsExactly("test -f up within PT5S");
    }

    @Test
    void aCommandThatCannotBeRunIsUnanswered() {
        assertThat(run(new Probe.Command(CommandInfo.getDefaultInstance()), TIMEOUT))
                .isEqualTo(new CheckOutcome.Unanswered("no commands in this test"));
    }

    /** Five hundred tasks checked at once need no thread each. */
    @Test
    void manyChecksShareAThread() {
        int before = Thread.activeCount();
        List<CompletionStage<CheckOutcome>> outcomes = new ArrayList<>();
        for (int task = 0; task < 500; task++) {
            Probe.Http probe = new Probe.Http("http", server.getAddress().getPort(), "/ok", false);
            outcomes.add(RUNNER.run(new RunCheck("t" + task, CheckKind.HEALTH, probe, Duration.ofSeconds(30)), HOST));
        }
        assertThat(Thread.activeCount() - before).isLessThan(10);
        for (CompletionStage<CheckOutcome> outcome : outcomes) {
            assertThat(join(outcome)).isEqualTo(new CheckOutcome.HttpAnswered(200));
        }
    }

    private static CheckOutcome get(String path) {
        return run(new Probe.Http("http", server.getAddress().getPort(), path, false), TIMEOUT);
    }

    private static CheckOutcome run(Probe probe, Duration timeout) {
        return join(RUNNER.run(new RunCheck("t", CheckKind.HEALTH, probe, timeout), HOST));
    }

    private interface Commands {
        CompletionStage<Integer> run(CommandInfo command, Duration timeout);
    }

    /** A place in the network of the test. */
    private static CheckSite site(Commands commands) {
        return new CheckSite() {
            @Override
            public Optional<Path> network() {
                return Optional.empty();
            }

            @Override
            public CompletionStage<Integer> run(CommandInfo command, Duration timeout) {
                return commands.run(command, timeout);
            }
        };
    }

    private static CheckOutcome join(CompletionStage<CheckOutcome> outcome) {
        return outcome.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
    }

    private static int closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static void answer(HttpExchange exchange, int status) throws IOException {
        exchange.sendResponseHeaders(status, -1);
        exchange.close();
    }
}
