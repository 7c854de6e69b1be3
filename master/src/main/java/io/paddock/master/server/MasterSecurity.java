package io.paddock.master.server;

import io.paddock.common.authorization.Acls;
import io.paddock.platform.flags.SecurityFlags;
import io.paddock.platform.security.Access;
import io.paddock.platform.security.AclsJson;
import io.paddock.platform.security.EndpointPath;
import io.paddock.platform.security.JsonFlag;
import io.paddock.platform.security.RateLimits;
import io.paddock.platform.security.Realm;
import io.paddock.platform.security.WatchedFiles;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Who may connect to a master and what they may do, as flags. */
public final class MasterSecurity {
    @Option(
            names = "--acls",
            paramLabel = "JSON|FILE",
            description = "Who may do what: {\"permissive\":true,\"<action>\":[{\"principals\":…,\"<objects>\":…}]}."
                    + " Without it everybody may do everything. Changes of the file count at once.")
    public @Nullable String acls;

    @Option(
            names = {"--rate-limits", "--rate_limits"},
            paramLabel = "JSON|FILE",
            description = "How many calls a second schedulers may make, by principal:"
                    + " {\"limits\":[{\"principal\":\"p\",\"qps\":50,\"capacity\":1000}],\"aggregate_default_qps\":300}."
                    + " Changes of the file count at once.")
    public @Nullable String rateLimits;

    @Option(
            names = {
                "--authenticate-http-frameworks",
                "--authenticate_http_frameworks",
                "--authenticate-frameworks",
                "--authenticate_frameworks"
            },
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "BOOLEAN",
            description =
                    "Whether schedulers need authentication; by default they do if there are credentials or a key.")
    public @Nullable Boolean authenticateFrameworks;

    @Option(
            names = {"--authenticate-agents", "--authenticate_agents"},
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "BOOLEAN",
            description = "Whether agents need authentication; by default they do if there are credentials or a key.")
    public @Nullable Boolean authenticateAgents;

    @Option(
            names = {"--root-submissions", "--root_submissions"},
            negatable = true,
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "BOOLEAN",
            description = "Whether frameworks and tasks may run as root.")
    public boolean rootSubmissions = true;

    /** @throws IllegalArgumentException naming the flag that does not fit */
    Access access(SecurityFlags flags) {
        return flags.access(
                "mesos-master",
                MasterSecurity::realmOf,
                Map.of(
                        Realm.SCHEDULER, Optional.ofNullable(authenticateFrameworks),
                        Realm.AGENT, Optional.ofNullable(authenticateAgents)),
                false);
    }

    /**
     * The rules in force.
     *
     * @param changed told of new ones
     * @throws IllegalArgumentException when they do not fit
     */
    Supplier<Acls> acls(WatchedFiles files, Consumer<Acls> changed) {
        return acls == null ? () -> Acls.PERMISSIVE : JsonFlag.watch(files, "acls", acls, AclsJson::parse, changed);
    }

    /** @throws IllegalArgumentException when they do not fit */
    Supplier<RateLimits> rateLimits(WatchedFiles files) {
        return rateLimits == null
                ? () -> RateLimits.NONE
                : JsonFlag.watch(files, "rate-limits", rateLimits, RateLimits::parse);
    }

    /** Mesos' realms; liveness, the version and where the leader is are everybody's. */
    private static Realm realmOf(HttpRequest request) {
        String path = EndpointPath.plain(EndpointPath.of(request));
        if (path.equals("/health") || path.equals("/version") || path.equals("/redirect")) {
            return Realm.OPEN;
        }
        if (path.startsWith("/api/v1/scheduler")) {
            return Realm.SCHEDULER;
        }
        if (path.startsWith("/api/paddock/link")) {
            return Realm.AGENT;
        }
        return request.method().equals(HttpMethods.GET) || request.method().equals(HttpMethods.HEAD)
                ? Realm.READONLY
                : Realm.READWRITE;
    }
}
