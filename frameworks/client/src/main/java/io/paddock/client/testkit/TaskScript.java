package io.paddock.client.testkit;

import io.paddock.proto.v1.TaskState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a simulated task does after it was launched. Immutable.
 *
 * @param steps the states it reports, in order, each some time after the one before
 * @param diesWhenKilled whether a KILL ends it
 */
public record TaskScript(List<Step> steps, boolean diesWhenKilled) {
    /**
     * One status.
     *
     * @param after how long after the step before
     * @param message the text of the status, if any
     * @param healthy the verdict of its health check, if it has one
     */
    public record Step(
            Duration after,
            TaskState state,
            @Nullable String message,
            @Nullable Boolean healthy) {}

    /** Says nothing at all. */
    public static TaskScript silent() {
        return new TaskScript(List.of(), true);
    }

    /** Starts, and runs until it is killed. */
    public static TaskScript runs() {
        return silent().then(Duration.ZERO, TaskState.TASK_STARTING, null)
                .then(Duration.ZERO, TaskState.TASK_RUNNING, null);
    }

    /** Runs for a while and ends well. */
    public static TaskScript finishesAfter(Duration running) {
        return runs().then(running, TaskState.TASK_FINISHED, "Command exited with status 0");
    }

    /** Runs for a while and fails. */
    public static TaskScript failsAfter(Duration running) {
        return runs().then(running, TaskState.TASK_FAILED, "Command exited with status 1");
    }

    /** Never runs. */
    public static TaskScript failsToStart(String message) {
        return silent().then(Duration.ZERO, TaskState.TASK_FAILED, message);
    }

    public TaskScript then(Duration after, TaskState state, @Nullable String message) {
        return with(new Step(after, state, message, null));
    }

    /** Goes on running; its health check has a verdict. */
    public TaskScript thenHealthy(Duration after, boolean healthy) {
        return with(new Step(after, TaskState.TASK_RUNNING, null, healthy));
    }

    /** The same, but deaf to KILL. */
    public TaskScript survivesKill() {
        return new TaskScript(steps, false);
    }

    private TaskScript with(Step step) {
        List<Step> more = new ArrayList<>(steps);
        more.add(step);
        return new TaskScript(List.copyOf(more), diesWhenKilled);
    }
}
