package io.paddock.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.client.HttpAnswers.HttpAnswer;
import io.paddock.client.testkit.InMemoryMaster;
import io.paddock.proto.v1.scheduler.Call;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
    private static final char[] PASSWORD = "changeit".toCharArray();

    /** A context with a fresh key for 127.0.0.1, which trusts its own certificate. */
    private static SSLContext selfSigned(Path directory) throws Exception {
        Path store = directory.resolve("key.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "master",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=127.0.0.1",
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-keystore",
                        store.toString(),
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        new String(PASSWORD))
                .inheritIO()
                .start();
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD);
        }
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, PASSWORD);
        TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init(keys);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
        return context;
    }

    /** Patient, because a busy machine is slow. */
    private static ConditionFactory eventually() {
        return Awaitility.await().atMost(Duration.ofSeconds(30));
    }

    @Test
    void speaksHttpsToAMasterItTrustsAndToNoOther(@TempDir Path directory) throws Exception {
        SSLContext tls = selfSigned(directory);
        try (InMemoryMaster master = InMemoryMaster.startWithTls(tls)) {
            DriverOptions options = DriverOptions.of("https://" + master.address(), "test");
            List<String> troubles = new CopyOnWriteArrayList<>();
            try (SchedulerDriver trusting = SchedulerDriver.start(
                            options.withConnection(options.connection().withTls(tls)), new Scheduler() {});
                    SchedulerDriver distrustful = SchedulerDriver.start(options, new Scheduler() {
                        @Override
                        public void disconnected(SchedulerDriver driver, String reason, Duration retryAfter) {
                            troubles.add(reason);
                        }
                    })) {
                eventually().until(() -> trusting.frameworkId() != null);
                eventually().until(() -> !troubles.isEmpty());
                assertThat(troubles.get(0)).contains("cannot reach https://", "PKIX");
                assertThat(distrustful.frameworkId()).isNull();
            }
        }
    }

    @Test
    void aConnectionWhoseWriterIsStuckIsHungUpAllTheSame(@TempDir Path directory) throws Exception {
        SSLContext tls = selfSigned(directory);
        try (ServerSocket server =
                tls.getServerSocketFactory().createServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            CompletableFuture<Socket> deaf = CompletableFuture.supplyAsync(() -> {
                try {
                    SSLSocket socket = (SSLSocket) server.accept();
                    socket.startHandshake();
                    return socket;
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            String master = "https://127.0.0.1:" + server.getLocalPort();
            SchedulerHttp http = new SchedulerHttp(ConnectionOptions.to(master).withTls(tls));
            CompletableFuture<String> refused = new CompletableFuture<>();
            CompletableFuture<String> broke = new CompletableFuture<>();
            CallConnection calls = new CallConnection(
                    () -> http.connect(URI.create(master)),
                    10,
                    Duration.ofMillis(500),
                    Duration.ofSeconds(60),
                    new CallConnection.Listener() {
                        @Override
                        public void answered(CallConnection.Request call, HttpAnswer answer) {
                            call.taken();
                        }

                        @Override
                        public void roomAgain() {}

                        @Override
                        public void broke(String reason) {
                            broke.complete(reason);
                        }
                    });
            calls.add(new CallConnection.Request(
                    Call.newBuilder().setType(Call.Type.ACCEPT).build(),
                    new byte[64 << 20],
                    why -> refused.complete(String.valueOf(why))));
            calls.flush();
            assertThat(refused.get(30, TimeUnit.SECONDS)).contains("no answer came within");
            assertThat(broke.get(30, TimeUnit.SECONDS)).contains("no answer came within");
            deaf.get(30, TimeUnit.SECONDS).close();
        }
    }
}
