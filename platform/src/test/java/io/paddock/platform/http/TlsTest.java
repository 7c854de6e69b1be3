package io.paddock.platform.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.paddock.common.testing.SelfSigned;
import io.paddock.platform.security.Access;
import io.paddock.platform.security.WatchedFiles;
import io.paddock.platform.tls.TlsChoice;
import io.paddock.platform.tls.TlsFiles;
import io.paddock.platform.tls.WatchedTls;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.http.javadsl.server.Directives;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
    private static ActorTestKit kit;

    @TempDir
    static Path dir;

    private static SelfSigned first;
    private static SelfSigned second;
    private static SelfSigned client;
    private static Path bothServers;

    @BeforeAll
    static void makeKeys() throws Exception {
        kit = ActorTestKit.create();
        first = SelfSigned.make(dir, "first", "RSA");
        second = SelfSigned.make(dir, "second", "EC");
        client = SelfSigned.make(dir, "client", "EC");
        bothServers = SelfSigned.bundle(dir.resolve("servers.crt"), first, second);
    }

    @AfterAll
    static void stop() {
        kit.shutdownTestKit();
    }

    @Test
    void speaksHttpsWithItsCertificate() throws Exception {
        try (HttpServer bound = bind(server(Optional.empty(), TlsChoice.JVM), Access.open())) {
            assertThat(shownBy(bound, trusting(Optional.empty()))).isEqualTo("CN=first");
        }
    }

    @Test
    void demandsAClientCertificateWhereAnAuthorityIsGiven() throws Exception {
        try (HttpServer bound = bind(server(Optional.of(client.certificate()), TlsChoice.JVM), Access.open())) {
            assertThat(shownBy(bound, trusting(Optional.of(files(client))))).isEqualTo("CN=first");
            assertThatThrownBy(() -> shownBy(bound, trusting(Optional.empty()))).isInstanceOf(IOException.class);
        }
    }

    @Test
    void saysHowToConvertAKeyOfAnotherForm() throws Exception {
        Path old = Files.writeString(dir.resolve("old.pem"), "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n");
        assertThatThrownBy(() -> bind(new TlsFiles(old, first.certificate(), Optional.empty()), Access.open()))
                .hasMessageContaining(old.toString())
                .hasMessageContaining("openssl pkcs8");
        assertThatThrownBy(() -> bind(new TlsFiles(second.key(), first.certificate(), Optional.empty()), Access.open()))
                .hasMessageContaining("the key is not that of the first certificate, CN=first");
    }

    @Test
    void aNewCertificateCountsForNewConnectionsOnceItsKeyIsThere() throws Exception {
        SelfSigned live = copy(first, "live");
        Access access = Access.open();
        try (HttpServer bound = bind(files(live), access)) {
            assertThat(shownBy(bound, trusting(Optional.empty()))).isEqualTo("CN=first");

            Files.copy(second.certificate(), live.certificate(), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            await().until(() -> access.files().status().get(0).refused() != null);
            assertThat(access.files().status())
                    .extracting(WatchedFiles.Status::flag)
                    .containsExactly("tls-key", "tls-certificate");
            assertThat(access.files().status().get(1).refused()).contains("not that of the first certificate");
            assertThat(shownBy(bound, trusting(Optional.empty()))).isEqualTo("CN=first");

            second.replace(live);
            await().until(() -> access.files().status().get(0).refused() == null);
            assertThat(shownBy(bound, trusting(Optional.empty()))).isEqualTo("CN=second");
        }
    }

    @Test
    void whoIsTrustedNoMoreIsNotLetInAgainAlsoWithASessionOfBefore() throws Exception {
        Path clients = SelfSigned.bundle(dir.resolve("clients.crt"), client, second);
        Access access = Access.open();
        try (HttpServer bound = bind(server(Optional.of(clients), TlsChoice.JVM), access)) {
            SSLContext returning = trusting(Optional.of(files(client)));
            assertThat(shownBy(bound, returning)).isEqualTo("CN=first");

            SelfSigned.bundle(clients, second);
            await().until(() -> access.files().status().stream().anyMatch(file -> file.reloads() == 1));
            assertThatThrownBy(() -> shownBy(bound, returning)).isInstanceOf(IOException.class);
            assertThat(shownBy(bound, trusting(Optional.of(files(second))))).isEqualTo("CN=first");
        }
    }

    @Test
    void aClientShowsItsNewCertificateToo() throws Exception {
        SelfSigned live = copy(client, "live-client");
        try (WatchedFiles watched = new WatchedFiles();
                HttpServer bound = bind(server(Optional.of(second.certificate()), TlsChoice.JVM), Access.open())) {
            SSLContext mine = WatchedTls.client(
                            watched,
                            Optional.of(files(live)),
                            Optional.of(new WatchedFiles.Source("tls-ca", bothServers)),
                            TlsChoice.JVM)
                    .context();
            watched.start();
            assertThatThrownBy(() -> shownBy(bound, mine)).isInstanceOf(IOException.class);

            second.replace(live);
            await().until(() -> watched.status().get(0).reloads() == 1);
            assertThat(shownBy(bound, mine)).isEqualTo("CN=first");
        }
    }

    @Test
    void speaksTheProtocolsAndCiphersAskedFor() throws Exception {
        TlsChoice choice = TlsChoice.of(List.of("TLSv1.2"), List.of("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"));
        try (HttpServer bound = bind(server(Optional.empty(), choice), Access.open())) {
            SSLSession session = session(bound, trusting(Optional.empty()));
            assertThat(session.getProtocol()).isEqualTo("TLSv1.2");
            assertThat(session.getCipherSuite()).isEqualTo("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");
            SSLContext newer = WatchedTls.client(
                            new WatchedFiles(),
                            Optional.empty(),
                            Optional.of(new WatchedFiles.Source("tls-ca", bothServers)),
                            TlsChoice.of(List.of("TLSv1.3"), List.of()))
                    .context();
            assertThatThrownBy(() -> session(bound, newer)).isInstanceOf(IOException.class);
        }
        assertThatThrownBy(() -> TlsChoice.of(List.of("SSLv9"), List.of())).hasMessageContaining("SSLv9");
    }

    private static TlsFiles files(SelfSigned of) {
        return new TlsFiles(of.key(), of.certificate(), Optional.empty());
    }

    private static TlsFiles server(Optional<Path> clients, TlsChoice choice) {
        return new TlsFiles(first.key(), first.certificate(), clients, choice);
    }

    private static SelfSigned copy(SelfSigned of, String name) throws IOException {
        SelfSigned copy = new SelfSigned(dir.resolve(name + ".key"), dir.resolve(name + ".crt"));
        of.replace(copy);
        return copy;
    }

    private static SSLContext trusting(Optional<TlsFiles> own) {
        return WatchedTls.client(own, Optional.of(bothServers)).context();
    }

    private static HttpServer bind(TlsFiles tls, Access access) {
        return HttpServer.bind(
                        kit.system(),
                        new HttpOptions("127.0.0.1", 0, Optional.of(tls), access),
                        Directives.complete("hello"))
                .toCompletableFuture()
                .join();
    }

    private static SSLSession session(HttpServer bound, SSLContext tls) throws Exception {
        HttpResponse<String> response = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(tls)
                .build()
                .send(
                        HttpRequest.newBuilder(URI.create("https://localhost:" + bound.port() + "/"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(response.body()).isEqualTo("hello");
        return response.sslSession().orElseThrow();
    }

    private static String shownBy(HttpServer bound, SSLContext tls) throws Exception {
        return ((X509Certificate) session(bound, tls).getPeerCertificates()[0])
                .getSubjectX500Principal()
                .getName();
    }
}
