package io.paddock.platform.flags;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names of ciphers as OpenSSL, and with it Mesos, writes them: {@code ECDHE-RSA-AES128-GCM-SHA256:…}. */
final class OpenSslCiphers {
    private static final Pattern AES = Pattern.compile("(ECDHE|DHE)-(RSA|ECDSA|DSS)-AES(128|256)-(GCM-)?SHA(256|384)?");
    private static final Pattern CHACHA = Pattern.compile("(ECDHE|DHE)-(RSA|ECDSA)-CHACHA20-POLY1305");
    /** OpenSSL's list is of those before TLS 1.3, whose own stay. */
    private static final List<String> OF_TLS_1_3 =
            List.of("TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256");

    private OpenSslCiphers() {}

    /**
     * The same ciphers by their IANA names, and those of TLS 1.3.
     *
     * @throws IllegalArgumentException naming the variable and the cipher that is not one of them
     */
    static List<String> parse(String variable, String list) {
        List<String> ciphers = new ArrayList<>(OF_TLS_1_3);
        for (String name : list.strip().split("[:, ]+")) {
            ciphers.add(iana(variable, name));
        }
        return ciphers;
    }

    private static String iana(String variable, String name) {
        Matcher chacha = CHACHA.matcher(name);
        if (chacha.matches()) {
            return "TLS_" + chacha.group(1) + "_" + chacha.group(2) + "_WITH_CHACHA20_POLY1305_SHA256";
        }
        Matcher aes = AES.matcher(name);
        if (!aes.matches()) {
            throw new IllegalArgumentException(variable + ": '" + name
                    + "' is not a cipher's name such as ECDHE-RSA-AES128-GCM-SHA256; aliases and exclusions are not known"
                    + " here");
        }
        return "TLS_" + aes.group(1) + "_" + aes.group(2) + "_WITH_AES_" + aes.group(3)
                + (aes.group(4) == null ? "_CBC_SHA" : "_GCM_SHA")
                + (aes.group(5) == null ? "" : aes.group(5));
    }
}
