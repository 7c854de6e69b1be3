package io.paddock.marathon.core;

import io.paddock.common.Core;
import io.paddock.marathon.core.MarathonEffect.WakeAt;
import io.paddock.marathon.core.health.CheckId;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.instance.TimeUuids;
import io.paddock.marathon.core.model.PathId;
import io.paddock.proto.v1.MasterInfo;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The state machine of marathon. Routes each event to the part that knows about it, then lets every app that something
 * happened to be looked at, then tells the master what is wanted.
 *
 * <p>Talks to the master in messages of the v1 scheduler API. The first event must be {@link MarathonEvent.StateRecovered}.
 */
public final class MarathonCore implements Core<MarathonEvent, MarathonEffect> {
    private final State state = new State();
    private final Timers timers = new Timers();
    private final Kills kills;
    private final HealthChecks health;
    private final ReadinessChecks readiness;
    private final Reconciliation reconciliation;
    private final Tasks tasks;
    private final Demand demand;
    private final Offers offers;
    private final Deployments deployments;
    private final Changes changes;
    private boolean connected;
    private Instant wakeAt = Instant.MAX;

    /**
     * @param node a number no other marathon of the cluster has: it makes ids unique
     */
    public MarathonCore(Settings settings, long node) {
        TimeUuids uuids = new TimeUuids(node);
        kills = new Kills(state, timers, settings);
        health = new HealthChecks(state, timers, kills);
        readiness = new ReadinessChecks(state, timers);
        reconciliation = new Reconciliation(state, timers, settings);
        tasks = new Tasks(state, timers, settings, kills, health, reconciliation);
        demand = new Demand(state, timers, settings);
        offers = new Offers(timers, settings, demand, reconciliation);
        deployments = new Deployments(state, timers, kills, readiness, uuids);
        changes = new Changes(state, settings, deployments, kills, uuids);
    }

    @Override
    public List<MarathonEffect> on(Instant now, MarathonEvent event) {
        Turn turn = new Turn(now, state);
        event.handle(new Router(turn));
        deployments.settle(turn);
        demand.adjust(turn);
        List<MarathonEffect> effects = new ArrayList<>(turn.effects());
        Instant next = timers.next().orElse(Instant.MAX);
        if (!next.equals(wakeAt)) {
            wakeAt = next;
            if (!next.equals(Instant.MAX)) {
                effects.add(new WakeAt(next));
            }
        }
        return effects;
    }

    /** What readers may know now. */
    public MarathonView view() {
        return state.view(connected);
    }

    /** Hands one event to the part that knows about it. */
    private final class Router implements MarathonEvent.Handler<Optional<Answer>> {
        private final Turn turn;

        Router(Turn turn) {
            this.turn = turn;
        }

        @Override
        public Optional<Answer> stateRecovered(MarathonEvent.StateRecovered event) {
            event.facts().forEach(state::apply);
            for (AppEntry entry : state.entries().values()) {
                for (Instance instance : List.copyOf(entry.instances())) {
                    tasks.resume(turn, instance);
                }
                turn.settle(entry.id());
            }
            List.copyOf(state.deployments().values()).forEach(d -> deployments.resume(turn, d));
            return Optional.empty();
        }

        @Override
        public Optional<Answer> masterSaid(MarathonEvent.MasterSaid event) {
            onMasterEvent(turn, event.event());
            return Optional.empty();
        }

        @Override
        public Optional<Answer> masterLost(MarathonEvent.MasterLost event) {
            if (connected) {
                turn.publish(new Notice.Disconnected());
            }
            connected = false;
            demand.lost();
            return Optional.empty();
        }

        @Override
        public Optional<Answer> callRefused(MarathonEvent.CallRefused event) {
            switch (event.call().getType()) {
                case ACCEPT:
                    List<Instance> doubted = new ArrayList<>();
                    Offers.taskIds(event.call())
                            .forEach(id -> tasks.instanceOf(id).ifPresent(doubted::add));
                    reconciliation.doubt(turn, doubted);
                    break;
                case REVIVE:
                case SUPPRESS:
                    demand.repeat();
                    break;
                default:
                    // Kills and questions are repeated by their timers, the rest by the next subscription.
                    break;
            }
            return Optional.empty();
        }

