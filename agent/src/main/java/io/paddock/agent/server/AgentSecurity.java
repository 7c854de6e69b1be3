package io.paddock.agent.server;

import io.paddock.common.authorization.Acls;
import io.paddock.platform.flags.SecurityFlags;
import io.paddock.platform.security.Access;
import io.paddock.platform.security.AclsJson;
import io.paddock.platform.security.EndpointPath;
import io.paddock.platform.security.JsonFlag;
import io.paddock.platform.security.Realm;
import io.paddock.platform.security.WatchedFiles;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Who may connect to an agent and what they may do, as flags. */
public final class AgentSecurity {
    @Option(
            names = "--acls",
            paramLabel = "JSON|FILE",
            description = "Who may do what: {\"permissive\":true,\"<action>\":[{\"principals\":…,\"<objects>\":…}]}."
                    + " Without it everybody may do everything. Changes of the file count at once.")
    public @Nullable String acls;

    @Option(
            names = {"--authenticate-http-executors", "--authenticate_http_executors"},
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "BOOLEAN",
            description = "Whether executors get a token and must show it; by default they do if there is a"
                    + " --jwt-secret-key, which is needed.")
    public @Nullable Boolean authenticateExecutors;

    /** @throws IllegalArgumentException naming the flag that does not fit */
    Access access(SecurityFlags flags) {
        if (authenticateExecutors(flags) && flags.jwtSecretKey == null) {
            throw new IllegalArgumentException("--authenticate-http-executors needs --jwt-secret-key");
        }
        return flags.access(
                "mesos-agent",
                AgentSecurity::realmOf,
                Map.of(Realm.EXECUTOR, Optional.of(authenticateExecutors(flags))),
                true);
    }

    boolean authenticateExecutors(SecurityFlags flags) {
        return authenticateExecutors == null ? flags.jwtSecretKey != null : authenticateExecutors;
    }

    /** @throws IllegalArgumentException when the rules do not fit */
    Supplier<Acls> acls(WatchedFiles files) {
        return acls == null ? () -> Acls.PERMISSIVE : JsonFlag.watch(files, "acls", acls, AclsJson::parse);
    }

    /** Mesos' realms; liveness and the version are everybody's. */
    private static Realm realmOf(HttpRequest request) {
        String path = EndpointPath.plain(EndpointPath.of(request));
        if (path.equals("/health") || path.equals("/version")) {
            return Realm.OPEN;
        }
        if (path.startsWith("/api/v1/executor")) {
            return Realm.EXECUTOR;
        }
        return request.method().equals(HttpMethods.GET) || request.method().equals(HttpMethods.HEAD)
                ? Realm.READONLY
                : Realm.READWRITE;
    }
}
