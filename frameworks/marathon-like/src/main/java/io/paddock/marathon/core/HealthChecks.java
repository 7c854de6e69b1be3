package io.paddock.marathon.core;

import io.paddock.marathon.core.MarathonEffect.RunCheck;
import io.paddock.marathon.core.health.CheckId;
import io.paddock.marathon.core.health.CheckOutcome;
import io.paddock.marathon.core.health.CheckTarget;
import io.paddock.marathon.core.health.HealthResult;
import io.paddock.marathon.core.instance.Agent;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.launch.PortNames;
import io.paddock.marathon.core.launch.PortNames.TaskPort;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Checks.HealthCheck;
import io.paddock.marathon.core.model.Checks.Protocol;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Health checks that marathon runs, and the results of those the executors run. An instance that fails one
 * {@code maxConsecutiveFailures} times in a row is killed and started again after the app's delay.
 *
 * <p>Until a check has succeeded for the first time it is asked every {@value #EAGER_SECONDS} s at least, so that a
 * deployment does not wait for a long interval; failures within the grace period are ignored meanwhile. The last result is
 * kept with the instance, so that health is known after a restart of marathon.
 */
final class HealthChecks {
    private static final int EAGER_SECONDS = 2;

    private final State state;
    private final Timers timers;
    private final Kills kills;

    HealthChecks(State state, Timers timers, Kills kills) {
        this.state = state;
        this.timers = timers;
        this.kills = kills;
    }

    /** The instance runs: begin to ask. */
    void start(Turn turn, Instance instance) {
        List<HealthCheck> checks = checksOf(instance);
        AppEntry entry = state.entry(instance.app());
        if (checks.isEmpty() || entry == null) {
            return;
        }
        Boolean known = instance.healthy();
        if (known != null && entry.health(instance.id()).isEmpty()) {
            List<HealthResult> remembered = new ArrayList<>();
            checks.forEach(c -> remembered.add(HealthResult.remembered(known, turn.now())));
            entry.putHealth(instance.id(), remembered);
        }
        for (int i = 0; i < checks.size(); i++) {
            if (checks.get(i).protocol().askedByMarathon()) {
                timers.set(
                        new TimerKey(Due.HEALTH_CHECK, instance.id(), i),
                        turn.now().plusSeconds(1));
            }
        }
    }

    void stop(Instance instance) {
        for (int i = 0; i < checksOf(instance).size(); i++) {
            timers.cancel(new TimerKey(Due.HEALTH_CHECK, instance.id(), i));
        }
    }

    /** It is time to ask. */
    void due(Turn turn, String instanceId, int index) {
        Optional<Instance> running = running(instanceId);
        if (running.isEmpty() || index >= checksOf(running.get()).size()) {
            return;
        }
        Instance instance = running.get();
        HealthCheck check = checksOf(instance).get(index);
        Optional<CheckTarget> target = target(instance, check);
        if (target.isPresent()) {
            turn.add(new RunCheck(
                    new CheckId(instanceId, instance.taskId(), CheckId.Kind.HEALTH, index),
                    target.get(),
                    Duration.ofSeconds(check.timeoutSeconds())));
        }
    }

    /** The answer is here. */
    void finished(Turn turn, CheckId id, CheckOutcome outcome) {
        Optional<Instance> running =
                running(id.instanceId()).filter(i -> i.taskId().equals(id.taskId()));
        if (running.isEmpty() || id.index() >= checksOf(running.get()).size()) {
            return;
        }
        Instance instance = running.get();
        HealthCheck check = checksOf(instance).get(id.index());
        boolean good = outcome.failure() == null
                && (check.protocol() == Protocol.TCP || (outcome.status() >= 200 && outcome.status() < 400));
        boolean ignored = outcome.status() >= 100
                && outcome.status() < 200
                && Boolean.TRUE.equals(check.ignoreHttp1xx())
                && check.protocol() != Protocol.TCP;
        if (!ignored) {
            String cause = outcome.failure() != null ? outcome.failure() : "answered " + outcome.status();
            record(turn, instance, id.index(), good, cause);
        }
        running(id.instanceId()).ifPresent(i -> askAgain(turn, i, id.index(), check));
    }

    /** An executor told what its check says. */
    void reported(Turn turn, Instance instance, boolean healthy) {
        List<HealthCheck> checks = checksOf(instance);
        for (int i = 0; i < checks.size(); i++) {
            if (!checks.get(i).protocol().askedByMarathon()) {
                record(turn, instance, i, healthy, "the executor reports it unhealthy");
                return;
            }
        }
    }

    private void askAgain(Turn turn, Instance instance, int index, HealthCheck check) {
        AppEntry entry = Objects.requireNonNull(state.entry(instance.app()));
        boolean succeeded = result(entry, instance, index).firstSuccess() != null;
        int pause = succeeded ? check.intervalSeconds() : Math.min(check.intervalSeconds(), EAGER_SECONDS);
        timers.set(
                new TimerKey(Due.HEALTH_CHECK, instance.id(), index), turn.now().plusSeconds(Math.max(1, pause)));
    }

    private void record(Turn turn, Instance instance, int index, boolean good, String cause) {
        AppEntry entry = Objects.requireNonNull(state.entry(instance.app()));
        HealthCheck check = checksOf(instance).get(index);
        HealthResult before = result(entry, instance, index);
        if (!good && before.firstSuccess() == null && isInGrace(instance, check, turn.now())) {
            return;
        }
        HealthResult after = good ? before.succeeded(turn.now()) : before.failed(turn.now(), cause);
        List<HealthResult> results = new ArrayList<>();
        for (int i = 0; i < checksOf(instance).size(); i++) {
            results.add(i == index ? after : result(entry, instance, i));
        }
        entry.putHealth(instance.id(), results);
        Boolean healthy = overall(results);
        Instance changed = instance;
        if (!Objects.equals(healthy, instance.healthy())) {
            changed = instance.withHealthy(healthy);
            turn.record(changed);
            turn.publish(new Notice.HealthChanged(changed, healthy));
        }
        if (!good) {
            turn.publish(new Notice.HealthCheckFailed(instance.app(), instance.id(), check));
            killIfHopeless(turn, entry, changed, check, after);
        }
    }

    private void killIfHopeless(Turn turn, AppEntry entry, Instance instance, HealthCheck check, HealthResult result) {
        boolean hopeless = check.protocol().askedByMarathon()
                && check.maxConsecutiveFailures() > 0
                && result.consecutiveFailures() >= check.maxConsecutiveFailures()
                && instance.isRunning();
        if (!hopeless) {
            return;
        }
        App app = entry.definitionOf(instance);
        if (app != null) {
            entry.setBackoff(entry.backoff().failed(app.rollout(), turn.now()));
            timers.set(
                    TimerKey.of(Due.DELAY_OVER, entry.id().text()),
                    entry.backoff().until());
        }
        String cause = Objects.requireNonNullElse(result.lastFailureCause(), "");
        Agent agent = instance.agent();
        turn.record(new Fact.TaskFailed(new TaskFailure(
                instance.app(),
                agent == null ? "" : agent.host(),
                "killed after " + result.consecutiveFailures() + " failed health checks: " + cause,
                "TASK_FAILED",
                instance.taskId(),
                turn.now(),
                instance.version(),
                agent == null ? null : agent.id())));
        turn.publish(new Notice.UnhealthyKilled(instance, cause));
        kills.kill(turn, instance);
    }

    private static boolean isInGrace(Instance instance, HealthCheck check, Instant now) {
        Instant started = instance.startedAt();
        return started != null && now.isBefore(started.plusSeconds(check.gracePeriodSeconds()));
    }

    /** Good when something is known and all of that is good; not known when nothing is. */
    private static @Nullable Boolean overall(List<HealthResult> results) {
        boolean anyKnown = results.stream().anyMatch(HealthResult::isKnown);
        boolean anyBad = results.stream().anyMatch(r -> r.isKnown() && !r.isAlive());
        return anyKnown ? !anyBad : null;
    }

    private static HealthResult result(AppEntry entry, Instance instance, int index) {
        List<HealthResult> results = entry.health(instance.id());
        return index < results.size() ? results.get(index) : HealthResult.UNKNOWN;
    }

    private List<HealthCheck> checksOf(Instance instance) {
        AppEntry entry = state.entry(instance.app());
        App app = entry == null ? null : entry.definitionOf(instance);
        return app == null ? List.of() : app.checks().health();
    }

    private Optional<Instance> running(String instanceId) {
        AppEntry entry = state.entryOfInstance(instanceId);
        return Optional.ofNullable(entry == null ? null : entry.instance(instanceId))
                .filter(Instance::isRunning);
    }

    private Optional<CheckTarget> target(Instance instance, HealthCheck check) {
        AppEntry entry = state.entry(instance.app());
        App app = entry == null ? null : entry.definitionOf(instance);
        Agent agent = instance.agent();
        if (app == null || agent == null) {
            return Optional.empty();
        }
        List<TaskPort> ports = PortNames.of(app, instance.hostPorts());
        String path = check.path() == null ? "/" : check.path();
        CheckTarget.Scheme scheme = CheckTarget.Scheme.valueOf(check.protocol().name());
        Integer fixed = check.port();
        Integer index = check.portIndex();
        if (fixed != null) {
            return Optional.of(new CheckTarget(scheme, hostFor(app, instance, agent, false), fixed, path));
        }
        if (index == null || index >= ports.size()) {
            return Optional.empty();
        }
        TaskPort port = ports.get(index);
        boolean onHost = port.hostPort() > 0;
        return Optional.of(new CheckTarget(scheme, hostFor(app, instance, agent, onHost), port.reachable(), path));
    }

    /** Where a port is reached: on the agent's host, or at the address of the container. */
    static String hostFor(App app, Instance instance, Agent agent, boolean onHost) {
        boolean inContainer =
                !onHost && !app.networking().isHost() && !instance.addresses().isEmpty();
        return inContainer ? instance.addresses().get(0) : agent.host();
    }
}
