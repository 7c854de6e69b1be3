package io.paddock.marathon.core;

import io.paddock.marathon.core.deploy.Action;
import io.paddock.marathon.core.deploy.Deployment;
import io.paddock.marathon.core.deploy.Progress;
import io.paddock.marathon.core.deploy.Progress.Decision;
import io.paddock.marathon.core.deploy.Progress.Eyes;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.instance.TaskIds;
import io.paddock.marathon.core.instance.TimeUuids;
import io.paddock.marathon.core.launch.Backoff;
import io.paddock.marathon.core.launch.Constraints;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.PathId;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Brings the instances of each app to what is wanted: by the action of the deployment that holds it, or else to the number
 * its definition says. An app in a later step of a deployment is left alone until then.
 *
 * <p>Looks at an app again whenever something about it changed; at one with very many instances not more often than its
 * size allows, so that the cost of a change does not grow with the number of instances.
 */
final class Deployments {
    private static final int INSTANCES_PER_MILLI = 20;
    private static final int SMALL = 500;

    private final State state;
    private final Timers timers;
    private final Kills kills;
    private final ReadinessChecks readiness;
    private final TimeUuids uuids;
    private final Map<String, Set<PathId>> finishedActions = new HashMap<>();
    private final Map<PathId, Instant> nextLook = new HashMap<>();

    Deployments(State state, Timers timers, Kills kills, ReadinessChecks readiness, TimeUuids uuids) {
        this.state = state;
        this.timers = timers;
        this.kills = kills;
        this.readiness = readiness;
        this.uuids = uuids;
    }

    /** Takes up a new deployment: its first step begins. */
    void begin(Turn turn, Deployment deployment) {
        turn.record(new Fact.DeploymentChanged(deployment));
        if (deployment.isDone()) {
            end(turn, deployment);
        } else {
            beginStep(turn, deployment);
        }
    }

    /** Takes up a deployment again after a restart. */
    void resume(Turn turn, Deployment deployment) {
        deployment.currentActions().forEach(a -> turn.settle(a.app()));
    }

    /** A deployment ends before its time; its apps stay as they are. */
    void cancel(Turn turn, Deployment deployment, String reason) {
        turn.record(new Fact.DeploymentEnded(deployment.id()));
        finishedActions.remove(deployment.id());
        turn.publish(new Notice.DeploymentFailed(deployment, reason));
        release(turn, deployment);
    }

    /** Looks at every app that something happened to, until nothing is left to do. */
    void settle(Turn turn) {
        for (List<PathId> apps = turn.takeUnsettled(); !apps.isEmpty(); apps = turn.takeUnsettled()) {
            for (PathId app : apps) {
                AppEntry entry = state.entry(app);
                if (!isTooSoon(turn, app, entry)) {
                    look(turn, app, entry);
                }
            }
        }
    }

    private boolean isTooSoon(Turn turn, PathId app, @Nullable AppEntry entry) {
        int size = entry == null ? 0 : entry.instances().size();
        Instant next = nextLook.getOrDefault(app, Instant.EPOCH);
        if (size > SMALL && next.isAfter(turn.now())) {
            timers.setAtLatest(TimerKey.of(Due.SETTLE, app.text()), next);
            return true;
        }
        if (size > SMALL) {
            nextLook.put(app, turn.now().plus(Duration.ofMillis(size / INSTANCES_PER_MILLI)));
        } else {
            nextLook.remove(app);
        }
        return false;
    }

    private void look(Turn turn, PathId app, @Nullable AppEntry entry) {
        Deployment deployment = state.deploymentOf(app);
        if (deployment == null) {
            if (entry != null) {
                App current = entry.current();
                carryOut(
                        turn,
                        entry,
                        current == null
                                ? Progress.stop(entry.instances())
                                : Progress.scale(current, entry.instances(), eyes(entry, current)));
            }
            return;
        }
        deployment.currentAction(app).ifPresent(action -> {
            boolean done = entry == null || advance(turn, entry, action);
            if (done) {
                finish(turn, deployment, action);
            }
        });
    }

    /** Does what the action needs next; answers whether it has reached its aim. */
    private boolean advance(Turn turn, AppEntry entry, Action action) {
        App app = entry.current();
        Decision decision;
        switch (action.kind()) {
            case START:
                return true;
            case STOP:
                decision = Progress.stop(entry.instances());
                break;
            case SCALE:
                decision = app == null
                        ? Progress.stop(entry.instances())
                        : Progress.scale(app, entry.instances(), eyes(entry, app));
                break;
            case RESTART:
                decision = app == null
                        ? Progress.stop(entry.instances())
                        : Progress.replace(app, entry.instances(), eyes(entry, app));
                break;
            default:
                throw new AssertionError(action.kind());
        }
        carryOut(turn, entry, decision);
        readiness.watch(turn, entry);
        return decision.done();
    }

    private void carryOut(Turn turn, AppEntry entry, Decision decision) {
        decision.decommission().forEach(i -> kills.decommission(turn, i));
        App app = entry.current();
        for (int i = 0; i < decision.add() && app != null; i++) {
            String id = TaskIds.instance(entry.id(), uuids.next(turn.now()));
            turn.record(Instance.scheduled(id, app, turn.now()));
        }
    }

    private void finish(Turn turn, Deployment deployment, Action action) {
        Set<PathId> finished = finishedActions.computeIfAbsent(deployment.id(), id -> new HashSet<>());
        if (!finished.add(action.app())) {
            return;
        }
        if (action.kind() == Action.Kind.STOP) {
            turn.publish(new Notice.AppTerminated(action.app()));
        }
        List<Action> step = deployment.currentActions();
        if (!step.stream().allMatch(a -> finished.contains(a.app()))) {
            return;
        }
        finishedActions.remove(deployment.id());
        turn.publish(new Notice.StepSucceeded(deployment, step));
        Deployment next = deployment.nextStep();
        turn.record(new Fact.DeploymentChanged(next));
        if (next.isDone()) {
            end(turn, next);
        } else {
            beginStep(turn, next);
        }
    }

    private void beginStep(Turn turn, Deployment deployment) {
        turn.publish(new Notice.StepBegan(deployment));
        for (Action action : deployment.currentActions()) {
            AppEntry entry = state.entry(action.app());
            if (entry != null && action.kind() != Action.Kind.SCALE) {
                entry.setBackoff(Backoff.NONE);
                timers.cancel(TimerKey.of(Due.DELAY_OVER, action.app().text()));
            }
            nextLook.remove(action.app());
            turn.settle(action.app());
        }
    }

    private void end(Turn turn, Deployment deployment) {
        turn.record(new Fact.DeploymentEnded(deployment.id()));
        turn.publish(new Notice.DeploymentSucceeded(deployment));
        release(turn, deployment);
    }

    private void release(Turn turn, Deployment deployment) {
        for (PathId app : deployment.affectedApps()) {
            AppEntry entry = state.entry(app);
            if (entry != null) {
                readiness.stop(entry);
                turn.settle(app);
            }
        }
    }

    private static Eyes eyes(AppEntry entry, App app) {
        return new Eyes(
                entry::isHealthy,
                entry::isReady,
                Constraints.spreadBy(app.placement().constraints()).orElse(null));
    }
}
