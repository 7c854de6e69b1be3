package io.paddock.platform.flags;

import io.paddock.platform.http.Peers;
import io.paddock.platform.security.Access;
import io.paddock.platform.security.Credentials;
import io.paddock.platform.security.EndpointPath;
import io.paddock.platform.security.Firewall;
import io.paddock.platform.security.JsonFlag;
import io.paddock.platform.security.JwtKeys;
import io.paddock.platform.security.Realm;
import io.paddock.platform.security.WatchedFiles;
import io.paddock.platform.tls.TlsFiles;
import io.paddock.platform.tls.WatchedTls;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a server is closed to strangers, and how it reaches others that are, as flags. */
public final class SecurityFlags {
    @Mixin
    public TlsFlags tls = new TlsFlags();

    @Option(
            names = {"--zk-tls-ca", "--zk_tls_ca"},
            paramLabel = "FILE|DIR",
            description = "Certificates (PEM) of which one must have signed those of the ZooKeeper servers; with it"
                    + " ZooKeeper is spoken to by TLS only, and shown --tls-certificate where it asks for one.")
    public @Nullable Path zkTlsCa;

    @Option(
            names = {"--http-credentials", "--http_credentials", "--credentials"},
            paramLabel = "FILE",
            description = "Principals and secrets for HTTP basic authentication:"
                    + " {\"credentials\":[{\"principal\":\"p\",\"secret\":\"s\"}]}. Changes count at once.")
    public @Nullable Path credentials;

    @Option(
            names = {"--jwt-secret-key", "--jwt_secret_key"},
            paramLabel = "FILE",
            description = "Key of the tokens (JWT, HS256) that are taken besides credentials. Changes count at once.")
    public @Nullable Path jwtSecretKey;

    @Option(
            names = {"--authenticate-http-readonly", "--authenticate_http_readonly"},
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "BOOLEAN",
            description = "Whether reads need authentication; by default they do if there are credentials or a key.")
    public @Nullable Boolean authenticateReadonly;

    @Option(
            names = {"--authenticate-http-readwrite", "--authenticate_http_readwrite"},
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "BOOLEAN",
            description = "Whether changes need authentication; by default they do if there are credentials or a key.")
    public @Nullable Boolean authenticateReadwrite;

    @Option(
            names = {"--firewall-rules", "--firewall_rules"},
            paramLabel = "JSON|FILE",
            description = "Endpoints to answer 403: {\"disabled_endpoints\":{\"paths\":[\"/files/browse\"]}}.")
    public @Nullable String firewallRules;

    /**
     * The server's certificate, from its flags or from the environment that Mesos takes it from.
     *
     * @throws IllegalArgumentException naming the flag that does not fit
     */
    public Optional<TlsFiles> tls() {
        return tls.files();
    }

    /** How other servers are spoken to by HTTPS: trusting those of {@code --tls-ca}, showing the own certificate. */
    public SSLContext clientTls(WatchedFiles files) {
        return tls.client(files).context();
    }

    /** How servers of the same kind, and agents, are reached. */
    public Peers peers(WatchedFiles files) {
        return Peers.of(tls().isPresent(), clientTls(files));
    }

    /** How ZooKeeper is spoken to: plainly, unless it has a certificate authority of its own. */
    public Optional<WatchedTls> zooKeeperTls(WatchedFiles files) {
        return Optional.ofNullable(zkTlsCa)
                .map(ca -> WatchedTls.client(
                        files, tls(), Optional.of(new WatchedFiles.Source("zk-tls-ca", ca)), tls.choice()));
    }

    /** Who is let in to a server with nothing but reads and changes. */
    public Access access() {
        return access("paddock", SecurityFlags::byMethod, Map.of(), false);
    }

    /**
     * Who is let in.
     *
     * @param server starts the names of its realms
     * @param realmOf to which realm a request belongs
     * @param more whether further realms demand authentication; those not named, and null, do if there are credentials or a key
     * @param claimsSuffice whether a token that names no principal is let in
     * @throws IllegalArgumentException naming the flag that does not fit
     */
    public Access access(
            String server,
            Function<HttpRequest, Realm> realmOf,
            Map<Realm, Optional<Boolean>> more,
            boolean claimsSuffice) {
        WatchedFiles files = new WatchedFiles();
        // As in Mesos, the key an agent signs its executors' tokens with closes nothing else.
        boolean provable = credentials != null || (jwtSecretKey != null && !more.containsKey(Realm.EXECUTOR));
        Map<Realm, Optional<Boolean>> asked = new EnumMap<>(Realm.class);
        asked.put(Realm.READONLY, Optional.ofNullable(authenticateReadonly));
        asked.put(Realm.READWRITE, Optional.ofNullable(authenticateReadwrite));
        asked.putAll(more);
        Set<Realm> demanding = EnumSet.noneOf(Realm.class);
        asked.forEach((realm, demand) -> {
            if (demand.orElse(provable)) {
                demanding.add(realm);
            }
        });
        return Access.of(new Access.Setup(
                server,
                realmOf,
                demanding,
                claimsSuffice,
                Optional.ofNullable(credentials).map(file -> files.watch("http-credentials", file, Credentials::parse)),
                Optional.ofNullable(jwtSecretKey).map(file -> JwtKeys.watch(files, "jwt-secret-key", file)),
                firewallRules == null
                        ? () -> Firewall.NONE
                        : JsonFlag.watch(files, "firewall-rules", firewallRules, Firewall::parse),
                files));
    }

    /** GET and HEAD read, all others change; liveness is everybody's. */
    private static Realm byMethod(HttpRequest request) {
        String path = EndpointPath.of(request);
        if (path.equals("/ping") || path.equals("/health")) {
            return Realm.OPEN;
        }
        return request.method().equals(HttpMethods.GET) || request.method().equals(HttpMethods.HEAD)
                ? Realm.READONLY
                : Realm.READWRITE;
    }
}
