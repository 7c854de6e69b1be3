package io.paddock.platform.tls;

import java.security.cert.X509Certificate;
import java.util.List;

/** Certificates one of which must have signed those of others. */
public record Authorities(List<X509Certificate> certificates) {
    public Authorities {
        certificates = List.copyOf(certificates);
    }

    static Authorities of(byte[] pem) {
        return new Authorities(Pem.certificates(pem));
    }
}
