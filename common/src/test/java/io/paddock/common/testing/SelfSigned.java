package io.paddock.common.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;

/**
 * A key and its certificate for {@code localhost} and 127.0.0.1 as PEM files, made by the JDK's own keytool. The certificate is
 * its own authority.
 */
public record SelfSigned(Path key, Path certificate) {
    private static final char[] PASSWORD = "changeit".toCharArray();

    /**
     * Makes {@code name.key} and {@code name.crt}.
     *
     * @param algorithm {@code RSA} or {@code EC}
     */
    public static SelfSigned make(Path dir, String name, String algorithm)
            throws IOException, InterruptedException, GeneralSecurityException {
        Path store = dir.resolve(name + ".p12");
        List<String> argv = List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                algorithm,
                "-dname",
                "CN=" + name,
                "-ext",
                "san=ip:127.0.0.1,dns:localhost",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                new String(PASSWORD));
        Path log = dir.resolve(name + ".log");
        int status = new ProcessBuilder(argv)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start()
                .waitFor();
        if (status != 0) {
            throw new IOException("keytool: " + Files.readString(log));
        }
        KeyStore made = KeyStore.getInstance(store.toFile(), PASSWORD);
        return new SelfSigned(
                pem(
                        dir.resolve(name + ".key"),
                        "PRIVATE KEY",
                        made.getKey(name, PASSWORD).getEncoded()),
                pem(
                        dir.resolve(name + ".crt"),
                        "CERTIFICATE",
                        made.getCertificate(name).getEncoded()));
    }

    /** Puts both files in the place of others. */
    public void replace(SelfSigned other) throws IOException {
        Files.copy(certificate, other.certificate, StandardCopyOption.REPLACE_EXISTING);
        Files.copy(key, other.key, StandardCopyOption.REPLACE_EXISTING);
    }

    /** A file of the certificates of all these. */
    public static Path bundle(Path file, SelfSigned... all) throws IOException {
        StringBuilder text = new StringBuilder();
        for (SelfSigned each : all) {
            text.append(Files.readString(each.certificate));
        }
        return Files.writeString(file, text);
    }

    private static Path pem(Path file, String type, byte[] der) throws IOException {
        String body = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(der);
        return Files.writeString(file, "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n");
    }
}
