package io.paddock.agent.core;

import io.paddock.proto.checkpoint.ExecutorAdded;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.ContainerStatus;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** An executor and its tasks. Tasks and phase TERMINATING are hard state; connection and container status are not. */
final class Executor {
    private static final int COMPLETED_TASKS = 200;

    final ExecutorKey key;
    final ExecutorInfo info;
    final ContainerID container;
    final ExecutorAdded.Kind kind;
    /** Those that are not history, by id. */
    final LinkedHashMap<String, Task> tasks = new LinkedHashMap<>();

    final ArrayDeque<Task> completed = new ArrayDeque<>();
    private ExecutorPhase phase = ExecutorPhase.REGISTERING;
    /** Whether it ever was handed a task; one that was not and has none waiting is of no use. */
    boolean hadLaunched;
    /** The request number of its open SUBSCRIBE; 0 without one. */
    long connection;

    @Nullable
    ContainerStatus status;
    /** What becomes of its unfinished tasks when it ends, decided when its end was. */
    @Nullable
    Doom doom;

    /** Why we end an executor, in the words of its tasks' last update. */
    record Doom(TaskState state, TaskStatus.@Nullable Reason reason, String message) {}

    Executor(ExecutorKey key, ExecutorInfo info, ContainerID container, ExecutorAdded.Kind kind) {
        this.key = key;
        this.info = info;
        this.container = container;
        this.kind = kind;
    }

    ExecutorPhase phase() {
        return phase;
    }

    void enter(ExecutorPhase next) {
        phase = ExecutorPhase.LIFECYCLE.require(key, phase, next);
    }

    boolean ending() {
        return phase == ExecutorPhase.TERMINATING || phase == ExecutorPhase.TERMINATED;
    }

    /** Whether it is the executor of one command task, which the rest of the world does not see. */
    boolean command() {
        return kind == ExecutorAdded.Kind.COMMAND;
    }

    boolean custom() {
        return kind == ExecutorAdded.Kind.CUSTOM;
    }

    List<Task> tasksIn(TaskStage stage) {
        return tasks.values().stream().filter(task -> task.stage() == stage).collect(Collectors.toList());
    }

    boolean hasUnfinished() {
        return tasks.values().stream().anyMatch(task -> !task.finished());
    }

    Duration shutdownGrace(Duration usual) {
        return info.hasShutdownGracePeriod()
                ? Duration.ofNanos(info.getShutdownGracePeriod().getNanoseconds())
                : usual;
    }

    void complete(Task task) {
        tasks.remove(task.id());
        completed.add(task);
        if (completed.size() > COMPLETED_TASKS) {
            completed.remove();
        }
    }
}
