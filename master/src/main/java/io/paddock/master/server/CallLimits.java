package io.paddock.master.server;

import io.paddock.common.Rejection;
import io.paddock.common.limits.CallRate;
import io.paddock.platform.security.RateLimits;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorSystem;
import org.jspecify.annotations.Nullable;

/**
 * Keeps schedulers to the rate of their principal: a call that comes too early waits, one beyond those that may wait is
 * refused. Nobody is blocked: a waiting call is a timer. Any thread.
 */
final class CallLimits {
    private static final String OTHERS = "";
    /** Principals whose calls are counted: anybody may name any. */
    private static final int MAX_COUNTED = 1_000;

    private final ActorSystem<?> system;
    private final Supplier<RateLimits> limits;
    /** Of streams whose scheduler was not authenticated but names a principal. */
    private final Map<String, String> principals = new ConcurrentHashMap<>();

    private final Map<String, Long> heldBack = new HashMap<>(); // guarded by this

    private RateLimits of = RateLimits.NONE; // guarded by this, as is the map
    private final Map<String, CallRate> rates = new HashMap<>();

    /** @param limits those in force */
    CallLimits(ActorSystem<?> system, Supplier<RateLimits> limits) {
        this.system = system;
        this.limits = limits;
    }

    /** Calls on that stream are the principal's. */
    void opened(String stream, String principal) {
        principals.put(stream, principal);
    }

    void closed(String stream) {
        principals.remove(stream);
    }

    /** As whom calls on a stream count, if they come from somebody not authenticated. */
    Optional<String> principalOf(@Nullable String stream) {
        return Optional.ofNullable(stream == null ? null : principals.get(stream));
    }

    /** Completes when it is the call's turn, with why it is refused, if it is. */
    CompletionStage<Optional<Rejection>> turn(Optional<String> principal) {
        RateLimits now = limits.get();
        Optional<RateLimits.Limit> limit = principal
                .filter(now.byPrincipal()::containsKey)
                .map(now.byPrincipal()::get)
                .orElse(now.others());
        if (limit.isEmpty()) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        String name = principal.filter(now.byPrincipal()::containsKey).orElse(OTHERS);
        OptionalLong wait = admit(now, name, limit.get());
        if (wait.isEmpty()) {
            principal.ifPresent(caller -> heldBack(caller, 1));
            return CompletableFuture.completedFuture(Optional.of(new Rejection(
                    Rejection.Code.TOO_MANY,
                    "Call dropped: capacity(" + limit.get().capacity() + ") exceeded by "
                            + principal
                                    .map(given -> "principal '" + given + "'")
                                    .orElse("a framework without principal")
                            + "; at most " + limit.get().callsPerSecond() + " calls per second are taken")));
        }
        if (wait.getAsLong() == 0) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        CompletableFuture<Optional<Rejection>> turn = new CompletableFuture<>();
        principal.ifPresent(caller -> heldBack(caller, 1));
        system.scheduler()
                .scheduleOnce(
                        Duration.ofNanos(wait.getAsLong()),
                        () -> {
                            principal.ifPresent(caller -> heldBack(caller, -1));
                            turn.complete(Optional.empty());
                        },
                        system.executionContext());
        return turn;
    }

    /** How many calls of a principal wait, or were refused since this process started: received and not processed. */
    synchronized long heldBack(String principal) {
        return heldBack.getOrDefault(principal, 0L);
    }

    private synchronized void heldBack(String principal, long calls) {
        if (heldBack.size() < MAX_COUNTED || heldBack.containsKey(principal)) {
            heldBack.merge(principal, calls, (before, more) -> before + more == 0 ? null : before + more);
        }
    }

    private synchronized OptionalLong admit(RateLimits now, String name, RateLimits.Limit limit) {
        if (of != now) {
            of = now;
            rates.clear();
        }
        return rates.computeIfAbsent(name, key -> new CallRate(limit.callsPerSecond(), limit.capacity()))
                .admit(System.nanoTime());
    }
}
