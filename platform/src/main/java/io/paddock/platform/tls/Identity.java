package io.paddock.platform.tls;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What somebody proves to be.
 *
 * @param key the private key
 * @param chain of certificates, that of the key first
 */
public record Identity(PrivateKey key, List<X509Certificate> chain) {
    private static final byte[] PROBE = {1, 2, 3, 4};

    public Identity {
        chain = List.copyOf(chain);
    }

    /**
     * Of two PEM files.
     *
     * @throws IllegalArgumentException when one has another form, or the key is not the certificate's
     */
    static Identity of(byte[] key, byte[] certificates) {
        Identity identity = new Identity(Pem.privateKey(key), Pem.certificates(certificates));
        if (!belong(identity.key, identity.chain.get(0).getPublicKey())) {
            throw new IllegalArgumentException("the key is not that of the first certificate, "
                    + identity.chain.get(0).getSubjectX500Principal());
        }
        return identity;
    }

    private static boolean belong(PrivateKey key, PublicKey certified) {
        try {
            Signature signature = Signature.getInstance(
                    switch (key.getAlgorithm()) {
                        case "RSA" -> "SHA256withRSA";
                        case "EC" -> "SHA256withECDSA";
                        default -> key.getAlgorithm();
                    });
            signature.initSign(key);
            signature.update(PROBE);
            byte[] signed = signature.sign();
            signature.initVerify(certified);
            signature.update(PROBE);
            return signature.verify(signed);
        } catch (InvalidKeyException | SignatureException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("keys of the algorithm " + key.getAlgorithm() + " cannot be used", e);
        }
    }

    /** Without the key. */
    @Override
    public String toString() {
        return chain.get(0).getSubjectX500Principal().toString();
    }
}
