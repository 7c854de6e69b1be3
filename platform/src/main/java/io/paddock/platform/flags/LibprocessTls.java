package io.paddock.platform.flags;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS as Mesos is told of it, by variables {@code LIBPROCESS_SSL_…}: those with a counterpart here. Downgrades to plain HTTP
 * and the choice of protocols and ciphers have none: there is no downgrade, and the JVM's own choice is kept.
 */
record LibprocessTls(
        @Nullable Path key,
        @Nullable Path certificate,
        @Nullable Path clientCa,
        @Nullable Path serverCa) {
    private static final Logger LOG = LoggerFactory.getLogger(LibprocessTls.class);
    private static final String PREFIX = "LIBPROCESS_SSL_";
    private static final LibprocessTls OFF = new LibprocessTls(null, null, null, null);

    static LibprocessTls of(Map<String, String> environment) {
        if (!isOn(environment, "ENABLED")) {
            return OFF;
        }
        if (isOn(environment, "SUPPORT_DOWNGRADE")) {
            LOG.warn("{}SUPPORT_DOWNGRADE is not kept to: the port speaks HTTPS only", PREFIX);
        }
        Path ca = path(environment, "CA_FILE");
        boolean clients = isOn(environment, "REQUIRE_CLIENT_CERT") || isOn(environment, "REQUIRE_CERT");
        if (clients && ca == null) {
            throw new IllegalArgumentException(PREFIX + "REQUIRE_CLIENT_CERT needs " + PREFIX + "CA_FILE");
        }
        return new LibprocessTls(
                path(environment, "KEY_FILE"), path(environment, "CERT_FILE"), clients ? ca : null, ca);
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
