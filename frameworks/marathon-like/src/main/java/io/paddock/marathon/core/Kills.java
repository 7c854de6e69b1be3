package io.paddock.marathon.core;

import io.paddock.marathon.core.instance.Agent;
import io.paddock.marathon.core.instance.Condition;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.model.App;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Duration;

/** Ends tasks, again and again until they are gone. What is ordered survives a restart with the instance. */
final class Kills {
    private final State state;
    private final Timers timers;
    private final Settings settings;

    Kills(State state, Timers timers, Settings settings) {
        this.state = state;
        this.timers = timers;
        this.settings = settings;
    }

    /** The instance shall end for good. */
    void decommission(Turn turn, Instance instance) {
        Instance leaving = instance.isWanted() ? instance.decommissioned() : instance;
        if (!leaving.condition().isPlaced()) {
            turn.forget(leaving);
        } else if (leaving.condition().isUnreachable()) {
            // Its end may never be heard of; if it comes back, it is killed as a task nobody knows.
            sendKill(turn, leaving);
            cancelTimers(leaving);
            turn.forget(leaving);
        } else {
            kill(turn, leaving);
        }
    }

    /** The task of the instance shall end; a wanted instance is started again afterwards. */
    void kill(Turn turn, Instance instance) {
        turn.record(instance.killRequested(turn.now()));
        sendKill(turn, instance);
        timers.set(TimerKey.of(Due.KILL_RETRY, instance.id()), turn.now().plus(settings.killRetry()));
    }

    /** A kill has not had its effect yet. */
    void retry(Turn turn, String instanceId) {
        AppEntry entry = state.entryOfInstance(instanceId);
        Instance instance = entry == null ? null : entry.instance(instanceId);
        if (instance != null
                && instance.killRequestedAt() != null
                && instance.condition().isPlaced()) {
            sendKill(turn, instance);
            timers.set(TimerKey.of(Due.KILL_RETRY, instanceId), turn.now().plus(settings.killRetry()));
        }
    }

    /** A new subscription: whatever was ordered before may not have got through. */
    void subscribed(Turn turn) {
        for (AppEntry entry : state.entries().values()) {
            for (Instance instance : entry.instances()) {
                if (instance.killRequestedAt() != null && instance.condition().isPlaced()) {
                    timers.set(TimerKey.of(Due.KILL_RETRY, instance.id()), turn.now());
                }
            }
        }
    }

    /** A task nobody knows must not run. */
    void killStray(Turn turn, String taskId, String agentId) {
        Call.Builder call = Call.newBuilder().setType(Call.Type.KILL);
        call.getKillBuilder().setTaskId(TaskID.newBuilder().setValue(taskId));
        if (!agentId.isEmpty()) {
            call.getKillBuilder().setAgentId(AgentID.newBuilder().setValue(agentId));
        }
        turn.send(call);
    }

    void cancelTimers(Instance instance) {
        timers.cancel(TimerKey.of(Due.KILL_RETRY, instance.id()));
        timers.cancel(TimerKey.of(Due.INACTIVE, instance.id()));
        timers.cancel(TimerKey.of(Due.EXPUNGE, instance.id()));
        timers.cancel(TimerKey.of(Due.LAUNCH_OVERDUE, instance.id()));
    }

    private void sendKill(Turn turn, Instance instance) {
        Call.Builder call = Call.newBuilder().setType(Call.Type.KILL);
        call.getKillBuilder().setTaskId(TaskID.newBuilder().setValue(instance.taskId()));
        Agent agent = instance.agent();
        if (agent != null && instance.condition() != Condition.PROVISIONED) {
            call.getKillBuilder().setAgentId(AgentID.newBuilder().setValue(agent.id()));
        }
        AppEntry entry = state.entry(instance.app());
        App app = entry == null ? null : entry.definitionOf(instance);
        Integer grace = app == null ? null : app.rollout().killGracePeriodSeconds();
        if (grace != null) {
            call.getKillBuilder()
                    .getKillPolicyBuilder()
                    .getGracePeriodBuilder()
                    .setNanoseconds(Duration.ofSeconds(grace).toNanos());
        }
        turn.send(call);
    }
}
