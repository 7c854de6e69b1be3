package io.paddock.platform.tls;

import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * Which protocols and ciphers are spoken.
 *
 * @param protocols {@code TLSv1.3} and alike; none leaves the choice to the JVM
 * @param ciphers by their IANA names; none leaves the choice to the JVM
 */
public record TlsChoice(List<String> protocols, List<String> ciphers) {
    /** What the JVM speaks by itself: TLS 1.2 and 1.3. */
    public static final TlsChoice JVM = new TlsChoice(List.of(), List.of());

    public TlsChoice {
        protocols = List.copyOf(protocols);
        ciphers = List.copyOf(ciphers);
    }

    /**
     * A choice that this JVM can keep to.
     *
     * @throws IllegalArgumentException naming what it cannot speak
     */
    public static TlsChoice of(List<String> protocols, List<String> ciphers) {
        SSLParameters supported = jvm().getSupportedSSLParameters();
        check("protocol", protocols, supported.getProtocols());
        check("cipher", ciphers, supported.getCipherSuites());
        return new TlsChoice(protocols, ciphers);
    }

    private static void check(String kind, List<String> wanted, String[] supported) {
        for (String each : wanted) {
            if (!Arrays.asList(supported).contains(each)) {
                throw new IllegalArgumentException("the " + kind + " '" + each
                        + "' is not known to this JVM, which knows " + String.join(", ", supported));
            }
        }
    }

    SSLParameters applyTo(SSLParameters parameters) {
        if (!protocols.isEmpty()) {
            parameters.setProtocols(protocols.toArray(new String[0]));
        }
        if (!ciphers.isEmpty()) {
            parameters.setCipherSuites(ciphers.toArray(new String[0]));
        }
        return parameters;
    }

    /** What is spoken, whoever chose it. */
    public SSLParameters parameters() {
        return applyTo(jvm().getDefaultSSLParameters());
    }

    private static SSLContext jvm() {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JVM speaks no TLS", e);
        }
    }
}
