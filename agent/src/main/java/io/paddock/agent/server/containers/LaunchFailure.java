package io.paddock.agent.server.containers;

import io.paddock.proto.v1.TaskStatus;

/** A container could not be started: which step failed, and what it said. Nothing of the container is left. */
public final class LaunchFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private final String step;
    private final TaskStatus.Reason reason;

    public LaunchFailure(String step, TaskStatus.Reason reason, String message) {
        super(message);
        this.step = step;
        this.reason = reason;
    }

    public LaunchFailure(String step, String message) {
        this(step, TaskStatus.Reason.REASON_CONTAINER_LAUNCH_FAILED, message);
    }

    /** The step of the recipe, such as {@code fetch} or {@code image}. */
    public String step() {
        return step;
    }

    /** The reason to report for the task. */
    public TaskStatus.Reason reason() {
        return reason;
    }
}
