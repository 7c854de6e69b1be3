package io.paddock.agent.server.containers.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.proto.v1.CommandInfo;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.ftpserver.FtpServer;
import org.apache.ftpserver.FtpServerFactory;
import org.apache.ftpserver.listener.ListenerFactory;
import org.apache.ftpserver.ssl.SslConfigurationFactory;
import org.apache.ftpserver.usermanager.impl.BaseUser;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of a real FTP server, in the clear and within TLS. */
class FtpTest {
    private static final String PASSWORD = "changeit";

    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();

    @TempDir
    Path directory;

    private FtpServer server;
    private int port;

    @AfterEach
    void close() {
        if (server != null) {
            server.stop();
        }
        timers.shutdownNow();
    }

    private SSLContext start(boolean tls) throws Exception {
        ListenerFactory listener = new ListenerFactory();
        listener.setPort(0);
        listener.setServerAddress("127.0.0.1");
        SSLContext trusting = SSLContext.getDefault();
        if (tls) {
            Path keys = keys();
            SslConfigurationFactory ssl = new SslConfigurationFactory();
            ssl.setKeystoreFile(keys.toFile());
            ssl.setKeystorePassword(PASSWORD);
            listener.setSslConfiguration(ssl.createSslConfiguration());
            listener.setImplicitSsl(true);
            trusting = trusting(keys);
        }
        FtpServerFactory factory = new FtpServerFactory();
        factory.addListener("default", listener.createListener());
        for (String name : List.of("anonymous", "somebody")) {
            BaseUser user = new BaseUser();
            user.setName(name);
            user.setPassword("secret");
            user.setHomeDirectory(
                    Files.createDirectories(directory.resolve("served")).toString());
            factory.getUserManager().save(user);
        }
        server = factory.createServer();
        server.start();
        port = factory.getListener("default").getPort();
        return trusting;
    }

    private Path keys() throws Exception {
        Path keys = directory.resolve("keys");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-alias",
                        "ftp",
                        "-dname",
                        "CN=ftp",
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-keystore",
                        keys.toString(),
                        "-storepass",
                        PASSWORD)
                .inheritIO()
                .start();
        assertThat(keytool.waitFor()).isZero();
        return keys;
    }

    private static SSLContext trusting(Path keys) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys)) {
            store.load(in, PASSWORD.toCharArray());
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private Path fetch(String uri, SSLContext tls) throws Exception {
        Path sandbox = Files.createDirectories(directory.resolve("sandbox"));
        Tools tools = new Tools(timers);
        new Fetcher(
                        directory.resolve("cache"),
                        0,
                        Optional.empty(),
                        new Download(Duration.ofSeconds(10), tls, Optional.empty(), tools),
                        tools)
                .fetch(
                        List.of(CommandInfo.URI.newBuilder().setValue(uri).build()),
                        new Fetcher.Destination(sandbox, Path.of(""), directory.resolve("arrivals"), Optional.empty()),
                        new Cancellation());
        return sandbox;
    }

    @Test
    void aFileIsFetched() throws Exception {
        SSLContext tls = start(false);
        Files.writeString(directory.resolve("served/file"), "by ftp");
        assertThat(fetch("ftp://127.0.0.1:" + port + "/file", tls).resolve("file"))
                .hasContent("by ftp");
        assertThat(fetch("ftp://somebody:secret@127.0.0.1:" + port + "/file", tls)
                        .resolve("file"))
                .hasContent("by ftp");
    }

    @Test
    void aFileIsFetchedWithinTls() throws Exception {
        SSLContext tls = start(true);
        byte[] content = new byte[300_000];
        new Random(1).nextBytes(content);
        Files.write(directory.resolve("served/file"), content);
        assertThat(fetch("ftps://127.0.0.1:" + port + "/file", tls).resolve("file"))
                .hasBinaryContent(content);
        assertThatThrownBy(() -> fetch("ftps://127.0.0.1:" + port + "/file", SSLContext.getDefault()))
                .as("nobody vouches for the server")
                .hasMessageContaining("cannot fetch ftps://");
    }

    @Test
    void aTransferThatBrokeGoesOn() throws Exception {
        SSLContext tls = start(false);
        Files.writeString(directory.resolve("served/file"), "the beginning and the end");
        Path partial = directory.resolve("partial");
        Files.writeString(partial, "the beginning");
        new FtpTransfer(Duration.ofSeconds(10), tls)
                .transfer(
                        Source.parse("ftp://127.0.0.1:" + port + "/file", Optional.empty()),
                        partial,
                        new Cancellation());
        assertThat(partial).hasContent("the beginning and the end");
    }

    @Test
    void theServersWordsArePassedOn() throws Exception {
        SSLContext tls = start(false);
        assertThatThrownBy(() -> fetch("ftp://127.0.0.1:" + port + "/nothing", tls))
                .hasMessageContaining("550");
        assertThatThrownBy(() -> fetch("ftp://somebody:wrong@127.0.0.1:" + port + "/file", tls))
                .hasMessageContaining("refused the user somebody: 530")
                .hasMessageNotContaining("wrong");
    }
}
