package io.paddock.agent.core;

import io.paddock.proto.v1.TaskResourceLimitation;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import org.jspecify.annotations.Nullable;

/**
 * How an executor's container ended.
 *
 * @param waitStatus as wait(2) gives it: exit code × 256, or the signal; null when nobody saw it end
 * @param state what its unfinished tasks become, when the container's end says so (a limit was hit)
 * @param reason goes with {@code state}
 * @param message for people
 * @param limitation the limit that was hit
 */
public record Termination(
        @Nullable Integer waitStatus,
        @Nullable TaskState state,
        TaskStatus.@Nullable Reason reason,
        @Nullable String message,
        @Nullable TaskResourceLimitation limitation) {
    public static Termination exited(int waitStatus) {
        return new Termination(waitStatus, null, null, null, null);
    }

    public static Termination lost(String message) {
        return new Termination(null, null, null, message, null);
    }
}
