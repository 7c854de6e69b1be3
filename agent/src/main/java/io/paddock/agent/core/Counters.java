package io.paddock.agent.core;

import io.paddock.proto.v1.TaskState;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/** Counts what happens from the start of the agent on; a restart begins anew. */
final class Counters {
    private final Map<Count, Long> counts = new EnumMap<>(Count.class);

    void add(Count count) {
        counts.merge(count, 1L, Long::sum);
    }

    void add(boolean valid, Count ifValid, Count otherwise) {
        add(valid ? ifValid : otherwise);
    }

    /** A task got this state; ends are counted, those without a name of their own nowhere. */
    void add(TaskState state) {
        switch (state) {
            case TASK_FINISHED -> add(Count.TASKS_FINISHED);
            case TASK_FAILED -> add(Count.TASKS_FAILED);
            case TASK_KILLED -> add(Count.TASKS_KILLED);
            case TASK_LOST -> add(Count.TASKS_LOST);
            case TASK_GONE -> add(Count.TASKS_GONE);
            default -> {
                // not an end, or one that Mesos does not count on agents
            }
        }
    }

    Map<Count, Long> counts() {
        return Collections.unmodifiableMap(new EnumMap<>(counts));
    }
}
