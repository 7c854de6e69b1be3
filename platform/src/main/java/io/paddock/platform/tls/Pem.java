package io.paddock.platform.tls;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What PEM files hold. Messages never show a key. */
final class Pem {
    private static final Pattern PKCS8 =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    private Pem() {}

    /**
     * All certificates of a file, at least one.
     *
     * @throws IllegalArgumentException when there is none
     */
    static List<X509Certificate> certificates(byte[] file) {
        List<X509Certificate> found = new ArrayList<>();
        try {
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(file))) {
                found.add((X509Certificate) certificate);
            }
        } catch (CertificateException e) {
            throw new IllegalArgumentException("not a certificate in PEM: " + e.getMessage(), e);
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException("no certificate; expected PEM");
        }
        return found;
    }

    /**
     * The private key of a file.
     *
     * @throws IllegalArgumentException when there is none that can be used
     */
    static PrivateKey privateKey(byte[] file) {
        Matcher pem = PKCS8.matcher(new String(file, StandardCharsets.US_ASCII));
        if (!pem.find()) {
            throw new IllegalArgumentException("no private key in PKCS#8; convert yours with:"
                    + " openssl pkcs8 -topk8 -nocrypt -in old.pem -out new.pem");
        }
        byte[] der = Base64.getMimeDecoder().decode(pem.group(1));
        for (String algorithm : List.of("RSA", "EC", "Ed25519")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (InvalidKeySpecException e) {
                // a key of another algorithm
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }
        throw new IllegalArgumentException("the private key is neither RSA, EC nor Ed25519");
    }
}
