package io.paddock.master.core;

import io.paddock.common.resources.Resources;
import io.paddock.master.core.snapshot.ClusterChange;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.domain.WithoutSecrets;
import io.paddock.proto.link.ReconcileTasks;
import io.paddock.proto.link.Reregister;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.link.UpdateFramework;
import io.paddock.proto.registry.FrameworkRecord;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.Task;
import io.paddock.proto.v1.TaskStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What an agent brings when it comes back, against what the master has on its books.
 *
 * <p>The agent's word counts for what it runs: tasks and executors it names are taken over, executors it does not name are
 * given up, and for tasks it does not name it is asked, so that it answers with a status that is acknowledged like any
 * other. Afterwards the allocator gets the agent anew.
 */
final class AgentReturn {
    private final Cluster cluster;
    private final RegistryWriter registry;
    private final Outbox outbox;
    private final Kills kills;
    private final Draining draining;
    private final FrameworkRemoval frameworkRemoval;
    private final OperationFeedback feedback;

    AgentReturn(
            Cluster cluster,
            RegistryWriter registry,
            Outbox outbox,
            Kills kills,
            Draining draining,
            FrameworkRemoval frameworkRemoval,
            OperationFeedback feedback) {
        this.cluster = cluster;
        this.registry = registry;
        this.outbox = outbox;
        this.kills = kills;
        this.draining = draining;
        this.frameworkRemoval = frameworkRemoval;
        this.feedback = feedback;
    }

    void reconcile(Instant now, Agent agent, Reregister message) {
        frameworks(now, agent, message);
        executors(agent, message);
        tasks(now, agent, message);
        feedback.returned(agent, message);
        cluster.allocator.addAgent(
                agent.id, AgentAdmission.traits(agent), agent.total(), Holdings.of(agent), agent.isActive());
        kills.resend(agent);
        draining.reregistered(now, agent);
        if (!agent.isActive()) {
            cluster.allocator.deactivateAgent(agent.id);
        }
    }

    private void frameworks(Instant now, Agent agent, Reregister message) {
        for (FrameworkInfo info : message.getFrameworksList()) {
            String id = info.getId().getValue();
            Framework framework = cluster.framework(id);
            if (framework == null && cluster.completedFrameworks.containsKey(id)) {
                outbox.send(agent, FrameworkRemoval.shutdown(id));
            } else if (framework == null) {
                recover(now, info);
            } else if (!framework.info().equals(info)) {
                outbox.send(
                        agent,
                        ToAgent.newBuilder()
                                .setUpdateFramework(UpdateFramework.newBuilder().setFramework(framework.info())));
            }
        }
    }

    /** A framework known from an agent only, as after the loss of an in-memory registry. */
    private void recover(Instant now, FrameworkInfo info) {
        FrameworkRecord record = registry.decided().framework(info.getId().getValue());
        Framework framework =
                new Framework(record == null ? info : record.getInfo(), Framework.State.RECOVERED, now, cluster.config);
        cluster.frameworks.put(framework.id, framework);
        cluster.allocator.addFramework(framework.id, FrameworkDescriptions.traits(framework), false);
        frameworkRemoval.recovered(now, framework);
        outbox.publish(new ClusterChange.FrameworkAdded(framework.view()));
    }

    private void executors(Agent agent, Reregister message) {
        for (Map.Entry<Agent.ExecutorKey, Agent.HeldExecutor> e : List.copyOf(agent.executors.entrySet())) {
            Framework framework = cluster.framework(e.getKey().frameworkId());
            agent.executors.remove(e.getKey());
            agent.usesNoMore(e.getValue().resources());
            if (framework != null) {
                framework.usesNoMore(e.getValue().resources());
            }
        }
        agent.unconfirmedExecutors.clear();
        for (Reregister.Executor executor : message.getExecutorsList()) {
            Framework framework = cluster.framework(executor.getFrameworkId().getValue());
            if (framework != null) {
                ExecutorInfo info = executor.getInfo();
                Holdings.hold(
                        agent,
                        framework,
                        new Agent.ExecutorKey(framework.id, info.getExecutorId().getValue()),
                        held(framework, info));
            }
        }
    }

    private void tasks(Instant now, Agent agent, Reregister message) {
        Set<TrackedTask> named = new HashSet<>();
        for (Task reported : message.getTasksList()) {
            Task task = WithoutSecrets.of(reported); // agents before this version report the values
            Framework framework = cluster.framework(task.getFrameworkId().getValue());
            if (framework == null) {
                continue;
            }
            TrackedTask tracked = framework.tasks.get(task.getTaskId().getValue());
            if (tracked != null && tracked.agentId.equals(agent.id)) {
                named.add(tracked);
                update(agent, framework, tracked, task);
            } else if (tracked == null) {
                named.add(add(now, agent, framework, task));
            }
        }
        askForOthers(agent, named);
    }

    private void update(Agent agent, Framework framework, TrackedTask tracked, Task task) {
        if (tracked.isTerminal()) {
            return;
        }
        tracked.replace(task);
        agent.changed();
        if (tracked.isTerminal() && tracked.holding) {
            // The allocator gets the agent anew, so only our own books change.
            tracked.holding = false;
            agent.usesNoMore(tracked.resources);
            framework.usesNoMore(tracked.resources);
        }
    }

    private TrackedTask add(Instant now, Agent agent, Framework framework, Task task) {
        String role = role(framework, task.getResourcesList());
        TrackedTask tracked = new TrackedTask(task, role, resources(task.getResourcesList(), role));
        Holdings.hold(agent, framework, tracked);
        outbox.publish(new ClusterChange.TaskAdded(task));
        if (framework.reachableAgain(tracked.id) != null) {
            TaskStatus status = Statuses.of(
                            now,
                            framework,
                            task,
                            task.hasStatusUpdateState() ? task.getStatusUpdateState() : task.getState(),
                            TaskStatus.Reason.REASON_AGENT_REREGISTERED,
                            "Agent " + agent.id + " came back")
                    .build();
            outbox.send(framework, Statuses.event(status));
        }
        return tracked;
    }

    private void askForOthers(Agent agent, Set<TrackedTask> named) {
        Map<String, ReconcileTasks.Builder> missing = new LinkedHashMap<>();
        for (TrackedTask task : new ArrayList<>(agent.tasks)) {
            if (!named.contains(task)) {
                missing.computeIfAbsent(
                                task.frameworkId,
                                id -> ReconcileTasks.newBuilder().setFrameworkId(Ids.framework(id)))
                        .addTaskIds(task.message().getTaskId());
            }
        }
        missing.values().forEach(ask -> outbox.send(agent, ToAgent.newBuilder().setReconcileTasks(ask)));
    }

    private static Agent.HeldExecutor held(Framework framework, ExecutorInfo info) {
        String role = role(framework, info.getResourcesList());
        return new Agent.HeldExecutor(info, role, resources(info.getResourcesList(), role));
    }

    private static Resources resources(List<Resource> messages, String role) {
        return ResourceMessages.fromMessages(messages).allocatedTo(role);
    }

    /** The role resources are allocated to; agents name it, since launched resources carry it. */
    private static String role(Framework framework, List<Resource> messages) {
        for (Resource resource : messages) {
            if (resource.hasAllocationInfo()) {
                return resource.getAllocationInfo().getRole();
            }
        }
        return framework.roles().isEmpty() ? "*" : framework.roles().get(0);
    }
}
