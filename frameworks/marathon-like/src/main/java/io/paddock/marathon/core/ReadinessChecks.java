package io.paddock.marathon.core;

import io.paddock.marathon.core.MarathonEffect.RunCheck;
import io.paddock.marathon.core.health.CheckId;
import io.paddock.marathon.core.health.CheckOutcome;
import io.paddock.marathon.core.health.CheckTarget;
import io.paddock.marathon.core.health.Readiness;
import io.paddock.marathon.core.instance.Agent;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.launch.PortNames;
import io.paddock.marathon.core.launch.PortNames.TaskPort;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Checks.ReadinessCheck;
import java.time.Duration;
import java.util.Optional;

/** Asks started instances of a deployment whether they are ready, until they say so. */
final class ReadinessChecks {
    private final State state;
    private final Timers timers;

    ReadinessChecks(State state, Timers timers) {
        this.state = state;
        this.timers = timers;
    }

    /** Makes sure that all running instances of an app under deployment are asked. */
    void watch(Turn turn, AppEntry entry) {
        for (Instance instance : entry.instances()) {
            TimerKey key = TimerKey.of(Due.READINESS_CHECK, instance.id());
            if (instance.isRunning()
                    && checkOf(entry, instance).isPresent()
                    && !isReady(entry, instance)
                    && !timers.isSet(key)) {
                timers.set(key, turn.now());
            }
        }
    }

    /** The deployment is over: nobody is asked any more. */
    void stop(AppEntry entry) {
        entry.instances().forEach(i -> timers.cancel(TimerKey.of(Due.READINESS_CHECK, i.id())));
        entry.forgetReadiness();
    }

    void due(Turn turn, String instanceId) {
        AppEntry entry = state.entryOfInstance(instanceId);
        Instance instance = entry == null ? null : entry.instance(instanceId);
        if (entry == null || instance == null || !instance.isRunning() || isReady(entry, instance)) {
            return;
        }
        Optional<ReadinessCheck> check = checkOf(entry, instance);
        if (check.isEmpty() || state.deploymentOf(entry.id()) == null) {
            return;
        }
        timers.set(
                TimerKey.of(Due.READINESS_CHECK, instanceId),
                turn.now().plusSeconds(check.get().intervalSeconds()));
        target(entry, instance, check.get())
                .ifPresent(target -> turn.add(new RunCheck(
                        new CheckId(instanceId, instance.taskId(), CheckId.Kind.READINESS, 0),
                        target,
                        Duration.ofSeconds(check.get().timeoutSeconds()))));
    }

    void finished(Turn turn, CheckId id, CheckOutcome outcome) {
        AppEntry entry = state.entryOfInstance(id.instanceId());
        Instance instance = entry == null ? null : entry.instance(id.instanceId());
        if (entry == null || instance == null || !instance.taskId().equals(id.taskId())) {
            return;
        }
        checkOf(entry, instance).ifPresent(check -> {
            boolean ready = check.statusCodes().contains(outcome.status());
            entry.putReadiness(
                    instance.id(),
                    new Readiness(check.name(), id.taskId(), ready, check.preserveLastResponse() ? outcome : null));
            if (ready) {
                timers.cancel(TimerKey.of(Due.READINESS_CHECK, instance.id()));
                turn.settle(entry.id());
            }
        });
    }

    private static boolean isReady(AppEntry entry, Instance instance) {
        Readiness known = entry.readiness(instance.id());
        return known != null && known.ready() && known.taskId().equals(instance.taskId());
    }

    private static Optional<ReadinessCheck> checkOf(AppEntry entry, Instance instance) {
        App app = entry.definitionOf(instance);
        return app == null
                ? Optional.empty()
                : app.checks().readiness().stream().findFirst();
    }

    private static Optional<CheckTarget> target(AppEntry entry, Instance instance, ReadinessCheck check) {
        App app = entry.definitionOf(instance);
        Agent agent = instance.agent();
        if (app == null || agent == null) {
            return Optional.empty();
        }
        return PortNames.of(app, instance.hostPorts()).stream()
                .filter(p -> check.portName().equals(p.name()))
                .findFirst()
                .map((TaskPort p) -> new CheckTarget(
                        CheckTarget.Scheme.valueOf(check.protocol().name()),
                        HealthChecks.hostFor(app, instance, agent, p.hostPort() > 0),
                        p.reachable(),
                        check.path()));
    }
}
