package io.paddock.marathon.core;

import io.paddock.marathon.core.model.App;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Tells the master in which roles offers are wanted: suppressed while nothing can be launched, revived when something new
 * can, at most every {@code minRevive}. Also keeps the roles subscribed to in step with the apps.
 */
final class Demand {
    /** While something waits, offers are asked for again after so long, lest a lost call leave it waiting for ever. */
    private static final Duration REMIND_EVERY = Duration.ofSeconds(30);

    private final State state;
    private final Timers timers;
    private final Settings settings;
    private final Set<String> subscribed = new TreeSet<>();
    private final Set<String> suppressed = new TreeSet<>();
    private final Map<String, Integer> seen = new HashMap<>();
    private Instant lastRevive = Instant.EPOCH;
    private boolean connected;
    private boolean constraintRefused;
    private boolean askAnew;

    Demand(State state, Timers timers, Settings settings) {
        this.state = state;
        this.timers = timers;
        this.settings = settings;
        subscribed.addAll(settings.framework().getRolesList());
    }

    /** Apps with waiting instances whose delay is over. */
    List<AppEntry> launchable(Instant now) {
        List<AppEntry> result = new ArrayList<>();
        for (AppEntry entry : state.waiting()) {
            if (!entry.backoff().until().isAfter(now)) {
                result.add(entry);
            }
        }
        return result;
    }

    /** A new subscription: the master wants to offer in all its roles. */
    void subscribed() {
        connected = true;
        suppressed.clear();
        seen.clear();
        subscribed.clear();
        subscribed.addAll(settings.framework().getRolesList());
    }

    /** A wish may not have got through, or has been waiting for long: say it again. */
    void repeat() {
        suppressed.clear();
        askAnew = true;
    }

    void lost() {
        connected = false;
    }

    /** An offer was refused. */
    void refused(boolean forConstraints) {
        constraintRefused |= forConstraints;
    }

    /** Instances were placed, so offers refused for constraints may fit now. */
    void placedSome() {
        askAnew |= constraintRefused;
        constraintRefused = false;
    }

    /** Brings the master's picture up to date after an event. */
    void adjust(Turn turn) {
        if (!connected) {
            return;
        }
        Map<String, Integer> wanted = new TreeMap<>();
        for (AppEntry entry : launchable(turn.now())) {
            App app = entry.current();
            if (app != null) {
                wanted.merge(app.placement().role(), entry.scheduled().size(), Integer::sum);
            }
        }
        subscribeTo(turn, wanted.keySet());
        suppressIdle(turn, wanted.keySet());
        boolean more = askAnew;
        for (Map.Entry<String, Integer> e : wanted.entrySet()) {
            more |= suppressed.contains(e.getKey()) || e.getValue() > seen.getOrDefault(e.getKey(), 0);
        }
        if (!wanted.isEmpty() && more) {
            reviveSoon(turn, wanted);
        } else {
            seen.clear();
            seen.putAll(wanted);
        }
    }

    private void reviveSoon(Turn turn, Map<String, Integer> wanted) {
        Instant next = lastRevive.plus(settings.minRevive());
        if (next.isAfter(turn.now())) {
            timers.setAtLatest(TimerKey.of(Due.REVIVE), next);
            return;
        }
        Call.Builder call = Call.newBuilder().setType(Call.Type.REVIVE);
        call.getReviveBuilder().addAllRoles(wanted.keySet());
        turn.send(call);
        suppressed.removeAll(wanted.keySet());
        seen.clear();
        seen.putAll(wanted);
        askAnew = false;
        lastRevive = turn.now();
        timers.set(TimerKey.of(Due.REVIVE), turn.now().plus(REMIND_EVERY));
    }

    private void suppressIdle(Turn turn, Set<String> wanted) {
        Set<String> idle = new TreeSet<>(subscribed);
        idle.removeAll(wanted);
        idle.removeAll(suppressed);
        if (!idle.isEmpty()) {
            Call.Builder call = Call.newBuilder().setType(Call.Type.SUPPRESS);
            call.getSuppressBuilder().addAllRoles(idle);
            turn.send(call);
            suppressed.addAll(idle);
        }
    }

    private void subscribeTo(Turn turn, Set<String> roles) {
        if (subscribed.containsAll(roles)) {
            return;
        }
        subscribed.addAll(roles);
        String id = state.frameworkId();
        FrameworkInfo.Builder info = settings.framework().toBuilder();
        info.clearRoles().addAllRoles(subscribed);
        if (id != null) {
            info.getIdBuilder().setValue(id);
        }
        Call.Builder call = Call.newBuilder().setType(Call.Type.UPDATE_FRAMEWORK);
        call.getUpdateFrameworkBuilder().setFrameworkInfo(info).addAllSuppressedRoles(suppressed);
        turn.send(call);
    }
}
