package io.paddock.executor.core;

import io.paddock.common.Core;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.executor.Call;
import java.time.Instant;
import java.util.List;

/** The built-in executor. */
public final class ExecutorCore implements Core<ExecutorEvent, ExecutorEffect> {
    /** An executor that has not been told to run anything yet. */
    public ExecutorCore(FrameworkID framework, ExecutorID executor, UpdateIds ids) {
        throw new UnsupportedOperationException();
    }

    /** An executor whose containers may have outlived its host. */
    public static ExecutorCore recovered(
            FrameworkID framework, ExecutorID executor, UpdateIds ids, List<RecoveredTask> tasks) {
        throw new UnsupportedOperationException();
    }

    /** The SUBSCRIBE call, with all that the agent has not acknowledged. */
    public Call subscribe() {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<ExecutorEffect> on(Instant now, ExecutorEvent event) {
        throw new UnsupportedOperationException();
    }
}
