package io.paddock.executor.core;

import com.google.protobuf.ByteString;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.executor.Call;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Makes status updates and keeps each until it is acknowledged. */
final class Reporter {
    private static final double NANOS_PER_SECOND = 1e9;

    private final FrameworkID framework;
    private final ExecutorID executor;
    private final UpdateIds ids;
    private final Map<ByteString, Call.Update> unacknowledged = new LinkedHashMap<>();

    Reporter(FrameworkID framework, ExecutorID executor, UpdateIds ids) {
        this.framework = framework;
        this.executor = executor;
        this.ids = ids;
    }

    /** Completes a status with what all have in common and makes it an effect. */
    ExecutorEffect report(Instant now, TaskStatus.Builder status) {
        ByteString uuid = ids.next();
        TaskStatus complete = status.setUuid(uuid)
                .setSource(TaskStatus.Source.SOURCE_EXECUTOR)
                .setExecutorId(executor)
                .setTimestamp(now.getEpochSecond() + now.getNano() / NANOS_PER_SECOND)
                .build();
        Call.Update update = Call.Update.newBuilder().setStatus(complete).build();
        unacknowledged.put(uuid, update);
        return new ExecutorEffect.SendCall(
                call().setType(Call.Type.UPDATE).setUpdate(update).build());
    }

    /** The updates still to be acknowledged, oldest first. */
    Collection<Call.Update> unacknowledged() {
        return Collections.unmodifiableCollection(unacknowledged.values());
    }

    boolean awaits(String taskId) {
        return unacknowledged.values().stream()
                .anyMatch(update -> update.getStatus().getTaskId().getValue().equals(taskId));
    }

    void acknowledged(ByteString uuid) {
        unacknowledged.remove(uuid);
    }

    Call.Builder call() {
        return Call.newBuilder().setFrameworkId(framework).setExecutorId(executor);
    }
}
