package io.paddock.platform.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.paddock.common.testing.SelfSigned;
import io.paddock.platform.security.WatchedFiles;
import io.paddock.platform.tls.TlsChoice;
import io.paddock.platform.tls.TlsFiles;
import io.paddock.platform.tls.WatchedTls;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server as a process of its own, by TLS, which demands certificates and credentials of its clients. */
class SecureZooKeeperTest {
    private static final Duration SESSION = Duration.ofSeconds(4);

    @TempDir
    static Path dir;

    private static SelfSigned server;
    private static SelfSigned client;
    private static SelfSigned next;
    private static Path trusted;
    private static Process process;
    private static int port;

    @BeforeAll
    static void start() throws Exception {
        server = SelfSigned.make(dir, "server", "EC");
        client = SelfSigned.make(dir, "client", "RSA");
        next = SelfSigned.make(dir, "next", "EC");
        trusted = SelfSigned.bundle(dir.resolve("servers.crt"), server, next);
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        Path credentials = Files.writeString(
                dir.resolve("credentials"), "{\"credentials\":[{\"principal\":\"paddock\",\"secret\":\"s:e@cret\"}]}");
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        EnsembleTest.class.getName(),
                        "--port=" + port,
                        "--work-dir=" + dir.resolve("data"),
                        "--tls-key=" + server.key(),
                        "--tls-certificate=" + server.certificate(),
                        "--tls-client-ca=" + client.certificate(),
                        "--credentials=" + credentials)
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("log").toFile())
                .start();
    }

    @AfterAll
    static void stop() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    private static Optional<WatchedTls> tls(Optional<SelfSigned> own) {
        return Optional.of(WatchedTls.client(
                own.map(of -> new TlsFiles(of.key(), of.certificate(), Optional.empty())), Optional.of(trusted)));
    }

    private static ZooKeeperConnection connect(String credentials, Optional<WatchedTls> tls) {
        return ZooKeeperConnection.open(
                ZooKeeperAddress.parse("zk://" + credentials + "127.0.0.1:" + port + "/mesos"), SESSION, tls);
    }

    private static boolean connects(String credentials, Optional<WatchedTls> tls) {
        try (ZooKeeperConnection connection = connect(credentials, tls)) {
            return connection.client().blockUntilConnected(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void letsInWhoHasACertificateAndCredentials() throws Exception {
        try (ZooKeeperConnection connection = connect("paddock:s:e@cret@", tls(Optional.of(client)))) {
            LeaderContender leader = LeaderContender.start(connection, "/mesos", MasterNode.LABEL, new byte[] {1});
            leader.elected().toCompletableFuture().get(30, TimeUnit.SECONDS);
            assertThat(connection.client().getACL().forPath("/mesos"))
                    .as("only the creator writes, everybody who is let in reads")
                    .hasSize(2)
                    .anyMatch(acl ->
                            acl.getPerms() == ZooDefs.Perms.READ && acl.getId().equals(ZooDefs.Ids.ANYONE_ID_UNSAFE))
                    .anyMatch(acl -> acl.getPerms() == ZooDefs.Perms.ALL
                            && acl.getId().getScheme().equals("digest")
                            && acl.getId().getId().startsWith("paddock:"));
        }
        // The server is up by now: what follows is refused, not early.
        Map<String, Optional<WatchedTls>> refused = Map.of(
                "plainly",
                Optional.empty(),
                "without a certificate",
                tls(Optional.empty()),
                "with a certificate of another authority",
                tls(Optional.of(next)));
        assertThat(refused.entrySet().parallelStream()
                        .filter(way -> connects("paddock:s:e@cret@", way.getValue()))
                        .map(Map.Entry::getKey))
                .isEmpty();
        for (String wrong : List.of("", "paddock:secret@", "other:s:e@cret@")) {
            try (ZooKeeperConnection connection = connect(wrong, tls(Optional.of(client)))) {
                ZooKeeper handle = connection.client().getZookeeperClient().getZooKeeper();
                assertThatThrownBy(() -> handle.getChildren("/", false))
                        .as("as '%s'", wrong)
                        .hasMessageMatching(".*(AuthFailed|Session closed|ConnectionLoss|SessionClosed).*");
            }
        }
        whoIsRefusedIsTold();
        renews();
    }

    private static void whoIsRefusedIsTold() throws Exception {
        try (ZooKeeperConnection wrong = connect("paddock:wrong@", tls(Optional.of(client)))) {
            LeaderContender contender = LeaderContender.start(wrong, "/mesos", MasterNode.LABEL, new byte[] {2});
            LeaderDetector detector = LeaderDetector.start(wrong, "/mesos", MasterNode.LABEL, leader -> {});
            assertThat(contender.lost().toCompletableFuture().get(20, TimeUnit.SECONDS))
                    .startsWith("ZooKeeper does not take the credentials");
            assertThat(detector.refused().toCompletableFuture().get(20, TimeUnit.SECONDS))
                    .startsWith("ZooKeeper does not take the credentials");
        }
    }

    /** Part of the test above, since it changes the server. */
    private void renews() throws Exception {
        try (WatchedFiles watched = new WatchedFiles()) {
            SSLContext looking = WatchedTls.client(
                            watched,
                            Optional.of(new TlsFiles(client.key(), client.certificate(), Optional.empty())),
                            Optional.of(new WatchedFiles.Source("tls-ca", trusted)),
                            TlsChoice.JVM)
                    .context();
            assertThat(shown(looking)).isEqualTo("CN=server");
            Files.writeString(server.certificate(), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
            await().until(() -> Files.readString(dir.resolve("log")).contains("not taken"));
            assertThat(shown(looking)).isEqualTo("CN=server");
            next.replace(server);
            await().atMost(Duration.ofSeconds(10)).until(() -> shown(looking).equals("CN=next"));
        }
        try (ZooKeeperConnection connection = connect("paddock:s:e@cret@", tls(Optional.of(client)))) {
            assertThat(connection.client().getChildren().forPath("/")).contains("mesos");
        }
    }

    private static String shown(SSLContext tls) throws IOException {
        try (SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket("127.0.0.1", port)) {
            socket.startHandshake();
            return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
                    .getSubjectX500Principal()
                    .getName();
        }
    }
}
