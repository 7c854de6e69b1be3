package io.paddock.agent.core;

import io.paddock.proto.v1.FrameworkInfo;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/** A framework with executors here. */
final class Framework {
    FrameworkInfo info;
    final LinkedHashMap<String, Executor> executors = new LinkedHashMap<>();
    /** All tasks of all executors that are not history. */
    final LinkedHashMap<String, Task> tasks = new LinkedHashMap<>();

    final ArrayDeque<Executor> completed = new ArrayDeque<>();
    /** Removed by the master: nobody wants its updates any more. */
    boolean terminating;

    private final int maxCompletedExecutors;

    Framework(FrameworkInfo info, int maxCompletedExecutors) {
        this.info = info;
        this.maxCompletedExecutors = maxCompletedExecutors;
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
        if (completed.size() > maxCompletedExecutors) {
            completed.remove();
        }
    }
}
