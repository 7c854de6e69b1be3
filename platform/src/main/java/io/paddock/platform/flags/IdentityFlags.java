package io.paddock.platform.flags;

import io.paddock.platform.security.JsonFlag;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.v1.DomainInfo;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Under which name, at which address and in which fault domain others know a master or an agent, as flags. */
public final class IdentityFlags {
    @Option(
            names = "--hostname",
            paramLabel = "NAME",
            description = "Name given to others; --advertise-ip if not given, else what --hostname-lookup says.")
    public @Nullable String hostname;

    @Option(
            names = {"--hostname-lookup", "--hostname_lookup"},
            negatable = true,
            arity = "0..1",
            paramLabel = "BOOLEAN",
            fallbackValue = "true",
            description =
                    "Whether the host name, if not given, is looked up by the address or is the address. If this is"
                            + " not given either, it is looked up by who listens on all addresses.")
    public @Nullable Boolean hostnameLookup;

    @Option(
            names = {"--advertise-ip", "--advertise_ip"},
            paramLabel = "ADDRESS",
            description = "Address given to others, if not the one listened on.")
    public @Nullable String advertiseIp;

    @Option(
            names = {"--advertise-port", "--advertise_port"},
            paramLabel = "PORT",
            description = "Port given to others, if not the one listened on.")
    public @Nullable Integer advertisePort;

    @Option(
            names = "--domain",
            paramLabel = "JSON",
            description = "Fault domain, {\"fault_domain\":{\"region\":{\"name\":\"r\"},\"zone\":{\"name\":\"z\"}}}."
                    + " Agents of other regions than the master's are offered to REGION_AWARE frameworks only.")
    public @Nullable String domain;

    /**
     * The name given to others. May ask the resolver.
     *
     * @param own the address given to others
     * @param otherwise what it is where no flag says anything
     */
    public String hostname(InetAddress own, Supplier<String> otherwise) {
        if (hostname != null) {
            return hostname;
        }
        if (hostnameLookup != null) {
            return hostnameLookup ? own.getCanonicalHostName() : own.getHostAddress();
        }
        return advertiseIp != null ? own.getHostAddress() : otherwise.get();
    }

    /** The port given to others. */
    public int port(int bound) {
        return advertisePort != null ? advertisePort : bound;
    }

    /** @throws IllegalArgumentException when the flag does not fit */
    public Optional<DomainInfo> domain() {
        if (domain == null) {
            return Optional.empty();
        }
        byte[] json = JsonFlag.text("--domain", domain).getBytes(StandardCharsets.UTF_8);
        try {
            return Optional.of(JsonCodec.fromJson(json, DomainInfo.getDefaultInstance()));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--domain: " + e.getMessage(), e);
        }
    }
}
