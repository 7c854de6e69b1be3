package io.paddock.client.testkit;

import com.google.protobuf.ByteString;
import io.paddock.client.testkit.Ledger.Agent;
import io.paddock.client.testkit.Ledger.Framework;
import io.paddock.client.testkit.Ledger.Task;
import io.paddock.common.resources.Resources;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.ContainerStatus;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.NetworkInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The life of tasks: launched, reporting as their script says, acknowledged, reconciled. */
final class Tasks {
    /** Runs something later, under the lock. */
    interface Later {
        void after(Duration delay, Runnable task);
    }

    private final Ledger ledger;
    private final Later later;
    private Function<TaskInfo, TaskScript> scripts = task -> TaskScript.runs();

    Tasks(Ledger ledger, Later later) {
        this.ledger = ledger;
        this.later = later;
    }

    void follow(Function<TaskInfo, TaskScript> newScripts) {
        scripts = newScripts;
    }

    /** Launches what fits into {@code room}; answers what is left of it. */
    Resources launch(Framework framework, Agent agent, Resources room, Offer.Operation operation) {
        List<TaskInfo> tasks = operation.getType() == Offer.Operation.Type.LAUNCH_GROUP
                ? operation.getLaunchGroup().getTaskGroup().getTasksList()
                : operation.getLaunch().getTaskInfosList();
        Resources left = room;
        for (TaskInfo task : tasks) {
            Resources needed =
                    ResourceMessages.fromMessages(task.getResourcesList()).unallocated();
            String key = Ledger.key(framework.id, task.getTaskId().getValue());
            String wrong = !task.getAgentId().equals(agent.id)
                    ? "agent_id is not that of the offer"
                    : !left.contains(needed)
                            ? "needs " + needed + " of which only " + left + " is left in the offers"
                            : ledger.tasks.containsKey(key)
                                            && !States.isOver(
                                                    ledger.tasks.get(key).state())
                                    ? "task id is in use"
                                    : null;
            if (wrong != null) {
                master(
                        framework,
                        task.getTaskId(),
                        task.getAgentId(),
                        TaskState.TASK_ERROR,
                        wrong,
                        TaskStatus.Reason.REASON_TASK_INVALID);
            } else {
                left = left.minus(needed);
                Task launched = new Task(task, framework.id, needed, scripts.apply(task));
                ledger.launched(launched);
                play(launched, 0);
            }
        }
        return left;
    }

    /** The offers of an ACCEPT were not valid any more: its tasks never existed. */
    void drop(Framework framework, Offer.Operation operation) {
        TaskState state = framework.has(FrameworkInfo.Capability.Type.PARTITION_AWARE)
                ? TaskState.TASK_DROPPED
                : TaskState.TASK_LOST;
        for (TaskInfo task : operation.getLaunch().getTaskInfosList()) {
            master(
                    framework,
                    task.getTaskId(),
                    task.getAgentId(),
                    state,
                    "Offers are no longer valid",
                    TaskStatus.Reason.REASON_INVALID_OFFERS);
        }
    }

    private void play(Task task, int step) {
        if (step >= task.script.steps().size()) {
            return;
        }
        TaskScript.Step next = task.script.steps().get(step);
        later.after(next.after(), () -> {
            if (!States.isOver(task.state())) {
                report(task, next.state(), next.message(), null, next.healthy());
                play(task, step + 1);
            }
        });
    }

    void kill(Framework framework, Call.Kill kill) {
        Task task = ledger.tasks.get(Ledger.key(framework.id, kill.getTaskId().getValue()));
        if (task == null || States.isOver(task.state())) {
            reconcile(framework, kill.getTaskId(), kill.hasAgentId() ? kill.getAgentId() : null);
        } else if (task.script.diesWhenKilled()) {
            if (framework.has(FrameworkInfo.Capability.Type.TASK_KILLING_STATE)) {
                report(task, TaskState.TASK_KILLING, null, null, null);
            }
            report(task, TaskState.TASK_KILLED, "Command terminated with signal Terminated", null, null);
        }
    }

    /** The agent reports a new state, and goes on reporting it until it is acknowledged. */
    void report(
            Task task,
            TaskState state,
            @Nullable String message,
            TaskStatus.@Nullable Reason reason,
            @Nullable Boolean healthy) {
        UUID uuid = UUID.randomUUID();
        TaskStatus.Builder status = TaskStatus.newBuilder()
                .setTaskId(task.info.getTaskId())
                .setState(state)
                .setSource(TaskStatus.Source.SOURCE_EXECUTOR)
                .setAgentId(task.info.getAgentId())
                .setExecutorId(
                        ExecutorID.newBuilder().setValue(task.info.getTaskId().getValue()))
                .setTimestamp(now())
                .setUuid(ByteString.copyFrom(ByteBuffer.allocate(16)
                        .putLong(uuid.getMostSignificantBits())
                        .putLong(uuid.getLeastSignificantBits())
                        .array()))
                .setContainerStatus(ContainerStatus.newBuilder()
                        .addNetworkInfos(NetworkInfo.newBuilder()
                                .addIpAddresses(
                                        NetworkInfo.IPAddress.newBuilder().setIpAddress("127.0.0.1"))));
        if (message != null) {
            status.setMessage(message);
        }
        if (reason != null) {
            status.setReason(reason);
        }
        if (healthy != null) {
            status.setHealthy(healthy);
        }
        ledger.become(task, state);
        task.latest = status.build();
        task.unacknowledged.add(task.latest);
        if (task.unacknowledged.size() == 1) {
            sendFirst(task);
        }
    }

