package io.paddock.agent.core;

import com.google.protobuf.ByteString;
import io.paddock.agent.core.Executor.Doom;
import io.paddock.common.Rejection;
import io.paddock.proto.domain.CallParts;
import io.paddock.proto.link.ExecutorMessage;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.CheckStatusInfo;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.executor.Call;
import io.paddock.proto.v1.executor.Event;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The executor API. Source: the executor HTTP API of Mesos v1. */
final class ExecutorCalls {
    private static final Duration HEARTBEAT = Duration.ofMinutes(30);
    private static final int UUID_BYTES = 16;

    private static final Set<TaskStatus.Reason> OF_CONTAINERS = EnumSet.of(
            TaskStatus.Reason.REASON_CONTAINER_LAUNCH_FAILED,
            TaskStatus.Reason.REASON_CONTAINER_LIMITATION,
            TaskStatus.Reason.REASON_CONTAINER_LIMITATION_DISK,
            TaskStatus.Reason.REASON_CONTAINER_LIMITATION_MEMORY);

    private final Decision decision;
    private final Registration registration;
    private final StatusUpdates updates;
    private final Launching launching;
    private final Killing killing;
    private final TerminatedExecutors terminated;

    ExecutorCalls(
            Decision decision,
            Registration registration,
            StatusUpdates updates,
            Launching launching,
            Killing killing,
            TerminatedExecutors terminated) {
        this.decision = decision;
        this.registration = registration;
        this.updates = updates;
        this.launching = launching;
        this.killing = killing;
        this.terminated = terminated;
    }

    void called(AgentEvent.ExecutorCalled event) {
        long request = event.request();
        Call call = event.call();
        ExecutorKey key = ExecutorKey.of(call.getFrameworkId(), call.getExecutorId());
        Framework framework = decision.state.framework(call.getFrameworkId());
        Executor executor = decision.executor(key);
        if (!call.hasType()) {
            decision.refuse(request, Rejection.invalid("type: expected to be present"));
        } else if (call.getType() == Call.Type.HEARTBEAT) {
            decision.effect(new AgentEffect.AcceptCall(request));
        } else if (call.getType() == Call.Type.UNKNOWN) {
            decision.refuse(
                    request, new Rejection(Rejection.Code.NOT_SUPPORTED, "type: not a call of the executor API"));
        } else if (CallParts.missing(call, call.getType()).isPresent()) {
            String part = CallParts.missing(call, call.getType()).get();
            decision.refuse(request, Rejection.invalid(part + ": expected to be present"));
        } else if (framework == null) {
            decision.refuse(request, Rejection.invalid("framework_id: " + key.frameworkId() + " has nothing here"));
        } else if (executor == null) {
            decision.refuse(request, Rejection.invalid("executor_id: there is no " + key + " here"));
        } else if (event.overHttp() && !executor.custom()) {
            decision.refuse(
                    request,
                    new Rejection(
                            Rejection.Code.FORBIDDEN,
                            "executor_id: " + key + " is the agent's own and makes no calls over HTTP"));
        } else if (call.getType() == Call.Type.SUBSCRIBE) {
            subscribe(request, framework, executor, call.getSubscribe());
        } else if (executor.connection == 0 && executor.phase() == ExecutorPhase.REGISTERING) {
            decision.refuse(request, new Rejection(Rejection.Code.FORBIDDEN, "the executor has not subscribed yet"));
        } else {
            subscribedCall(request, framework, executor, call);
        }
    }

    private void subscribedCall(long request, Framework framework, Executor executor, Call call) {
        switch (call.getType()) {
            case UPDATE -> {
                Optional<Rejection> bad = check(executor, call.getUpdate().getStatus());
                decision.counters.add(bad.isEmpty(), Count.VALID_STATUS_UPDATES, Count.INVALID_STATUS_UPDATES);
                if (bad.isPresent()) {
                    decision.refuse(request, bad.get());
                    return;
                }
                update(framework, executor, call.getUpdate().getStatus());
                decision.effect(new AgentEffect.AcceptCall(request));
            }
            case MESSAGE -> {
                decision.effect(new AgentEffect.AcceptCall(request));
                if (registration.registered()) {
                    decision.toMaster(FromAgent.newBuilder()
                            .setExecutorMessage(ExecutorMessage.newBuilder()
                                    .setFrameworkId(call.getFrameworkId())
                                    .setExecutorId(call.getExecutorId())
                                    .setData(call.getMessage().getData())));
                }
            }
            case SUBSCRIBE, HEARTBEAT, UNKNOWN ->
                throw new IllegalStateException(call.getType() + " is handled before");
        }
    }

    private void subscribe(long request, Framework framework, Executor executor, Call.Subscribe call) {
        for (Call.Update update : call.getUnacknowledgedUpdatesList()) {
            Optional<Rejection> bad = check(executor, update.getStatus());
            if (bad.isPresent()) {
                decision.refuse(request, bad.get());
                return;
            }
        }
        decision.effect(new AgentEffect.AcceptCall(request));
        if (executor.ending()) {
            decision.toExecutor(executor.key, Event.newBuilder().setType(Event.Type.SHUTDOWN));
            decision.effect(new AgentEffect.CloseExecutor(executor.key));
            return;
        }
        executor.connection = request;
        if (executor.phase() == ExecutorPhase.REGISTERING) {
            executor.enter(ExecutorPhase.RUNNING);
            decision.cancelRegistration(executor);
        }
        welcome(framework, executor);
        for (Call.Update update : call.getUnacknowledgedUpdatesList()) {
            update(framework, executor, update.getStatus());
        }
        dropLostInTransit(framework, executor, call);
        if (!executor.hadLaunched && !executor.hasUnfinished()) {
            terminated.shutDown(
                    executor,
                    new Doom(
                            TaskState.TASK_KILLED,
                            TaskStatus.Reason.REASON_TASK_KILLED_DURING_LAUNCH,
                            "The executor has no task to run"));
            return;
        }
        killing.sendPending(executor);
        launching.deliver(framework, executor);
    }

