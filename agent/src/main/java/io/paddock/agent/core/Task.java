package io.paddock.agent.core;

import com.google.protobuf.ByteString;
import io.paddock.executor.core.RecoveredTask;
import io.paddock.proto.domain.WithoutSecrets;
import io.paddock.proto.v1.KillPolicy;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A task and the stream of its status updates. The stream has at most one update in flight: the oldest that is not
 * acknowledged. Changed by {@link AgentState#apply} only, except for the retry counter.
 */
final class Task {
    /** More than an executor can have sent without having seen one of our acknowledgements. */
    private static final int REMEMBERED_UPDATES = 64;

    final TaskInfo info;
    final ExecutorKey executor;
    final @Nullable String group;
    private TaskStage stage = TaskStage.QUEUED;
    private Instant launchedAt = Instant.EPOCH;
    private TaskState state = TaskState.TASK_STAGING;
    private @Nullable TaskStatus newest;
    private final ArrayDeque<TaskStatus> unacknowledged = new ArrayDeque<>();
    private final List<TaskStatus> acknowledged = new ArrayList<>();
    private final LinkedHashSet<ByteString> seen = new LinkedHashSet<>();
    private io.paddock.proto.v1.@Nullable Task message;
    /** How often the update in flight was sent. */
    int attempts;

    private @Nullable Kill kill;

    Task(TaskInfo info, ExecutorKey executor, @Nullable String group) {
        this.info = info;
        this.executor = executor;
        this.group = group;
    }

    /** A kill, with the grace period it was asked for, if any. */
    record Kill(@Nullable KillPolicy policy) {}

    /** What it was asked to end by last; null while it may run on. */
    @Nullable
    Kill kill() {
        return kill;
    }

    void killed(Kill asked) {
        kill = asked;
    }

    String id() {
        return info.getTaskId().getValue();
    }

    TaskStage stage() {
        return stage;
    }

    /** The newest state the agent knows, possibly ahead of the update in flight. */
    TaskState state() {
        return state;
    }

    boolean finished() {
        return stage == TaskStage.TERMINATED || stage == TaskStage.COMPLETED;
    }

    Instant launchedAt() {
        return launchedAt;
    }

    @Nullable
    TaskStatus inFlight() {
        return unacknowledged.peek();
    }

    boolean knows(ByteString uuid) {
        return seen.contains(uuid);
    }

    void launched(Instant at) {
        message = null;
        stage = TaskStage.LIFECYCLE.require(id(), stage, TaskStage.LAUNCHED);
        launchedAt = at;
    }

    void received(TaskStatus status) {
        message = null;
        unacknowledged.add(status);
        remember(status.getUuid());
        newest = status;
        state = status.getState();
        if (TaskStates.terminal(state)) {
            stage = TaskStage.LIFECYCLE.require(id(), stage, TaskStage.TERMINATED);
        }
    }

    /** Takes the update in flight off the stream if it is this one. */
    boolean acknowledge(ByteString uuid) {
        TaskStatus head = unacknowledged.peek();
        if (head == null || !head.getUuid().equals(uuid)) {
            return false;
        }
        message = null;
        unacknowledged.remove();
        attempts = 0;
        acknowledged.removeIf(old -> old.getState() == head.getState());
        acknowledged.add(head.toBuilder().clearData().build());
        if (unacknowledged.isEmpty() && stage == TaskStage.TERMINATED) {
            stage = TaskStage.LIFECYCLE.require(id(), stage, TaskStage.COMPLETED);
        }
        return true;
    }

    private void remember(ByteString uuid) {
        seen.add(uuid);
        if (seen.size() > REMEMBERED_UPDATES) {
            seen.remove(seen.iterator().next());
        }
    }

    /** Every status still known, oldest first: the last acknowledged one of each state, then the others. */
    List<TaskStatus> statuses() {
        List<TaskStatus> all = new ArrayList<>(acknowledged);
        all.addAll(unacknowledged);
        return all;
    }

    Set<ByteString> acknowledgedIds() {
        Set<ByteString> ids = new LinkedHashSet<>();
        acknowledged.forEach(status -> ids.add(status.getUuid()));
        return ids;
    }

    RecoveredTask recovered() {
        KillPolicy asked =
                kill == null ? null : Objects.requireNonNullElse(kill.policy(), KillPolicy.getDefaultInstance());
        return new RecoveredTask(info, newest, launchedAt, group, asked);
    }

    /** As the master and the operator API see it; made once for each change. */
    io.paddock.proto.v1.Task message(boolean command) {
        if (message == null) {
            message = describe(command);
        }
        return message;
    }

    private io.paddock.proto.v1.Task describe(boolean command) {
        io.paddock.proto.v1.Task.Builder m = io.paddock.proto.v1.Task.newBuilder()
                .setName(info.getName())
                .setTaskId(info.getTaskId())
                .setFrameworkId(executor.framework())
                .setAgentId(info.getAgentId())
                .setState(state)
                .addAllResources(info.getResourcesList())
                .putAllLimits(info.getLimitsMap());
        statuses().forEach(status -> m.addStatuses(status.toBuilder().clearData()));
        TaskStatus head = inFlight();
        if (head != null) {
            m.setStatusUpdateState(head.getState()).setStatusUpdateUuid(head.getUuid());
        } else if (newest != null) {
            m.setStatusUpdateState(newest.getState()).setStatusUpdateUuid(newest.getUuid());
        }
        if (!command) {
            m.setExecutorId(executor.executor());
        }
        if (info.hasLabels()) {
            m.setLabels(info.getLabels());
        }
        if (info.hasDiscovery()) {
            m.setDiscovery(info.getDiscovery());
        }
        if (info.hasContainer()) {
            m.setContainer(WithoutSecrets.of(info.getContainer()));
        }
        if (info.hasHealthCheck()) {
            m.setHealthCheck(WithoutSecrets.of(info.getHealthCheck()));
        }
        if (info.hasKillPolicy()) {
            m.setKillPolicy(info.getKillPolicy());
        }
        if (info.getCommand().hasUser()) {
            m.setUser(info.getCommand().getUser());
        }
        return m.build();
    }
}
