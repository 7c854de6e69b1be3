package io.paddock.agent.core;

import com.google.protobuf.ByteString;
import io.paddock.common.resources.Resources;
import io.paddock.proto.checkpoint.Draining;
import io.paddock.proto.checkpoint.ExecutorAdded;
import io.paddock.proto.checkpoint.ExecutorRemoved;
import io.paddock.proto.checkpoint.ExecutorStopping;
import io.paddock.proto.checkpoint.FrameworkKnown;
import io.paddock.proto.checkpoint.OperationApplied;
import io.paddock.proto.checkpoint.Record;
import io.paddock.proto.checkpoint.TaskAdded;
import io.paddock.proto.checkpoint.TaskKilled;
import io.paddock.proto.checkpoint.TaskLaunched;
import io.paddock.proto.checkpoint.UpdateAcknowledged;
import io.paddock.proto.checkpoint.UpdateReceived;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.DrainConfig;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.OperationStatus;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskStatus;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Hard state: all an agent must still know after a crash. Changes only in {@link #apply}, both when a decision is made
 * (its record is on the way to the disk) and when the records are replayed, so that recovery cannot differ from life.
 */
final class AgentState {
    private static final int COMPLETED_FRAMEWORKS = 50;
    private static final int REMEMBERED_OPERATIONS = 1000;

    private final int maxCompletedExecutors;

    private @Nullable AgentInfo info;
    private String bootId = "";
    private @Nullable Resources totals;
    private Draining draining = Draining.getDefaultInstance();
    final LinkedHashMap<String, Framework> frameworks = new LinkedHashMap<>();
    final ArrayDeque<Framework> completed = new ArrayDeque<>();
    /** Operations whose status was not acknowledged, by uuid, oldest first. */
    final LinkedHashMap<ByteString, PendingOperation> pendingOperations = new LinkedHashMap<>();
    /** What became of the others, should the master repeat one of them. */
    private final LinkedHashMap<ByteString, OperationStatus> settledOperations = new LinkedHashMap<>();

    /** @param maxCompletedExecutors ended executors of a framework beyond these are forgotten */
    AgentState(int maxCompletedExecutors) {
        this.maxCompletedExecutors = maxCompletedExecutors;
    }

    /** The agent as last recorded; null before the first start. */
    @Nullable
    AgentInfo info() {
        return info;
    }

    /** Set once a master has admitted it. */
    @Nullable
    AgentID id() {
        return info != null && info.hasId() ? info.getId() : null;
    }

    /** Of the last start; empty before the first. */
    String bootId() {
        return bootId;
    }

    /** With dynamic reservations and volumes; null before the first start. */
    @Nullable
    Resources totals() {
        return totals;
    }

    @Nullable
    DrainConfig drain() {
        return draining.hasConfig() ? draining.getConfig() : null;
    }

    /** Without a config when it is not drained. */
    Draining draining() {
        return draining;
    }

    /** The status of an operation that needs no acknowledgement any more; null when it is unknown or pending. */
    @Nullable
    OperationStatus settledOperation(ByteString uuid) {
        return settledOperations.get(uuid);
    }

    @Nullable
    Framework framework(FrameworkID id) {
        return frameworks.get(id.getValue());
    }

    @Nullable
    Executor executor(ExecutorKey key) {
        Framework framework = frameworks.get(key.frameworkId());
        return framework == null ? null : framework.executors.get(key.executorId());
    }

    @Nullable
    Task task(FrameworkID frameworkId, TaskID taskId) {
        Framework framework = framework(frameworkId);
        return framework == null ? null : framework.tasks.get(taskId.getValue());
    }

    /**
     * Takes over one decision.
     *
     * @throws IllegalStateException if it does not fit what was recorded before: a broken invariant
     */
    void apply(Record record) {
        switch (record.getRecordCase()) {
            case IDENTITY -> {
                info = record.getIdentity().getInfo();
                bootId = record.getIdentity().getBootId();
            }
            case FORGOTTEN -> forget();
            case TOTALS ->
                totals = ResourceMessages.fromMessages(record.getTotals().getResourcesList());
            case FRAMEWORK_KNOWN -> frameworkKnown(record.getFrameworkKnown());
            case FRAMEWORK_REMOVED ->
                frameworkRemoved(record.getFrameworkRemoved().getFrameworkId());
            case EXECUTOR_ADDED -> executorAdded(record.getExecutorAdded());
            case EXECUTOR_STOPPING -> {
                ExecutorStopping r = record.getExecutorStopping();
                required(ExecutorKey.of(r.getFrameworkId(), r.getExecutorId())).enter(ExecutorPhase.TERMINATING);
            }
            case EXECUTOR_REMOVED -> {
                ExecutorRemoved r = record.getExecutorRemoved();
                Executor executor = required(ExecutorKey.of(r.getFrameworkId(), r.getExecutorId()));
                required(r.getFrameworkId()).remove(executor);
            }
            case TASK_ADDED -> taskAdded(record.getTaskAdded());
            case TASK_LAUNCHED -> {
                TaskLaunched r = record.getTaskLaunched();
                Task task = required(r.getFrameworkId(), r.getTaskId());
                task.launched(Instant.ofEpochMilli(r.getTimeMs()));
                required(task.executor).hadLaunched = true;
            }
            case TASK_KILLED -> {
                TaskKilled r = record.getTaskKilled();
                required(r.getFrameworkId(), r.getTaskId())
                        .killed(new Task.Kill(r.hasKillPolicy() ? r.getKillPolicy() : null));
            }
            case UPDATE_RECEIVED -> {
                UpdateReceived r = record.getUpdateReceived();
                required(r.getFrameworkId(), r.getStatus().getTaskId()).received(r.getStatus());
            }
            case UPDATE_ACKNOWLEDGED -> updateAcknowledged(record.getUpdateAcknowledged());
            case OPERATION_APPLIED -> {
                OperationApplied r = record.getOperationApplied();
                if (r.getStatus().hasUuid()) {
                    pendingOperations.put(r.getUuid(), new PendingOperation(r));
                } else {
                    settled(r.getUuid(), r.getStatus());
                }
            }
            case OPERATION_ACKNOWLEDGED -> {
                ByteString uuid = record.getOperationAcknowledged().getUuid();
                PendingOperation operation = pendingOperations.remove(uuid);
                if (operation == null) {
                    throw new IllegalStateException("an operation was acknowledged that is not pending");
                }
                settled(uuid, operation.status().toBuilder().clearUuid().build());
            }
            case DRAINING -> draining = record.getDraining();
            case RECORD_NOT_SET ->
                throw new IllegalStateException(
                        "a checkpoint record of a kind this version does not know; it was written by a newer version");
        }
    }

    private void settled(ByteString uuid, OperationStatus status) {
        settledOperations.put(uuid, status);
        if (settledOperations.size() > REMEMBERED_OPERATIONS) {
            settledOperations.remove(settledOperations.keySet().iterator().next());
        }
    }

    private void forget() {
        info = null;
        totals = null;
        draining = Draining.getDefaultInstance();
        pendingOperations.clear();
        settledOperations.clear();
        frameworks.clear();
    }

    private void frameworkKnown(FrameworkKnown r) {
        Framework framework = frameworks.get(r.getInfo().getId().getValue());
        if (framework == null) {
            frameworks.put(r.getInfo().getId().getValue(), new Framework(r.getInfo(), maxCompletedExecutors));
        } else {
            framework.info = r.getInfo();
        }
    }

    private void frameworkRemoved(FrameworkID id) {
        completed.add(required(id));
        frameworks.remove(id.getValue());
        if (completed.size() > COMPLETED_FRAMEWORKS) {
            completed.remove();
        }
    }

    private void executorAdded(ExecutorAdded r) {
        ExecutorKey key = ExecutorKey.of(r.getFrameworkId(), r.getInfo().getExecutorId());
        Executor executor = new Executor(key, r.getInfo(), r.getContainerId(), r.getKind());
        if (required(r.getFrameworkId()).executors.putIfAbsent(key.executorId(), executor) != null) {
            throw new IllegalStateException(key + " was added twice");
        }
    }

    private void taskAdded(TaskAdded r) {
        Executor executor = required(ExecutorKey.of(r.getFrameworkId(), r.getExecutorId()));
        Task task = new Task(r.getTask(), executor.key, r.hasGroupId() ? r.getGroupId() : null);
        executor.tasks.put(task.id(), task);
        if (required(r.getFrameworkId()).tasks.putIfAbsent(task.id(), task) != null) {
            throw new IllegalStateException("task " + task.id() + " of " + executor.key + " was added twice");
        }
    }

    private void updateAcknowledged(UpdateAcknowledged r) {
        Task task = required(r.getFrameworkId(), r.getTaskId());
        task.acknowledge(r.getUuid());
        if (task.stage() == TaskStage.COMPLETED) {
            required(task.executor).complete(task);
            required(r.getFrameworkId()).tasks.remove(task.id());
        }
    }

    private Framework required(FrameworkID id) {
        Framework framework = framework(id);
        if (framework == null) {
            throw new IllegalStateException("framework " + id.getValue() + " is not known");
        }
        return framework;
    }

    private Executor required(ExecutorKey key) {
        Executor executor = executor(key);
        if (executor == null) {
            throw new IllegalStateException(key + " is not known");
        }
        return executor;
    }

    private Task required(FrameworkID frameworkId, TaskID taskId) {
        Task task = task(frameworkId, taskId);
        if (task == null) {
            throw new IllegalStateException(
                    "task " + taskId.getValue() + " of framework " + frameworkId.getValue() + " is not known");
        }
        return task;
    }

    /** The shortest list of records that gives this state: what a compacted log holds. */
    List<Record> records() {
        List<Record> records = new ArrayList<>();
        if (info != null) {
            records.add(Records.identity(info, bootId));
        }
        if (totals != null) {
            records.add(Records.totals(totals));
        }
        if (draining.hasConfig()) {
            records.add(Records.draining(draining));
        }
        settledOperations.forEach((uuid, status) -> records.add(
                Records.operation(OperationApplied.newBuilder().setUuid(uuid).setStatus(status))));
        pendingOperations.values().forEach(operation -> records.add(Records.operation(operation.applied.toBuilder())));
        for (Framework framework : frameworks.values()) {
            records.add(Records.framework(framework.info));
            framework.executors.values().forEach(executor -> executorRecords(executor, records));
        }
        return records;
    }

    private static void executorRecords(Executor executor, List<Record> records) {
        records.add(Records.executor(executor.key, executor.info, executor.container, executor.kind));
        for (Task task : executor.tasks.values()) {
            records.add(Records.task(executor.key, task.info, task.group));
            if (task.launchedAt().isAfter(Instant.EPOCH)) {
                records.add(Records.launched(executor.key.framework(), task.info.getTaskId(), task.launchedAt()));
            }
            Task.Kill kill = task.kill();
            if (kill != null) {
                records.add(Records.killed(executor.key.framework(), task.info.getTaskId(), kill.policy()));
            }
            Set<ByteString> acknowledged = task.acknowledgedIds();
            for (TaskStatus status : task.statuses()) {
                records.add(Records.update(executor.key.framework(), status));
                if (acknowledged.contains(status.getUuid())) {
                    records.add(Records.acknowledged(executor.key.framework(), status.getTaskId(), status.getUuid()));
                }
            }
        }
        if (executor.ending()) {
            records.add(Records.stopping(executor.key));
        }
    }
}