    void acknowledge(Framework framework, Call.Acknowledge call) {
        Task task = ledger.tasks.get(Ledger.key(framework.id, call.getTaskId().getValue()));
        TaskStatus first = task == null ? null : task.unacknowledged.peek();
        if (first != null && first.getUuid().equals(call.getUuid())) {
            task.unacknowledged.remove();
            sendFirst(task);
        }
    }

    /** What an agent does when a framework is back, or its patience is over. */
    void resend(Framework framework) {
        for (Task task : List.copyOf(ledger.tasks.values())) {
            if (task.framework.equals(framework.id)) {
                sendFirst(task);
            }
        }
    }

    private void sendFirst(Task task) {
        Framework framework = ledger.frameworks.get(task.framework);
        Agent agent = ledger.agents.get(task.info.getAgentId());
        TaskStatus first = task.unacknowledged.peek();
        if (first != null && framework != null && agent != null && agent.registered) {
            send(framework, first);
        }
    }

    void reconcile(Framework framework, Call.Reconcile call) {
        if (call.getTasksCount() > 0) {
            call.getTasksList()
                    .forEach(t -> reconcile(framework, t.getTaskId(), t.hasAgentId() ? t.getAgentId() : null));
            return;
        }
        for (Task task : List.copyOf(ledger.tasks.values())) {
            if (task.framework.equals(framework.id)
                    && registered(task.info.getAgentId())
                    && !(States.isOver(task.state()) && task.unacknowledged.isEmpty())) {
                answer(framework, task);
            }
        }
    }

    /** The rules of explicit reconciliation: silence about agents that may still come back. */
    private void reconcile(Framework framework, TaskID id, @Nullable AgentID agent) {
        Task task = ledger.tasks.get(Ledger.key(framework.id, id.getValue()));
        boolean partitionAware = framework.has(FrameworkInfo.Capability.Type.PARTITION_AWARE);
        boolean known = task != null && !(States.isOver(task.state()) && task.unacknowledged.isEmpty());
        if (known && registered(task.info.getAgentId())) {
            answer(framework, task);
        } else if (agent == null
                ? ledger.agents.values().stream().anyMatch(a -> !a.registered)
                : ledger.agents.containsKey(agent) && !registered(agent)) {
            return;
        } else if (agent != null && registered(agent)) {
            master(
                    framework,
                    id,
                    agent,
                    partitionAware ? TaskState.TASK_GONE : TaskState.TASK_LOST,
                    "Reconciliation: the task is not known to its agent",
                    TaskStatus.Reason.REASON_RECONCILIATION);
        } else {
            master(
                    framework,
                    id,
                    agent,
                    partitionAware ? TaskState.TASK_UNKNOWN : TaskState.TASK_LOST,
                    "Reconciliation: the task is unknown",
                    TaskStatus.Reason.REASON_RECONCILIATION);
        }
    }

    private boolean registered(AgentID agent) {
        return ledger.agents.containsKey(agent) && ledger.agents.get(agent).registered;
    }

    private static void answer(Framework framework, Task task) {
        TaskStatus.Builder status = task.latest == null
                ? TaskStatus.newBuilder().setTaskId(task.info.getTaskId()).setAgentId(task.info.getAgentId())
                : task.latest.toBuilder().clearUuid();
        send(
                framework,
                status.setState(task.state())
                        .setSource(TaskStatus.Source.SOURCE_MASTER)
                        .setReason(TaskStatus.Reason.REASON_RECONCILIATION)
                        .setMessage("Reconciliation: Latest task state")
                        .setTimestamp(now())
                        .build());
    }

    /** The agent of these tasks is gone. */
    void unreachable(AgentID agent) {
        for (Task task : List.copyOf(ledger.tasks.values())) {
            Framework framework = ledger.frameworks.get(task.framework);
            if (task.info.getAgentId().equals(agent) && !States.isOver(task.state()) && framework != null) {
                ledger.become(
                        task,
                        framework.has(FrameworkInfo.Capability.Type.PARTITION_AWARE)
                                ? TaskState.TASK_UNREACHABLE
                                : TaskState.TASK_LOST);
                task.unacknowledged.clear();
                master(
                        framework,
                        task.info.getTaskId(),
                        agent,
                        task.state(),
                        "Agent is unreachable",
                        TaskStatus.Reason.REASON_AGENT_REMOVED);
            }
        }
    }

    /** The master's own word: no uuid, never repeated. */
    private static void master(
            Framework framework,
            TaskID task,
            @Nullable AgentID agent,
            TaskState state,
            String message,
            TaskStatus.Reason reason) {
        TaskStatus.Builder status = TaskStatus.newBuilder()
                .setTaskId(task)
                .setState(state)
                .setSource(TaskStatus.Source.SOURCE_MASTER)
                .setMessage(message)
                .setReason(reason)
                .setTimestamp(now());
        if (agent != null) {
            status.setAgentId(agent);
        }
        send(framework, status.build());
    }

    private static void send(Framework framework, TaskStatus status) {
        if (framework.stream != null) {
            framework.stream.send(Event.newBuilder()
                    .setType(Event.Type.UPDATE)
                    .setUpdate(Event.Update.newBuilder().setStatus(status))
                    .build());
        }
    }

    private static double now() {
        return Instant.now().toEpochMilli() / 1000.0;
    }
}
