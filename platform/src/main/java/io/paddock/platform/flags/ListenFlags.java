package io.paddock.platform.flags;

import io.paddock.platform.http.HttpOptions;
import io.paddock.platform.security.Access;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Where a server listens, as flags; use it as a {@code @Mixin} made with the server's default port. */
public final class ListenFlags {
    @Option(
            names = {"--host", "--ip"},
            paramLabel = "ADDRESS",
            description = "Address to listen on.")
    public String host = "127.0.0.1";

    @Option(names = "--port", paramLabel = "PORT", description = "Port to listen on; 0 takes a free one.")
    public int port;

    @Spec(Spec.Target.MIXEE)
    @Nullable
    CommandSpec command;

    @Mixin
    public SecurityFlags security = new SecurityFlags();

    /** @param defaultPort the port where none is given */
    public ListenFlags(int defaultPort) {
        this.port = defaultPort;
    }

    /** Mesos' way to let a program choose the address, instead of {@code --ip}. */
    @Option(
            names = {"--ip-discovery-command", "--ip_discovery_command"},
            paramLabel = "COMMAND",
            description = "A shell command that prints the address to listen on.")
    void discover(@Nullable String program) {
        if (program != null) {
            try {
                host = DiscoveredAddress.by(program);
            } catch (IOException e) {
                throw new CommandLine.ParameterException(
                        command.commandLine(), "--ip-discovery-command: '" + program + "' " + e.getMessage());
            }
        }
    }

    /**
     * What the server binds.
     *
     * @throws IllegalArgumentException naming the flag that does not fit
     */
    public HttpOptions httpOptions() {
        return httpOptions(security.access());
    }

    /** As above, for a server with realms of its own. */
    public HttpOptions httpOptions(Access access) {
        return new HttpOptions(host, port, security.tls(), access);
    }
}
