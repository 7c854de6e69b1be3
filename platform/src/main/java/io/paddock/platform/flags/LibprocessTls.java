package io.paddock.platform.flags;

import io.paddock.platform.tls.TlsChoice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS as Mesos is told of it, by variables {@code LIBPROCESS_SSL_…}: those with a counterpart here. A downgrade to plain
 * connections has none, and certificates of servers are always verified.
 */
record LibprocessTls(
        @Nullable Path key,
        @Nullable Path certificate,
        @Nullable Path clientCa,
        @Nullable Path serverCa,
        TlsChoice choice) {
    private static final Logger LOG = LoggerFactory.getLogger(LibprocessTls.class);
    private static final String PREFIX = "LIBPROCESS_SSL_";
    private static final LibprocessTls OFF = new LibprocessTls(null, null, null, null, TlsChoice.JVM);
    /** By the end of their variables, the newest first. */
    private static final Map<String, String> PROTOCOLS = new LinkedHashMap<>();

    static {
        PROTOCOLS.put("ENABLE_TLS_V1_3", "TLSv1.3");
        PROTOCOLS.put("ENABLE_TLS_V1_2", "TLSv1.2");
        PROTOCOLS.put("ENABLE_TLS_V1_1", "TLSv1.1");
        PROTOCOLS.put("ENABLE_TLS_V1_0", "TLSv1");
    }
    /** What the JVM speaks where nothing is said. */
    private static final List<String> BY_DEFAULT = List.of("TLSv1.3", "TLSv1.2");

    static LibprocessTls of(Map<String, String> environment) {
        if (!isOn(environment, "ENABLED")) {
            return OFF;
        }
        if (isOn(environment, "SUPPORT_DOWNGRADE")) {
            LOG.warn("{}SUPPORT_DOWNGRADE is not kept to: the port speaks TLS only", PREFIX);
        }
        Path file = path(environment, "CA_FILE");
        Path ca = file != null ? file : path(environment, "CA_DIR");
        boolean clients = isOn(environment, "REQUIRE_CLIENT_CERT") || isOn(environment, "REQUIRE_CERT");
        if (clients && ca == null) {
            throw new IllegalArgumentException(PREFIX + "REQUIRE_CLIENT_CERT needs " + PREFIX + "CA_FILE or _CA_DIR");
        }
        return new LibprocessTls(
                path(environment, "KEY_FILE"),
                path(environment, "CERT_FILE"),
                clients ? ca : null,
                ca,
                choice(environment));
    }

    private static TlsChoice choice(Map<String, String> environment) {
        List<String> protocols = new ArrayList<>();
        PROTOCOLS.forEach((variable, protocol) -> {
            boolean said = environment.containsKey(PREFIX + variable);
            if (said ? isOn(environment, variable) : BY_DEFAULT.contains(protocol)) {
                protocols.add(protocol);
            }
        });
        if (protocols.isEmpty()) {
            throw new IllegalArgumentException(PREFIX + "ENABLE_TLS_…: all protocols are off");
        }
        String ciphers = environment.get(PREFIX + "CIPHERS");
        return new TlsChoice(
                protocols.equals(BY_DEFAULT) ? List.of() : protocols,
                ciphers == null ? List.of() : OpenSslCiphers.parse(PREFIX + "CIPHERS", ciphers));
    }

    private static boolean isOn(Map<String, String> environment, String name) {
        String value = environment.getOrDefault(PREFIX + name, "0");
        return value.equals("1") || value.equalsIgnoreCase("true");
    }

    private static @Nullable Path path(Map<String, String> environment, String name) {
        String value = environment.get(PREFIX + name);
        return value == null ? null : Path.of(value);
    }
}
