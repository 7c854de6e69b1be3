package io.paddock.executor.core;

import io.paddock.proto.v1.TaskResourceLimitation;
import io.paddock.proto.v1.TaskStatus;
import org.jspecify.annotations.Nullable;

/**
 * How a container ended.
 *
 * @param exitCode of its first process; meaningless when {@code signal} is not 0 or {@code unknown} is true
 * @param signal that ended its first process, 0 for none
 * @param unknown whether the exit status was lost
 * @param reason why it was ended against its will, such as REASON_CONTAINER_LIMITATION_MEMORY; null when it ended by itself
 *     or by a kill of its executor
 * @param message of the limitation; null without one
 * @param limitation the resources it exceeded; null without one
 */
public record ContainerEnd(
        int exitCode,
        int signal,
        boolean unknown,
        TaskStatus.@Nullable Reason reason,
        @Nullable String message,
        @Nullable TaskResourceLimitation limitation) {
    /** Highest signal number of Linux. */
    private static final int MAX_SIGNAL = 64;

    public static ContainerEnd exited(int code) {
        return new ContainerEnd(code, 0, false, null, null, null);
    }

    public static ContainerEnd signalled(int signal) {
        return new ContainerEnd(0, signal, false, null, null, null);
    }

    /** The status is not known, for example because the machine lost it in a crash. */
    public static ContainerEnd lost() {
        return new ContainerEnd(0, 0, true, null, null, null);
    }

    /** Reads the status convention of shells and container monitors: 128 + N for an end by signal N. */
    public static ContainerEnd ofShellStatus(int status) {
        return status > 128 && status <= 128 + MAX_SIGNAL ? signalled(status - 128) : exited(status);
    }

    /** The same end, brought about because the container exceeded a limit. */
    public ContainerEnd limited(TaskStatus.Reason why, String text, @Nullable TaskResourceLimitation exceeded) {
        return new ContainerEnd(exitCode, signal, unknown, why, text, exceeded);
    }

    /** Ended by itself with status 0. */
    public boolean succeeded() {
        return !unknown && signal == 0 && exitCode == 0 && reason == null;
    }
}
