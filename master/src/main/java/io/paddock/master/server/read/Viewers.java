package io.paddock.master.server.read;

import io.paddock.common.Rejection;
import io.paddock.common.authorization.Acls;
import io.paddock.common.authorization.Action;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.platform.http.HttpServer;
import io.paddock.platform.http.Responses;
import io.paddock.platform.security.EndpointPath;
import io.paddock.proto.v1.master.Call;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.Route;
import org.jspecify.annotations.Nullable;

/**
 * What readers may see by the rules in force. While nothing is hidden from anybody this costs nothing; otherwise a snapshot is
 * looked through once for each principal. Any thread.
 */
public final class Viewers {
    private static final int MAX_REMEMBERED = 64;

    private final Supplier<Acls> acls;
    private final Map<String, Seen> remembered = new LinkedHashMap<>(); // guarded by itself

    private final LongAdder sharedReads = new LongAdder();
    private volatile @Nullable ClusterSnapshot lastShown;

    private record Seen(Acls acls, ClusterSnapshot all, ClusterSnapshot seen) {}

    /** @param acls the rules in force */
    public Viewers(Supplier<Acls> acls) {
        this.acls = acls;
    }

    Acls acls() {
        return acls.get();
    }

    /** How many reads of the cluster were answered from the same snapshot, with the same part of it, as an earlier one. */
    long sharedReads() {
        return sharedReads.sum();
    }

    /** The part of a snapshot that a principal may see. */
    ClusterSnapshot visible(Optional<String> principal, ClusterSnapshot all) {
        Acls rules = acls.get();
        if (Visibility.isEverything(rules)) {
            if (lastShown == all) {
                sharedReads.increment();
            }
            lastShown = all;
            return all;
        }
        String name = principal.map(given -> "=" + given).orElse("");
        synchronized (remembered) {
            Seen known = remembered.get(name);
            if (known != null && known.all() == all && known.acls() == rules) {
                sharedReads.increment();
                return known.seen();
            }
        }
        ClusterSnapshot seen = new Visibility(rules, principal.orElse(null)).of(all);
        synchronized (remembered) {
            remembered.remove(name);
            remembered.put(name, new Seen(rules, all, seen));
            if (remembered.size() > MAX_REMEMBERED) {
                remembered.remove(remembered.keySet().iterator().next());
            }
        }
        return seen;
    }

    /** Why a principal may not make a call that reads; what it may read only a part of, it may call. */
    Optional<Rejection> refuse(Optional<String> principal, Call.Type read) {
        return switch (read) {
            case GET_FLAGS -> refuse(principal, Action.VIEW_FLAGS, null);
            case SET_LOGGING_LEVEL -> refuse(principal, Action.SET_LOG_LEVEL, null);
            case LIST_FILES, READ_FILE -> refuse(principal, Action.ACCESS_MESOS_LOGS, null);
            default -> Optional.empty();
        };
    }

    /** Why a principal may not use an endpoint at all. */
    private Optional<Rejection> refuse(Optional<String> principal, String path) {
        String plain = EndpointPath.plain(path);
        return switch (plain) {
            case "/flags", "/security/files" -> refuse(principal, Action.VIEW_FLAGS, null);
            case "/metrics/snapshot", "/metrics/prometheus" ->
                refuse(principal, Action.GET_ENDPOINTS, "/metrics/snapshot");
            case "/logging/toggle" ->
                refuse(principal, Action.GET_ENDPOINTS, plain).or(() -> refuse(principal, Action.SET_LOG_LEVEL, null));
            case "/files/debug" -> refuse(principal, Action.GET_ENDPOINTS, plain);
            case "/files/browse", "/files/read", "/files/download" -> refuse(principal, Action.ACCESS_MESOS_LOGS, null);
            default -> Optional.empty();
        };
    }

    /** A route for those who may use it. */
    public Route guard(Route inner) {
        return Directives.extractRequest(request -> acls.get() == Acls.PERMISSIVE
                ? inner
                : refuse(HttpServer.principal(request), EndpointPath.of(request))
                        .map(refused -> Directives.complete(Responses.rejected(refused)))
                        .orElse(inner));
    }

    /** Why a principal may not do something, or empty when it may. */
    public Optional<Rejection> refuse(Optional<String> principal, Action action, @Nullable String object) {
        return acls.get().permits(principal.orElse(null), action, object)
                ? Optional.empty()
                : Optional.of(Rejection.forbidden("Not authorized to " + action.key()
                        + (object == null ? "" : " of '" + object + "'")
                        + principal.map(name -> " as '" + name + "'").orElse("")));
    }
}
