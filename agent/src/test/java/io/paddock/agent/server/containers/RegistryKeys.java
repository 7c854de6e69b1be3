package io.paddock.agent.server.containers;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;

/** A key with a certificate of its own, and a server that gives tokens signed by it to who knows the password. */
final class RegistryKeys {
    private static final String ISSUER = "test issuer";
    private static final String PASSWORD = "changeit";

    private final Path directory;
    private final KeyStore store;

    private RegistryKeys(Path directory, KeyStore store) {
        this.directory = directory;
        this.store = store;
    }

    /** @param address of the host, an IP address */
    static RegistryKeys make(Path directory, String address) throws Exception {
        Path file = directory.resolve("keys.p12");
        LocalRegistry.run(
                directory,
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "it",
                "-keyalg",
                "RSA",
                "-keysize",
                "2048",
                "-dname",
                "CN=test",
                "-ext",
                "SAN=ip:" + address,
                "-ext",
                "BC=ca:true",
                "-keystore",
                file.toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD);
        KeyStore store = KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray());
        RegistryKeys keys = new RegistryKeys(directory, store);
        pem(keys.certificate(), "CERTIFICATE", store.getCertificate("it").getEncoded());
        pem(keys.key(), "PRIVATE KEY", keys.privateKey().getEncoded());
        return keys;
    }

    private static void pem(Path file, String what, byte[] bytes) throws Exception {
        Files.writeString(
                file,
                "-----BEGIN " + what + "-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes) + "\n-----END " + what
                        + "-----\n");
    }

    Path certificate() {
        return directory.resolve("certificate.pem");
    }

    Path key() {
        return directory.resolve("key.pem");
    }

    private PrivateKey privateKey() throws Exception {
        return (PrivateKey) store.getKey("it", PASSWORD.toCharArray());
    }

    String tls() {
        return "  tls:\n    certificate: " + certificate() + "\n    key: " + key() + "\n";
    }

    String auth(int tokenPort) {
        return "auth:\n  token:\n    realm: http://127.0.0.1:" + tokenPort + "/token\n    service: tested\n    issuer: "
                + ISSUER + "\n    rootcertbundle: " + certificate() + "\n";
    }

    /** Tokens for one repository, to bearers of {@code user:secret} only. */
    HttpServer tokens(String repository) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        String expected = "Basic " + Base64.getEncoder().encodeToString("user:secret".getBytes(StandardCharsets.UTF_8));
        server.createContext("/token", exchange -> {
            byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
            int status = 401;
            if (expected.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                status = 200;
                try {
                    body = ("{\"token\":\"" + token(repository) + "\"}").getBytes(StandardCharsets.UTF_8);
                } catch (Exception e) {
                    status = 500;
                }
            }
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        return server;
    }

    private String token(String repository) throws Exception {
        long now = Instant.now().getEpochSecond();
        String chain =
                Base64.getEncoder().encodeToString(store.getCertificate("it").getEncoded());
        String text = encoded(("{\"typ\":\"JWT\",\"alg\":\"RS256\",\"x5c\":[\"" + chain + "\"]}")
                        .getBytes(StandardCharsets.UTF_8))
                + "."
                + encoded(("{\"iss\":\"" + ISSUER + "\",\"sub\":\"user\",\"aud\":\"tested\",\"exp\":" + (now + 300)
                                + ",\"nbf\":" + (now - 10) + ",\"iat\":" + now + ",\"jti\":\"" + UUID.randomUUID()
                                + "\",\"access\":[{\"type\":\"repository\",\"name\":\"" + repository
                                + "\",\"actions\":[\"pull\"]}]}")
                        .getBytes(StandardCharsets.UTF_8));
        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initSign(privateKey());
        signature.update(text.getBytes(StandardCharsets.UTF_8));
        return text + "." + encoded(signature.sign());
    }

    private static String encoded(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
