package io.paddock.master.core;

import io.paddock.master.core.registry.RegistryRecord.PutFramework;
import io.paddock.master.core.registry.RegistryRecord.RemoveFramework;
import io.paddock.master.core.snapshot.ClusterChange;
import io.paddock.proto.link.ShutdownFramework;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.registry.FrameworkRecord;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.Task;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * How a framework ends: its stream is lost and its failover timeout passes or, if it asked for that, its last task ends; or it is
 * torn down.
 *
 * <p>The deadline is durable: unlike in Mesos, a framework that never comes back after a master failover is removed too.
 */
final class FrameworkRemoval {
    private final Cluster cluster;
    private final RegistryWriter registry;
    private final Outbox outbox;
    private final Offers offers;
    private final RecoveredAgents recoveredAgents;
    private final OperationFeedback feedback;
    private final Draining draining;

    FrameworkRemoval(
            Cluster cluster,
            RegistryWriter registry,
            Outbox outbox,
            Offers offers,
            RecoveredAgents recoveredAgents,
            OperationFeedback feedback,
            Draining draining) {
        this.cluster = cluster;
        this.registry = registry;
        this.outbox = outbox;
        this.offers = offers;
        this.recoveredAgents = recoveredAgents;
        this.feedback = feedback;
        this.draining = draining;
    }

    void streamClosed(Instant now, String stream) {
        Framework framework = cluster.frameworksByStream.remove(stream);
        if (framework == null) {
            return;
        }
        outbox.cancel(Timer.of(Timer.Kind.SCHEDULER_HEARTBEAT, stream));
        framework.disconnected(now);
        cluster.allocator.deactivateFramework(framework.id);
        offers.discard(framework);
        Duration timeout = failoverTimeout(framework.info());
        if (framework.leaving) {
            return;
        }
        if (timeout.isZero()) {
            remove(framework, () -> {});
            return;
        }
        outbox.start(Timer.of(Timer.Kind.FRAMEWORK_FAILOVER, framework.id), timeout);
        outbox.publish(new ClusterChange.FrameworkUpdated(framework.view()));
        FrameworkRecord record = registry.decided().framework(framework.id);
        FrameworkInfo newest = record == null ? framework.info() : record.getInfo();
        registry.persist(new PutFramework(newest, now.plus(timeout)), at -> {});
        taskEnded(framework);
    }

    /** Removes a framework that asked for it, when its scheduler is away and its last task has ended. */
    void taskEnded(Framework framework) {
        if (framework.isDone() && !recoveredAgents.anyAwaited()) {
            remove(framework, () -> {});
        }
    }

    /** The failover timeout as a duration; what a duration cannot express is cut, and one that is negative is over. */
    static Duration failoverTimeout(FrameworkInfo info) {
        // 100 years keep every later sum of instants and nanoseconds in range.
        double seconds = Math.max(0, Math.min(info.getFailoverTimeout(), 100.0 * 365 * 24 * 3600));
        return Duration.ofMillis(Math.round(seconds * 1000));
    }

    void deadlinePassed(String frameworkId) {
        Framework framework = cluster.framework(frameworkId);
        if (framework != null && !framework.isConnected() && !framework.leaving) {
            remove(framework, () -> {});
        }
    }

    /** Starts the clock for a framework whose scheduler has not been seen since this master leads. */
    void recovered(Instant now, Framework framework) {
        FrameworkRecord record = registry.durable().framework(framework.id);
        Duration silence = cluster.config.agentHeartbeat().multipliedBy(cluster.config.silentHeartbeats());
        Duration rest;
        if (record != null && record.hasDeadline()) {
            // Nobody could resubscribe while no master led, so even a deadline that has passed leaves a little time.
            rest = longer(Duration.between(now, Ids.instant(record.getDeadline())), silence);
        } else {
            rest = longer(failoverTimeout(framework.info()), cluster.config.agentReregisterTimeout());
        }
        outbox.start(Timer.of(Timer.Kind.FRAMEWORK_FAILOVER, framework.id), rest);
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    /**
     * Removes a framework, durably first.
     *
     * @param then what follows once it is removed
     */
    void remove(Framework framework, Runnable then) {
        if (framework.leaving) {
            then.run();
            return;
        }
        framework.leaving = true;
        registry.persist(new RemoveFramework(framework.id), now -> {
            removed(now, framework);
            then.run();
        });
    }

    private void removed(Instant now, Framework framework) {
        offers.discard(framework);
        offers.inverse.frameworkRemoved(framework);
        outbox.cancel(Timer.of(Timer.Kind.FRAMEWORK_FAILOVER, framework.id));
        shutdownOnAgents(framework);
        for (TrackedTask task : new ArrayList<>(framework.tasks.values())) {
            Agent agent = cluster.agentOf(task);
            Holdings.release(cluster, agent, framework, task);
            agent.tasks.remove(task);
            agent.changed();
            framework.complete(killed(now, task.message()));
        }
        framework.tasks.clear();
        for (Agent agent : cluster.agents.values()) {
            for (Agent.ExecutorKey key : new ArrayList<>(agent.executors.keySet())) {
                if (key.frameworkId().equals(framework.id)) {
                    Holdings.release(cluster, agent, framework, key);
                }
            }
        }
        feedback.frameworkRemoved(framework);
        cluster.agents.values().forEach(agent -> draining.taskEnded(now, agent));
        cluster.allocator.removeFramework(framework.id);
        String stream = framework.stream();
        if (stream != null) {
            cluster.frameworksByStream.remove(stream);
            outbox.cancel(Timer.of(Timer.Kind.SCHEDULER_HEARTBEAT, stream));
            outbox.add(new MasterEffect.CloseStream(stream));
        }
        framework.removed(now);
        cluster.frameworks.remove(framework.id);
        cluster.remember(framework.view());
        outbox.publish(new ClusterChange.FrameworkRemoved(framework.view()));
    }

    private void shutdownOnAgents(Framework framework) {
        Set<Agent> agents = new LinkedHashSet<>();
        framework.tasks.values().forEach(task -> agents.add(cluster.agentOf(task)));
        cluster.agents.values().forEach(agent -> {
            if (agent.executors.keySet().stream()
                    .anyMatch(key -> key.frameworkId().equals(framework.id))) {
                agents.add(agent);
            }
        });
        agents.forEach(agent -> outbox.send(agent, shutdown(framework.id)));
    }

    static ToAgent.Builder shutdown(String frameworkId) {
        return ToAgent.newBuilder()
                .setShutdownFramework(ShutdownFramework.newBuilder().setFrameworkId(Ids.framework(frameworkId)));
    }

    private static Task killed(Instant now, Task task) {
        if (TrackedTask.isTerminal(task.getState())) {
            return task;
        }
        return task.toBuilder()
                .setState(TaskState.TASK_KILLED)
                .addStatuses(TaskStatus.newBuilder()
                        .setTaskId(task.getTaskId())
                        .setAgentId(task.getAgentId())
                        .setState(TaskState.TASK_KILLED)
                        .setSource(TaskStatus.Source.SOURCE_MASTER)
                        .setReason(TaskStatus.Reason.REASON_FRAMEWORK_REMOVED)
                        .setMessage("Framework " + task.getFrameworkId().getValue() + " was removed")
                        .setTimestamp(Ids.seconds(now)))
                .build();
    }
}