    private void welcome(Framework framework, Executor executor) {
        AgentInfo agent =
                decision.settings.info().toBuilder().setId(decision.agentId()).build();
        Event.Builder event = Event.newBuilder().setType(Event.Type.SUBSCRIBED);
        event.getSubscribedBuilder()
                .setExecutorInfo(executor.info)
                .setFrameworkInfo(framework.info)
                .setAgentInfo(agent)
                .setContainerId(executor.container);
        decision.toExecutor(executor.key, event);
        decision.after(HEARTBEAT, new Deadline.ExecutorHeartbeat(executor.key));
    }

    /** A task handed to the executor that it says nothing about never arrived there. */
    private void dropLostInTransit(Framework framework, Executor executor, Call.Subscribe call) {
        Set<TaskID> known = call.getUnacknowledgedTasksList().stream()
                .map(task -> task.getTaskId())
                .collect(Collectors.toSet());
        for (Task task : executor.tasksIn(TaskStage.LAUNCHED)) {
            if (task.state() == TaskState.TASK_STAGING && !known.contains(task.info.getTaskId())) {
                updates.report(
                        framework,
                        task,
                        TaskState.TASK_DROPPED,
                        TaskStatus.Reason.REASON_AGENT_RESTARTED,
                        "The executor did not get the task before the agent restarted");
            }
        }
    }

    private static Optional<Rejection> check(Executor executor, TaskStatus status) {
        if (status.getUuid().size() != UUID_BYTES) {
            return invalid("update.status.uuid: must be 16 bytes, is "
                    + status.getUuid().size());
        }
        if (status.getSource() != TaskStatus.Source.SOURCE_EXECUTOR) {
            return invalid("update.status.source: must be SOURCE_EXECUTOR");
        }
        if (status.hasExecutorId() && !status.getExecutorId().getValue().equals(executor.key.executorId())) {
            return invalid("update.status.executor_id: must be " + executor.key.executorId() + " or unset");
        }
        if (status.getState() == TaskState.TASK_STAGING) {
            return invalid("update.status.state: TASK_STAGING is never sent by an executor");
        }
        if (!Double.isFinite(status.getTimestamp())) {
            return invalid("update.status.timestamp: must be a number of seconds, is " + status.getTimestamp());
        }
        CheckStatusInfo check = status.getCheckStatus();
        boolean typed =
                switch (check.getType()) {
                    case COMMAND -> check.hasCommand();
                    case HTTP -> check.hasHttp();
                    case TCP -> check.hasTcp();
                    case UNKNOWN -> false;
                };
        if (status.hasCheckStatus() && !typed) {
            return invalid("update.status.check_status: must have a type and the part of that type");
        }
        return Optional.empty();
    }

    private static Optional<Rejection> invalid(String message) {
        return Optional.of(Rejection.invalid(message));
    }

    /** On disk before the executor may forget it; one seen before or of a task that is over is just acknowledged. */
    private void update(Framework framework, Executor executor, TaskStatus status) {
        Task task = framework.tasks.get(status.getTaskId().getValue());
        if (task != null && task.executor.equals(executor.key) && !task.finished() && !task.knows(status.getUuid())) {
            updates.report(framework, task, status.toBuilder().setSource(sourceOf(executor, status)));
        }
        Event.Builder event = Event.newBuilder().setType(Event.Type.ACKNOWLEDGED);
        event.getAcknowledgedBuilder().setTaskId(status.getTaskId()).setUuid(status.getUuid());
        decision.toExecutor(executor.key, event);
    }

    /** What happened to the container of a command task is, in Mesos, told by the agent, since the executor is in it. */
    private static TaskStatus.Source sourceOf(Executor executor, TaskStatus status) {
        return executor.command() && OF_CONTAINERS.contains(status.getReason())
                ? TaskStatus.Source.SOURCE_AGENT
                : status.getSource();
    }

    void disconnected(ExecutorKey key, long connection) {
        Executor executor = decision.executor(key);
        if (executor != null && executor.connection == connection) {
            executor.connection = 0;
            decision.deadlines.cancel(new Deadline.ExecutorHeartbeat(key));
        }
    }

    void heartbeat(ExecutorKey key) {
        Executor executor = decision.executor(key);
        if (executor != null && executor.connection != 0) {
            decision.toExecutor(key, Event.newBuilder().setType(Event.Type.HEARTBEAT));
            decision.after(HEARTBEAT, new Deadline.ExecutorHeartbeat(key));
        }
    }

    /** Scheduler to executor, best effort. */
    void message(ExecutorKey key, ByteString data) {
        Executor executor = decision.executor(key);
        boolean there = executor != null && executor.connection != 0;
        decision.counters.add(there, Count.VALID_FRAMEWORK_MESSAGES, Count.INVALID_FRAMEWORK_MESSAGES);
        if (there) {
            Event.Builder event = Event.newBuilder().setType(Event.Type.MESSAGE);
            event.getMessageBuilder().setData(data);
            decision.toExecutor(key, event);
        }
    }
}
