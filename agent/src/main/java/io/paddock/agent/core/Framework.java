package io.paddock.agent.core;

import io.paddock.proto.v1.FrameworkInfo;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/** A framework with executors here. */
final class Framework {
    private static final int COMPLETED_EXECUTORS = 150;

    FrameworkInfo info;
    final LinkedHashMap<String, Executor> executors = new LinkedHashMap<>();
    /** All tasks of all executors that are not history. */
    final LinkedHashMap<String, Task> tasks = new LinkedHashMap<>();

    final ArrayDeque<Executor> completed = new ArrayDeque<>();
    /** Removed by the master: nobody wants its updates any more. */
    boolean terminating;

    Framework(FrameworkInfo info) {
        this.info = info;
    }

    String id() {
        return info.getId().getValue();
    }

    @Nullable
    Executor executorOf(Task task) {
        return executors.get(task.executor.executorId());
    }

    void remove(Executor executor) {
        executors.remove(executor.key.executorId());
        executor.tasks.keySet().forEach(tasks::remove);
        completed.add(executor);
        if (completed.size() > COMPLETED_EXECUTORS) {
            completed.remove();
        }
    }
}
