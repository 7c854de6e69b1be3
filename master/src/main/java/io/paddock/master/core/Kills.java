package io.paddock.master.core;

import io.paddock.master.core.snapshot.Count;
import io.paddock.proto.link.KillTask;
import io.paddock.proto.link.SchedulerMessage;
import io.paddock.proto.link.ShutdownExecutor;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Instant;

/** KILL, SHUTDOWN and MESSAGE: what a scheduler asks of what runs already. */
final class Kills {
    private final Cluster cluster;
    private final Outbox outbox;
    private final Reconciliation reconciliation;

    Kills(Cluster cluster, Outbox outbox, Reconciliation reconciliation) {
        this.cluster = cluster;
        this.outbox = outbox;
        this.reconciliation = reconciliation;
    }

    /** An unknown task is answered like a reconciliation. A kill is remembered until the task ends. */
    void kill(Instant now, Framework framework, Call.Kill call) {
        TrackedTask task = framework.tasks.get(call.getTaskId().getValue());
        if (task == null) {
            Call.Reconcile.Task.Builder asked = Call.Reconcile.Task.newBuilder().setTaskId(call.getTaskId());
            if (call.hasAgentId()) {
                asked.setAgentId(call.getAgentId());
            }
            reconciliation.explicit(now, framework, asked.build());
            return;
        }
        if (call.hasAgentId() && !call.getAgentId().getValue().equals(task.agentId)) {
            return;
        }
        task.killAsked = true;
        if (call.hasKillPolicy()) {
            task.killPolicy = call.getKillPolicy();
        }
        send(cluster.agentOf(task), task);
    }

    /** Sends the kill of a task to its agent; without a link it waits for the agent's return. */
    void send(Agent agent, TrackedTask task) {
        KillTask.Builder kill = KillTask.newBuilder()
                .setFrameworkId(Ids.framework(task.frameworkId))
                .setTaskId(task.message().getTaskId());
        if (task.killPolicy != null) {
            kill.setKillPolicy(task.killPolicy);
        }
        outbox.send(agent, ToAgent.newBuilder().setKillTask(kill));
    }

    /** After an agent came back. */
    void resend(Agent agent) {
        for (TrackedTask task : agent.tasks) {
            if (task.killAsked && !task.isTerminal()) {
                send(agent, task);
            }
        }
    }

    void shutdownExecutor(Framework framework, Call.Shutdown call) {
        Agent agent = cluster.agent(call.getAgentId().getValue());
        if (agent != null) {
            outbox.send(
                    agent,
                    ToAgent.newBuilder()
                            .setShutdownExecutor(ShutdownExecutor.newBuilder()
                                    .setFrameworkId(framework.info().getId())
                                    .setExecutorId(call.getExecutorId())));
        }
    }

    void message(Framework framework, Call.Message call) {
        Agent agent = cluster.agent(call.getAgentId().getValue());
        cluster.counters.add(
                agent != null,
                Count.VALID_FRAMEWORK_TO_EXECUTOR_MESSAGES,
                Count.INVALID_FRAMEWORK_TO_EXECUTOR_MESSAGES);
        if (agent != null) {
            outbox.send(
                    agent,
                    ToAgent.newBuilder()
                            .setSchedulerMessage(SchedulerMessage.newBuilder()
                                    .setFrameworkId(framework.info().getId())
                                    .setExecutorId(call.getExecutorId())
                                    .setData(call.getData())));
        }
    }
}
