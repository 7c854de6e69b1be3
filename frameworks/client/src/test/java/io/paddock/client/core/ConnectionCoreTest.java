package io.paddock.client.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.client.core.ConnectionCore.Phase;
import io.paddock.common.TransitionTable.Edge;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ConnectionCoreTest {
    private static final Event SUBSCRIBED = Event.newBuilder()
            .setType(Event.Type.SUBSCRIBED)
            .setSubscribed(Event.Subscribed.newBuilder()
                    .setFrameworkId(FrameworkID.newBuilder().setValue("f"))
                    .setHeartbeatIntervalSeconds(10))
            .build();
    private static final Event HEARTBEAT =
            Event.newBuilder().setType(Event.Type.HEARTBEAT).build();

    /** A core, its clock, and what it asked for last. */
    private static final class Run {
        final ConnectionCore core = new ConnectionCore(new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5), 7));
        final Set<Edge<Phase>> visited = new HashSet<>();
        Instant now = Instant.EPOCH;
        List<ConnectionEffect> last = List.of();

        Run then(ConnectionEvent event) {
            Phase before = core.phase();
            last = core.on(now, event);
            if (core.phase() != before || event instanceof ConnectionEvent.SubscribeRefused) {
                visited.add(new Edge<>(before, core.phase()));
            }
            return this;
        }

        Run after(Duration time) {
            now = now.plus(time);
            return then(new ConnectionEvent.TimeCame());
        }

        Run located() {
            return then(new ConnectionEvent.ConnectionWanted())
                    .then(new ConnectionEvent.MasterLocated(core.attempt(), "http://a:1"));
        }

        Run subscribed() {
            return located()
                    .then(new ConnectionEvent.StreamOpened(core.attempt()))
                    .then(new ConnectionEvent.EventArrived(core.attempt(), SUBSCRIBED));
        }

        /** After a try that failed. */
        Run subscribedAgain() {
            return after(Duration.ofSeconds(5))
                    .then(new ConnectionEvent.MasterLocated(core.attempt(), "http://a:1"))
                    .then(new ConnectionEvent.StreamOpened(core.attempt()))
                    .then(new ConnectionEvent.EventArrived(core.attempt(), SUBSCRIBED));
        }

        Run refused(int status, String redirect) {
            return then(new ConnectionEvent.SubscribeRefused(core.attempt(), status, redirect, "why"));
        }

        Run broke() {
            return then(new ConnectionEvent.StreamBroke(core.attempt(), "reset"));
        }

        <T> List<T> effects(Class<T> type) {
            return last.stream().filter(type::isInstance).map(type::cast).toList();
        }
    }

    @Test
    void subscribesToTheMasterThatWasFound() {
        Run run = new Run().located();
        assertThat(run.effects(ConnectionEffect.Subscribe.class))
                .containsExactly(new ConnectionEffect.Subscribe(run.core.attempt(), "http://a:1"));
        run.then(new ConnectionEvent.StreamOpened(run.core.attempt()))
                .then(new ConnectionEvent.EventArrived(run.core.attempt(), SUBSCRIBED));
        assertThat(run.effects(ConnectionEffect.Deliver.class))
                .containsExactly(new ConnectionEffect.Deliver(SUBSCRIBED));
        assertThat(run.core.phase()).isEqualTo(Phase.SUBSCRIBED);
    }

    @Test
    void followsAStandbyToTheLeaderAtOnceButNotForEver() {
        Run run = new Run().located();
        for (int i = 0; i < ConnectionCore.MAX_REDIRECTS; i++) {
            run.refused(307, "http://b:2");
            assertThat(run.effects(ConnectionEffect.Subscribe.class))
                    .containsExactly(new ConnectionEffect.Subscribe(run.core.attempt(), "http://b:2"));
        }
        run.refused(307, "http://b:2");
        assertThat(run.core.phase()).isEqualTo(Phase.WAITING);
    }

    @Test
    void waitsOnAMasterThatIsNotReadyAndGivesUpOnOneThatRefuses() {
        assertThat(new Run().located().refused(503, null).core.phase()).isEqualTo(Phase.WAITING);
        assertThat(new Run().located().refused(500, null).core.phase()).isEqualTo(Phase.WAITING);
        for (int status : new int[] {400, 401, 403, 404, 415}) {
            Run run = new Run().located().refused(status, null);
            assertThat(run.core.phase()).isEqualTo(Phase.OVER);
            assertThat(run.effects(ConnectionEffect.GiveUp.class))
                    .containsExactly(new ConnectionEffect.GiveUp("SUBSCRIBE was answered " + status + ": why"));
        }
    }

    @Test
    void losesPatienceWithASilentMaster() {
        Run run = new Run().subscribed().after(Duration.ofSeconds(29));
        assertThat(run.core.phase()).isEqualTo(Phase.SUBSCRIBED);
        run.then(new ConnectionEvent.EventArrived(run.core.attempt(), HEARTBEAT))
                .after(Duration.ofSeconds(29));
        assertThat(run.core.phase()).isEqualTo(Phase.SUBSCRIBED);
        run.after(Duration.ofSeconds(1));
        assertThat(run.core.phase()).isEqualTo(Phase.WAITING);
        assertThat(run.effects(ConnectionEffect.AnnounceTrouble.class))
                .singleElement()
                .satisfies(trouble -> {
                    assertThat(trouble.wasSubscribed()).isTrue();
                    assertThat(trouble.reason()).contains("30000 ms");
                });
    }

    @Test
    void triesAgainAfterAPauseThatGrows() {
        Run run = new Run().located();
        List<Duration> pauses = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            run.broke();
            Duration pause =
                    run.effects(ConnectionEffect.AnnounceTrouble.class).get(0).retryAfter();
            pauses.add(pause);
            run.after(pause.minusNanos(1));
            assertThat(run.core.phase()).isEqualTo(Phase.WAITING);
            run.after(Duration.ofNanos(1));
            assertThat(run.effects(ConnectionEffect.LocateMaster.class)).hasSize(1);
            run.then(new ConnectionEvent.MasterLocated(run.core.attempt(), "http://a:1"));
        }
        for (int i = 0; i < pauses.size(); i++) {
            Duration bound = Duration.ofMillis(Math.min(5000, 100L << i));
            assertThat(pauses.get(i)).isBetween(bound.dividedBy(2), bound);
        }
    }

    @Test
    void aSubscriptionThatLastedMakesThePauseShortAgain() {
        Run run = new Run().located().broke();
        run.after(Duration.ofSeconds(5));
        run.then(new ConnectionEvent.MasterLocated(run.core.attempt(), "http://a:1"))
                .then(new ConnectionEvent.StreamOpened(run.core.attempt()))
                .then(new ConnectionEvent.EventArrived(run.core.attempt(), SUBSCRIBED));
        run.now = run.now.plus(ConnectionCore.STABLE_AFTER);
        run.broke();
        assertThat(run.effects(ConnectionEffect.AnnounceTrouble.class).get(0).retryAfter())
                .isLessThanOrEqualTo(Duration.ofMillis(100));
    }

    @Test
    void anErrorEventEndsItAndNothingFollows() {
        Event error = Event.newBuilder()
                .setType(Event.Type.ERROR)
                .setError(Event.Error.newBuilder().setMessage("Framework failed over"))
                .build();
        Run run = new Run().subscribed();
        long attempt = run.core.attempt();
        run.then(new ConnectionEvent.EventArrived(attempt, error));
        assertThat(run.last)
                .containsExactly(
                        new ConnectionEffect.Deliver(error),
                        new ConnectionEffect.DropStream(attempt),
                        new ConnectionEffect.GiveUp("Framework failed over"));
        assertThat(run.then(new ConnectionEvent.StreamBroke(attempt, "closed")).last)
                .isEmpty();
    }

    /** A master that hung handles what it was sent meanwhile, in any order: the last to subscribe may be a try given up. */
    @Test
    void whoIsReplacedByATryOfItsOwnSubscribesAgain() {
        Event replaced = Event.newBuilder()
                .setType(Event.Type.ERROR)
                .setError(Event.Error.newBuilder().setMessage("Framework failed over"))
                .build();
        Run run = new Run().located().after(ConnectionCore.SUBSCRIBE_PATIENCE);
        run.subscribedAgain().then(new ConnectionEvent.EventArrived(run.core.attempt(), replaced));
        assertThat(run.core.phase()).isEqualTo(Phase.WAITING);
        assertThat(run.effects(ConnectionEffect.Deliver.class)).isEmpty();
        run.subscribedAgain().then(new ConnectionEvent.EventArrived(run.core.attempt(), replaced));
        assertThat(run.core.phase()).as("as there was one such try only").isEqualTo(Phase.OVER);

        Run later = new Run().located().after(ConnectionCore.SUBSCRIBE_PATIENCE).subscribedAgain();
        later.now = later.now.plus(ConnectionCore.STABLE_AFTER);
        later.then(new ConnectionEvent.EventArrived(later.core.attempt(), replaced));
        assertThat(later.core.phase()).isEqualTo(Phase.OVER);
    }

    @Test
    void whenItIsReleasedTheCallsMadeBeforeGoFirst() {
        Run run = new Run().subscribed();
        long attempt = run.core.attempt();
        assertThat(run.then(new ConnectionEvent.ConnectionReleased()).last)
                .containsExactly(new ConnectionEffect.FinishStream(attempt));
        assertThat(run.core.phase()).isEqualTo(Phase.OVER);
    }

    @Test
    void outcomesOfAbandonedTriesAreVoid() {
        Run run = new Run().subscribed();
        long old = run.core.attempt();
        run.broke();
        run.then(new ConnectionEvent.EventArrived(old, SUBSCRIBED))
                .then(new ConnectionEvent.StreamOpened(old))
                .then(new ConnectionEvent.StreamBroke(old, "again"));
        assertThat(run.last).isEmpty();
        assertThat(run.core.phase()).isEqualTo(Phase.WAITING);
    }

    @Test
    void everyDeclaredTransitionHappens() {
        Set<Edge<Phase>> visited = new HashSet<>();
        ConnectionEvent released = new ConnectionEvent.ConnectionReleased();
        List<Run> runs = List.of(
                new Run().then(released),
                new Run().then(new ConnectionEvent.ConnectionWanted()).then(released),
                new Run()
                        .then(new ConnectionEvent.ConnectionWanted())
                        .then(new ConnectionEvent.LocatingFailed(1, "none"))
                        .then(released),
                new Run().located().refused(307, "http://b:2").refused(400, null),
                new Run().located().broke().after(Duration.ofSeconds(5)),
                new Run().located().then(new ConnectionEvent.StreamOpened(1)).broke(),
                new Run().located().then(new ConnectionEvent.StreamOpened(1)).then(released),
                new Run().subscribed().then(new ConnectionEvent.SubscriptionDenied(1, "403")),
                new Run().subscribed().then(released));
        runs.forEach(run -> visited.addAll(run.visited));
        assertThat(visited).containsAll(ConnectionCore.LIFECYCLE.edges());
    }
}
