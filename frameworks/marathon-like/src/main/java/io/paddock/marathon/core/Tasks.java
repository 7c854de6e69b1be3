package io.paddock.marathon.core;

import com.google.protobuf.ByteString;
import io.paddock.marathon.core.instance.Condition;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.instance.TaskIds;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Rollout.Unreachable;
import io.paddock.proto.v1.NetworkInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What task updates mean for instances, and what happens when no update comes in time. */
final class Tasks {
    private final State state;
    private final Timers timers;
    private final Settings settings;
    private final Kills kills;
    private final HealthChecks health;
    private final Reconciliation reconciliation;

    Tasks(
            State state,
            Timers timers,
            Settings settings,
            Kills kills,
            HealthChecks health,
            Reconciliation reconciliation) {
        this.state = state;
        this.timers = timers;
        this.settings = settings;
        this.kills = kills;
        this.health = health;
        this.reconciliation = reconciliation;
    }

    void onStatus(Turn turn, TaskStatus status) {
        String taskId = status.getTaskId().getValue();
        reconciliation.answered(taskId);
        Condition condition = condition(status.getState());
        Optional<Instance> known = instanceOf(taskId);
        if (known.isEmpty()) {
            onStray(turn, status, condition);
        } else if (!isAnswerTooEarly(known.get(), status)) {
            reconciliation.noLongerOnItsWay(taskId);
            onKnown(turn, known.get(), status, condition);
        }
        acknowledge(turn, status);
    }

    /** The instance whose latest task this is. */
    Optional<Instance> instanceOf(String taskId) {
        return TaskIds.instanceOf(taskId)
                .flatMap(id -> Optional.ofNullable(state.entryOfInstance(id)).map(entry -> entry.instance(id)))
                .filter(i -> i.condition() != Condition.SCHEDULED)
                .filter(i -> i.taskId().equals(taskId));
    }

    /** "Nobody knows it" about a launch that is still on its way to the master. */
    private boolean isAnswerTooEarly(Instance instance, TaskStatus status) {
        return status.getState() == TaskState.TASK_UNKNOWN
                && instance.condition() == Condition.PROVISIONED
                && reconciliation.isOnItsWay(instance.taskId());
    }

    private void onStray(Turn turn, TaskStatus status, Condition condition) {
        String taskId = status.getTaskId().getValue();
        if (condition.isTerminal()) {
            turn.publish(new Notice.UnknownInstanceTerminated(
                    TaskIds.instanceOf(taskId).orElse(taskId), taskId, condition));
        } else if (!condition.isUnreachable() && condition != Condition.KILLING) {
            kills.killStray(turn, taskId, status.getAgentId().getValue());
        }
    }

    private void onKnown(Turn turn, Instance instance, TaskStatus status, Condition to) {
        Instance changed = withAddresses(instance, status);
        boolean moves = to != changed.condition() && Condition.LIFECYCLE.allows(changed.condition(), to);
        if (moves) {
            changed = changed.moved(to, turn.now());
        }
        if (!changed.equals(instance)) {
            turn.record(changed);
        }
        boolean news = moves || !changed.equals(instance) || !status.getUuid().isEmpty();
        if (news) {
            turn.publish(new Notice.StatusUpdated(
                    changed, status.getTaskId().getValue(), status.getState().name(), status.getMessage()));
        }
        if (status.hasHealthy() && to == Condition.RUNNING) {
            health.reported(turn, changed, status.getHealthy());
        }
        if (moves) {
            turn.publish(new Notice.InstanceMoved(changed, to));
            onMoved(turn, changed, status);
        }
    }

    private void onMoved(Turn turn, Instance instance, TaskStatus status) {
        Condition condition = instance.condition();
        if (condition.isTerminal()) {
            onEnded(turn, instance, status);
        } else if (condition.isUnreachable()) {
            health.stop(instance);
            timers.cancel(TimerKey.of(Due.LAUNCH_OVERDUE, instance.id()));
            watchUnreachable(turn, instance);
        } else {
            timers.cancel(TimerKey.of(Due.INACTIVE, instance.id()));
            timers.cancel(TimerKey.of(Due.EXPUNGE, instance.id()));
            if (condition == Condition.RUNNING) {
                timers.cancel(TimerKey.of(Due.LAUNCH_OVERDUE, instance.id()));
                health.start(turn, instance);
            } else if (condition != Condition.KILLING) {
                timers.set(
                        TimerKey.of(Due.LAUNCH_OVERDUE, instance.id()),
                        turn.now().plus(settings.launchTimeout()));
            }
        }
    }

    private void onEnded(Turn turn, Instance instance, TaskStatus status) {
        health.stop(instance);
        kills.cancelTimers(instance);
        AppEntry entry = state.entry(instance.app());
        App app = entry == null ? null : entry.definitionOf(instance);
        App current = entry == null ? null : entry.current();
        boolean notItsFault =
                instance.killRequestedAt() != null || status.getReason() == TaskStatus.Reason.REASON_INVALID_OFFERS;
        if (entry != null && app != null && endedBadly(instance) && !notItsFault) {
            delay(turn, entry, app);
            noteFailure(turn, instance, status);
        }
        if (instance.isWanted() && app != null && current != null) {
            boolean sameConfig = instance.config().equals(current.versionInfo().lastConfigChangeAt());
            Instance again = instance.rescheduled(sameConfig ? current : app, turn.now());
            turn.record(again);
            turn.publish(new Notice.InstanceMoved(again, Condition.SCHEDULED));
        } else {
            turn.forget(instance);
        }
    }

    /** A kill nobody here asked for is a failure too: an executor ends tasks whose health check fails. */
    private static boolean endedBadly(Instance instance) {
        return instance.condition().isFailure() || instance.condition() == Condition.KILLED;
    }

