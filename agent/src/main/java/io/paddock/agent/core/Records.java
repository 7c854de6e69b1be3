package io.paddock.agent.core;

import com.google.protobuf.ByteString;
import io.paddock.common.resources.Resources;
import io.paddock.proto.checkpoint.Draining;
import io.paddock.proto.checkpoint.ExecutorAdded;
import io.paddock.proto.checkpoint.ExecutorRemoved;
import io.paddock.proto.checkpoint.ExecutorStopping;
import io.paddock.proto.checkpoint.Forgotten;
import io.paddock.proto.checkpoint.FrameworkKnown;
import io.paddock.proto.checkpoint.FrameworkRemoved;
import io.paddock.proto.checkpoint.Identity;
import io.paddock.proto.checkpoint.OperationAcknowledged;
import io.paddock.proto.checkpoint.OperationApplied;
import io.paddock.proto.checkpoint.Record;
import io.paddock.proto.checkpoint.TaskAdded;
import io.paddock.proto.checkpoint.TaskKilled;
import io.paddock.proto.checkpoint.TaskLaunched;
import io.paddock.proto.checkpoint.Totals;
import io.paddock.proto.checkpoint.UpdateAcknowledged;
import io.paddock.proto.checkpoint.UpdateReceived;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.KillPolicy;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskStatus;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The checkpoint records, one line each. */
final class Records {
    private Records() {}

    static Record identity(AgentInfo info, String bootId) {
        return Record.newBuilder()
                .setIdentity(Identity.newBuilder().setInfo(info).setBootId(bootId))
                .build();
    }

    static Record forgotten() {
        return Record.newBuilder().setForgotten(Forgotten.getDefaultInstance()).build();
    }

    static Record totals(Resources totals) {
        return Record.newBuilder()
                .setTotals(Totals.newBuilder().addAllResources(ResourceMessages.toMessages(totals)))
                .build();
    }

    static Record framework(FrameworkInfo info) {
        return Record.newBuilder()
                .setFrameworkKnown(FrameworkKnown.newBuilder().setInfo(info))
                .build();
    }

    static Record frameworkRemoved(FrameworkID id) {
        return Record.newBuilder()
                .setFrameworkRemoved(FrameworkRemoved.newBuilder().setFrameworkId(id))
                .build();
    }

    static Record executor(ExecutorKey key, ExecutorInfo info, ContainerID container, ExecutorAdded.Kind kind) {
        return Record.newBuilder()
                .setExecutorAdded(ExecutorAdded.newBuilder()
                        .setFrameworkId(key.framework())
                        .setInfo(info)
                        .setContainerId(container)
                        .setKind(kind))
                .build();
    }

    static Record stopping(ExecutorKey key) {
        return Record.newBuilder()
                .setExecutorStopping(ExecutorStopping.newBuilder()
                        .setFrameworkId(key.framework())
                        .setExecutorId(key.executor()))
                .build();
    }

    static Record executorRemoved(ExecutorKey key) {
        return Record.newBuilder()
                .setExecutorRemoved(ExecutorRemoved.newBuilder()
                        .setFrameworkId(key.framework())
                        .setExecutorId(key.executor()))
                .build();
    }

    static Record task(ExecutorKey key, TaskInfo task, @Nullable String group) {
        TaskAdded.Builder added = TaskAdded.newBuilder()
                .setFrameworkId(key.framework())
                .setExecutorId(key.executor())
                .setTask(task);
        if (group != null) {
            added.setGroupId(group);
        }
        return Record.newBuilder().setTaskAdded(added).build();
    }

    static Record launched(FrameworkID framework, TaskID task, Instant at) {
        return Record.newBuilder()
                .setTaskLaunched(TaskLaunched.newBuilder()
                        .setFrameworkId(framework)
                        .setTaskId(task)
                        .setTimeMs(at.toEpochMilli()))
                .build();
    }

    static Record killed(FrameworkID framework, TaskID task, @Nullable KillPolicy policy) {
        TaskKilled.Builder killed =
                TaskKilled.newBuilder().setFrameworkId(framework).setTaskId(task);
        if (policy != null) {
            killed.setKillPolicy(policy);
        }
        return Record.newBuilder().setTaskKilled(killed).build();
    }

    static Record update(FrameworkID framework, TaskStatus status) {
        return Record.newBuilder()
                .setUpdateReceived(
                        UpdateReceived.newBuilder().setFrameworkId(framework).setStatus(status))
                .build();
    }

    static Record acknowledged(FrameworkID framework, TaskID task, ByteString uuid) {
        return Record.newBuilder()
                .setUpdateAcknowledged(UpdateAcknowledged.newBuilder()
                        .setFrameworkId(framework)
                        .setTaskId(task)
                        .setUuid(uuid))
                .build();
    }

    static Record operation(OperationApplied.Builder applied) {
        return Record.newBuilder().setOperationApplied(applied).build();
    }

    static Record operationAcknowledged(ByteString uuid) {
        return Record.newBuilder()
                .setOperationAcknowledged(OperationAcknowledged.newBuilder().setUuid(uuid))
                .build();
    }

    static Record draining(Draining draining) {
        return Record.newBuilder().setDraining(draining).build();
    }
}
