package io.paddock.agent.core;

import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.FrameworkID;

/** An executor's name on one agent: executor ids are chosen by the framework and unique within it. */
public record ExecutorKey(String frameworkId, String executorId) implements Comparable<ExecutorKey> {
    public static ExecutorKey of(FrameworkID frameworkId, ExecutorID executorId) {
        return new ExecutorKey(frameworkId.getValue(), executorId.getValue());
    }

    public FrameworkID framework() {
        return FrameworkID.newBuilder().setValue(frameworkId).build();
    }

    public ExecutorID executor() {
        return ExecutorID.newBuilder().setValue(executorId).build();
    }

    @Override
    public int compareTo(ExecutorKey o) {
        int c = frameworkId.compareTo(o.frameworkId);
        return c != 0 ? c : executorId.compareTo(o.executorId);
    }

    @Override
    public String toString() {
        return "executor " + executorId + " of framework " + frameworkId;
    }
}