        @Override
        public Optional<Answer> subscriptionEnded(MarathonEvent.SubscriptionEnded event) {
            connected = false;
            if (event.reason().contains("has been removed")) {
                turn.record(new Fact.FrameworkForgotten());
            }
            turn.add(new MarathonEffect.Exit("the master ended our subscription: " + event.reason()));
            return Optional.empty();
        }

        @Override
        public Optional<Answer> requestReceived(MarathonEvent.RequestReceived event) {
            Requests requests = new Requests(
                    turn, event.origin(), state, timers, changes, deployments, kills, MarathonCore.this::view);
            Answer answer = event.request().handle(requests);
            turn.reply(event.requestId(), answer);
            return Optional.of(answer);
        }

        @Override
        public Optional<Answer> checkFinished(MarathonEvent.CheckFinished event) {
            if (event.check().kind() == CheckId.Kind.HEALTH) {
                health.finished(turn, event.check(), event.outcome());
            } else {
                readiness.finished(turn, event.check(), event.outcome());
            }
            return Optional.empty();
        }

        @Override
        public Optional<Answer> timePassed(MarathonEvent.TimePassed event) {
            wakeAt = Instant.MAX;
            timers.due(turn.now()).forEach(key -> onDue(turn, key));
            return Optional.empty();
        }
    }

    private void onMasterEvent(Turn turn, Event event) {
        switch (event.getType()) {
            case SUBSCRIBED:
                onSubscribed(turn, event.getSubscribed());
                break;
            case OFFERS:
                offers.onOffers(turn, event.getOffers().getOffersList());
                break;
            case UPDATE:
                tasks.onStatus(turn, event.getUpdate().getStatus());
                break;
            case MESSAGE:
                turn.publish(new Notice.FrameworkMessage(
                        event.getMessage().getExecutorId().getValue(),
                        event.getMessage().getAgentId().getValue(),
                        event.getMessage().getData().toStringUtf8()));
                break;
            case FAILURE:
                if (!event.getFailure().hasExecutorId()) {
                    offers.agentLost(event.getFailure().getAgentId().getValue());
                }
                break;
            case RESCIND:
            case INVERSE_OFFERS:
            case RESCIND_INVERSE_OFFER:
            case UPDATE_OPERATION_STATUS:
            case HEARTBEAT:
            case ERROR:
            case UNKNOWN:
                // Offers are answered as they come, so there is none to take back; errors end the subscription.
                break;
        }
    }

    private void onSubscribed(Turn turn, Event.Subscribed subscribed) {
        String id = subscribed.getFrameworkId().getValue();
        boolean again = id.equals(state.frameworkId());
        if (!again) {
            turn.record(new Fact.FrameworkRegistered(id));
        }
        connected = true;
        MasterInfo master = subscribed.getMasterInfo();
        turn.publish(new Notice.Registered(id, master.getHostname() + ":" + master.getPort(), again));
        demand.subscribed();
        reconciliation.subscribed(turn);
        kills.subscribed(turn);
    }

    private void onDue(Turn turn, TimerKey key) {
        switch (key.due()) {
            case DELAY_OVER:
                // Launchable now: the demand is told at the end of the turn.
                break;
            case LAUNCH_OVERDUE:
                tasks.overdue(turn, key.subject());
                break;
            case KILL_RETRY:
                kills.retry(turn, key.subject());
                break;
            case INACTIVE:
                tasks.inactive(turn, key.subject());
                break;
            case EXPUNGE:
                tasks.expunge(turn, key.subject());
                break;
            case HEALTH_CHECK:
                health.due(turn, key.subject(), key.index());
                break;
            case READINESS_CHECK:
                readiness.due(turn, key.subject());
                break;
            case REVIVE:
                demand.repeat();
                break;
            case RECONCILE_REST:
                reconciliation.rest(turn);
                break;
            case RECONCILE_ALL:
                reconciliation.all(turn);
                break;
            case SETTLE:
                turn.settle(PathId.of(key.subject()));
                break;
        }
    }
}
