package io.paddock.platform.flags;

import io.paddock.platform.http.HttpOptions;
import io.paddock.platform.security.Access;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where a server listens, as flags; use it as a {@code @Mixin} made with the server's default port. */
public final class ListenFlags {
    @Option(
            names = {"--host", "--ip"},
            paramLabel = "ADDRESS",
            description = "Address to listen on.")
    public String host = "127.0.0.1";

    @Option(names = "--port", paramLabel = "PORT", description = "Port to listen on; 0 takes a free one.")
    public int port;

    @Mixin
    public SecurityFlags security = new SecurityFlags();

    /** @param defaultPort the port where none is given */
    public ListenFlags(int defaultPort) {
        this.port = defaultPort;
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