    /** The app failed: its next launch waits. */
    void delay(Turn turn, AppEntry entry, App app) {
        entry.setBackoff(entry.backoff().failed(app.rollout(), turn.now()));
        timers.set(
                TimerKey.of(Due.DELAY_OVER, entry.id().text()), entry.backoff().until());
    }

    private void noteFailure(Turn turn, Instance instance, TaskStatus status) {
        if (instance.condition() == Condition.FINISHED) {
            return;
        }
        var agent = instance.agent();
        turn.record(new Fact.TaskFailed(new TaskFailure(
                instance.app(),
                agent == null ? "" : agent.host(),
                status.getMessage(),
                status.getState().name(),
                instance.taskId(),
                turn.now(),
                instance.version(),
                agent == null ? null : agent.id())));
    }

    /** Sets the times at which an instance on a lost agent is replaced and given up. */
    void watchUnreachable(Turn turn, Instance instance) {
        AppEntry entry = state.entry(instance.app());
        App app = entry == null ? null : entry.definitionOf(instance);
        if (app == null || !instance.isWanted()) {
            kills.decommission(turn, instance);
            return;
        }
        Unreachable strategy = app.rollout().unreachable();
        if (strategy != null) {
            if (instance.condition() == Condition.UNREACHABLE) {
                timers.set(
                        TimerKey.of(Due.INACTIVE, instance.id()),
                        instance.since().plusSeconds(strategy.inactiveAfterSeconds()));
            }
            timers.set(
                    TimerKey.of(Due.EXPUNGE, instance.id()),
                    instance.since().plusSeconds(strategy.expungeAfterSeconds()));
        }
    }

    void inactive(Turn turn, String instanceId) {
        find(instanceId).filter(i -> i.condition() == Condition.UNREACHABLE).ifPresent(i -> {
            Instance changed = i.moved(Condition.UNREACHABLE_INACTIVE, turn.now());
            turn.record(changed);
            turn.publish(new Notice.InstanceMoved(changed, Condition.UNREACHABLE_INACTIVE));
        });
    }

    void expunge(Turn turn, String instanceId) {
        find(instanceId).filter(i -> i.condition().isUnreachable()).ifPresent(i -> {
            kills.cancelTimers(i);
            turn.forget(i);
            turn.publish(new Notice.InstanceMoved(i, Condition.GONE));
        });
    }

    /** A launch did not get on in time: the task is killed and the instance tried again. */
    void overdue(Turn turn, String instanceId) {
        find(instanceId)
                .filter(i -> i.condition() == Condition.PROVISIONED
                        || i.condition() == Condition.STAGING
                        || i.condition() == Condition.STARTING)
                .ifPresent(i -> {
                    reconciliation.noLongerOnItsWay(i.taskId());
                    kills.kill(turn, i);
                });
    }

    /** Sets the timers of an instance that was there before a restart. */
    void resume(Turn turn, Instance instance) {
        switch (instance.condition()) {
            case PROVISIONED:
            case STAGING:
            case STARTING:
                timers.set(
                        TimerKey.of(Due.LAUNCH_OVERDUE, instance.id()),
                        turn.now().plus(settings.launchTimeout()));
                break;
            case RUNNING:
                health.start(turn, instance);
                break;
            case UNREACHABLE:
            case UNREACHABLE_INACTIVE:
                watchUnreachable(turn, instance);
                break;
            case SCHEDULED:
            case KILLING:
            case FINISHED:
            case FAILED:
            case KILLED:
            case ERROR:
            case GONE:
            case DROPPED:
            case UNKNOWN:
                break;
        }
    }

    private Optional<Instance> find(String instanceId) {
        AppEntry entry = state.entryOfInstance(instanceId);
        return Optional.ofNullable(entry == null ? null : entry.instance(instanceId));
    }

    private static Instance withAddresses(Instance instance, TaskStatus status) {
        List<String> ips = new ArrayList<>();
        for (NetworkInfo network : status.getContainerStatus().getNetworkInfosList()) {
            network.getIpAddressesList().forEach(a -> ips.add(a.getIpAddress()));
        }
        return ips.isEmpty() || ips.equals(instance.addresses()) ? instance : instance.withAddresses(ips);
    }

    private static void acknowledge(Turn turn, TaskStatus status) {
        ByteString uuid = status.getUuid();
        if (!uuid.isEmpty() && status.hasAgentId()) {
            Call.Builder call = Call.newBuilder().setType(Call.Type.ACKNOWLEDGE);
            call.getAcknowledgeBuilder()
                    .setAgentId(status.getAgentId())
                    .setTaskId(status.getTaskId())
                    .setUuid(uuid);
            turn.send(call);
        }
    }

    static Condition condition(TaskState taskState) {
        switch (taskState) {
            case TASK_STAGING:
                return Condition.STAGING;
            case TASK_STARTING:
                return Condition.STARTING;
            case TASK_RUNNING:
                return Condition.RUNNING;
            case TASK_KILLING:
                return Condition.KILLING;
            case TASK_FINISHED:
                return Condition.FINISHED;
            case TASK_FAILED:
                return Condition.FAILED;
            case TASK_KILLED:
                return Condition.KILLED;
            case TASK_ERROR:
                return Condition.ERROR;
            case TASK_DROPPED:
                return Condition.DROPPED;
            case TASK_UNREACHABLE:
                return Condition.UNREACHABLE;
            case TASK_LOST:
            case TASK_GONE:
            case TASK_GONE_BY_OPERATOR:
                return Condition.GONE;
            case TASK_UNKNOWN:
                return Condition.UNKNOWN;
        }
        throw new AssertionError(taskState);
    }
}
