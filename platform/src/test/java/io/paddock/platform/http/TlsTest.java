package io.paddock.platform.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.platform.security.Access;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.util.Base64;
import java.util.Optional;
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

    private static TlsFiles server;
    private static TlsFiles client;

    @BeforeAll
    static void makeKeys() throws Exception {
        kit = ActorTestKit.create();
        server = selfSigned("server", "RSA");
        client = selfSigned("client", "EC");
    }

    @AfterAll
    static void stop() {
        kit.shutdownTestKit();
    }

    @Test
    void speaksHttpsWithItsCertificate() throws Exception {
        try (HttpServer bound = bind(server)) {
            assertThat(get(bound, Optional.empty())).isEqualTo("hello");
        }
    }

    @Test
    void demandsAClientCertificateWhereAnAuthorityIsGiven() throws Exception {
        TlsFiles demanding = new TlsFiles(server.key(), server.certificate(), Optional.of(client.certificate()));
        try (HttpServer bound = bind(demanding)) {
            assertThat(get(bound, Optional.of(client))).isEqualTo("hello");
            assertThatThrownBy(() -> get(bound, Optional.empty())).isInstanceOf(IOException.class);
        }
    }

    @Test
    void saysHowToConvertAKeyOfAnotherForm() throws Exception {
        Path old = Files.writeString(dir.resolve("old.pem"), "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n");
        assertThatThrownBy(() -> new TlsFiles(old, server.certificate(), Optional.empty()).server())
                .hasMessageContaining(old.toString())
                .hasMessageContaining("openssl pkcs8");
    }

    private static HttpServer bind(TlsFiles tls) {
        return HttpServer.bind(
                        kit.system(),
                        new HttpOptions("127.0.0.1", 0, Optional.of(tls), Access.open()),
                        Directives.complete("hello"))
                .toCompletableFuture()
                .join();
    }

    private static String get(HttpServer bound, Optional<TlsFiles> own) throws Exception {
        HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(TlsFiles.clientContext(Optional.of(server.certificate()), own))
                .build();
        return http.send(
                        HttpRequest.newBuilder(URI.create("https://localhost:" + bound.port() + "/"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    /** By the JDK's own keytool, so that the test needs nothing else. */
    private static TlsFiles selfSigned(String name, String algorithm) throws Exception {
        Path store = dir.resolve(name + ".p12");
        int status = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        name,
                        "-keyalg",
                        algorithm,
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost",
                        "-validity",
                        "365",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        "changeit")
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve(name + ".log").toFile())
                .start()
                .waitFor();
        assertThat(status).isZero();
        KeyStore loaded = KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
        PrivateKey key = (PrivateKey) loaded.getKey(name, "changeit".toCharArray());
        return new TlsFiles(
                pem(name + ".key", "PRIVATE KEY", key.getEncoded()),
                pem(name + ".crt", "CERTIFICATE", loaded.getCertificate(name).getEncoded()),
                Optional.empty());
    }

    private static Path pem(String file, String type, byte[] der) throws IOException {
        String body = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(der);
        return Files.writeString(
                dir.resolve(file), "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n");
    }
}
