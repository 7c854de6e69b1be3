package io.paddock.client.core;

import io.paddock.common.Core;
import io.paddock.common.TransitionTable;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one subscription alive.
 *
 * <ul>
 *   <li>Follows a standby to the leader (307) without waiting, at most {@value #MAX_REDIRECTS} times in a row.
 *   <li>Waits and looks for the leader again when a master is not there, not ready (503), broken (5xx) or silent: no
 *       event for {@value #MISSED_HEARTBEATS} heartbeat intervals, no SUBSCRIBED within {@link #SUBSCRIBE_PATIENCE}.
 *   <li>Gives up when trying again cannot help: SUBSCRIBE answered 4xx, or an ERROR event; unless that says, just after
 *       tries without an answer, that the framework was taken over: one of them may have reached the master after all.
 *   <li>Waits longer from try to try; starts over once a subscription has lasted {@link #STABLE_AFTER}, so that a master
 *       that takes and drops subscriptions is not stormed.
 * </ul>
 */
public final class ConnectionCore implements Core<ConnectionEvent, ConnectionEffect> {
    static final int MAX_REDIRECTS = 5;
    static final int MISSED_HEARTBEATS = 3;
    static final Duration SUBSCRIBE_PATIENCE = Duration.ofSeconds(15);
    static final Duration STABLE_AFTER = Duration.ofSeconds(10);
    /** What a master, as that of Mesos, tells the stream that another has taken the place of. */
    private static final String REPLACED = "Framework failed over";

    private static final double DEFAULT_HEARTBEAT_SECONDS = 15;

    /** Where a connection stands. */
    public enum Phase {
        IDLE,
        LOCATING,
        SUBSCRIBING,
        STREAMING,
        SUBSCRIBED,
        WAITING,
        OVER
    }

    /** The lifecycle of a connection. */
    public static final TransitionTable<Phase> LIFECYCLE = TransitionTable.of("connection", Phase.class)
            .from(Phase.IDLE, Phase.LOCATING, Phase.OVER)
            .from(Phase.LOCATING, Phase.SUBSCRIBING, Phase.WAITING, Phase.OVER)
            .from(Phase.SUBSCRIBING, Phase.SUBSCRIBING, Phase.STREAMING, Phase.WAITING, Phase.OVER)
            .from(Phase.STREAMING, Phase.SUBSCRIBED, Phase.WAITING, Phase.OVER)
            .from(Phase.SUBSCRIBED, Phase.WAITING, Phase.OVER)
            .from(Phase.WAITING, Phase.LOCATING, Phase.OVER)
            .build();

    private final Backoff backoff;
    private Phase phase = Phase.IDLE;
    private long attempt;
    private int redirects;
    private int givenUp; // tries without an answer, which the master may still come to handle
    private Duration silenceLimit = SUBSCRIBE_PATIENCE;
    private @Nullable Instant subscribedAt;
    private @Nullable Instant deadline;

    /** @param backoff how long to wait between tries */
    public ConnectionCore(Backoff backoff) {
        this.backoff = backoff;
    }

    public Phase phase() {
        return phase;
    }

    /** The number of the current try; outcomes of others are void. */
    public long attempt() {
        return attempt;
    }

    @Override
    public List<ConnectionEffect> on(Instant now, ConnectionEvent event) {
        List<ConnectionEffect> effects = new ArrayList<>();
        if (phase == Phase.OVER) {
            return effects;
        }
        if (event instanceof ConnectionEvent.ConnectionWanted) {
            locate(effects);
        } else if (event instanceof ConnectionEvent.MasterLocated e && e.attempt() == attempt) {
            redirects = 0;
            subscribe(now, e.master(), effects);
        } else if (event instanceof ConnectionEvent.LocatingFailed e && e.attempt() == attempt) {
            retryLater(now, e.reason(), effects);
        } else if (event instanceof ConnectionEvent.SubscribeRefused e && e.attempt() == attempt) {
            refused(now, e, effects);
        } else if (event instanceof ConnectionEvent.StreamOpened e && e.attempt() == attempt) {
            enter(Phase.STREAMING);
            watch(now, SUBSCRIBE_PATIENCE, effects);
        } else if (event instanceof ConnectionEvent.EventArrived e && e.attempt() == attempt) {
            arrived(now, e.event(), effects);
        } else if (event instanceof ConnectionEvent.StreamBroke e && e.attempt() == attempt) {
            retryLater(now, e.reason(), effects);
        } else if (event instanceof ConnectionEvent.SubscriptionDenied e && e.attempt() == attempt) {
            retryLater(now, e.reason(), effects);
        } else if (event instanceof ConnectionEvent.TimeCame) {
            timeCame(now, effects);
        } else if (event instanceof ConnectionEvent.ConnectionReleased) {
            effects.add(new ConnectionEffect.FinishStream(attempt));
            finish();
        }
        return effects;
    }

    private void locate(List<ConnectionEffect> effects) {
        enter(Phase.LOCATING);
        attempt++;
        deadline = null;
        effects.add(new ConnectionEffect.LocateMaster(attempt));
    }

    private void subscribe(Instant now, String master, List<ConnectionEffect> effects) {
        enter(Phase.SUBSCRIBING);
        effects.add(new ConnectionEffect.Subscribe(attempt, master));
        watch(now, SUBSCRIBE_PATIENCE, effects);
    }

    private void refused(Instant now, ConnectionEvent.SubscribeRefused e, List<ConnectionEffect> effects) {
        String answer = "SUBSCRIBE was answered " + e.status()
                + (e.body().isBlank() ? "" : ": " + e.body().strip());
        if (e.status() == 307 && e.redirect() != null && redirects < MAX_REDIRECTS) {
            redirects++;
            subscribe(now, e.redirect(), effects);
        } else if (e.status() >= 500 || e.status() == 307 || e.status() == 429) {
            retryLater(now, answer, effects);
        } else {
            giveUp(answer, effects);
        }
    }

    private void arrived(Instant now, Event event, List<ConnectionEffect> effects) {
        switch (event.getType()) {
            case SUBSCRIBED -> {
                if (phase == Phase.STREAMING) {
                    enter(Phase.SUBSCRIBED);
                    subscribedAt = now;
                    double seconds = event.getSubscribed().hasHeartbeatIntervalSeconds()
                            ? event.getSubscribed().getHeartbeatIntervalSeconds()
                            : DEFAULT_HEARTBEAT_SECONDS;
                    silenceLimit = Duration.ofMillis((long) (seconds * 1000 * MISSED_HEARTBEATS));
                }
                effects.add(new ConnectionEffect.Deliver(event));
                watch(now, silenceLimit, effects);
            }
            case HEARTBEAT -> deadline = now.plus(silenceLimit);
            case ERROR -> {
                if (isReplacedByOwnTry(now, event.getError().getMessage())) {
                    givenUp--;
                    retryLater(now, "a try to subscribe that was given up has reached the master after all", effects);
                    return;
                }
                effects.add(new ConnectionEffect.Deliver(event));
                giveUp(event.getError().getMessage(), effects);
            }
            case OFFERS,
                    INVERSE_OFFERS,
                    RESCIND,
                    RESCIND_INVERSE_OFFER,
                    UPDATE,
                    UPDATE_OPERATION_STATUS,
                    MESSAGE,
                    FAILURE -> {
                deadline = now.plus(silenceLimit);
                effects.add(new ConnectionEffect.Deliver(event));
            }
            case UNKNOWN -> deadline = now.plus(silenceLimit);
        }
    }

    private boolean isReplacedByOwnTry(Instant now, String error) {
        return givenUp > 0
                && subscribedAt != null
                && now.isBefore(subscribedAt.plus(STABLE_AFTER))
                && error.equals(REPLACED);
    }

    private void timeCame(Instant now, List<ConnectionEffect> effects) {
        if (deadline == null) {
            return;
        }
        if (now.isBefore(deadline)) {
            effects.add(new ConnectionEffect.WakeAt(deadline));
        } else if (phase == Phase.WAITING) {
            locate(effects);
        } else {
            givenUp += phase == Phase.SUBSCRIBED ? 0 : 1;
            String what = phase == Phase.SUBSCRIBED
                    ? "no event, not even a heartbeat, for " + silenceLimit.toMillis() + " ms"
                    : "no SUBSCRIBED event within " + SUBSCRIBE_PATIENCE.toSeconds() + " s";
            retryLater(now, what, effects);
        }
    }

    private void watch(Instant now, Duration patience, List<ConnectionEffect> effects) {
        deadline = now.plus(patience);
        effects.add(new ConnectionEffect.WakeAt(deadline));
    }

    private void retryLater(Instant now, String reason, List<ConnectionEffect> effects) {
        boolean wasSubscribed = phase == Phase.SUBSCRIBED;
        if (wasSubscribed && subscribedAt != null && !now.isBefore(subscribedAt.plus(STABLE_AFTER))) {
            backoff.reset();
            givenUp = 0;
        }
        effects.add(new ConnectionEffect.DropStream(attempt));
        enter(Phase.WAITING);
        attempt++;
        Duration wait = backoff.next();
        effects.add(new ConnectionEffect.AnnounceTrouble(wasSubscribed, reason, wait));
        watch(now, wait, effects);
    }

    private void giveUp(String reason, List<ConnectionEffect> effects) {
        effects.add(new ConnectionEffect.DropStream(attempt));
        finish();
        effects.add(new ConnectionEffect.GiveUp(reason));
    }

    private void finish() {
        enter(Phase.OVER);
        attempt++;
        deadline = null;
    }

    private void enter(Phase next) {
        phase = LIFECYCLE.require(attempt, phase, next);
    }
}
