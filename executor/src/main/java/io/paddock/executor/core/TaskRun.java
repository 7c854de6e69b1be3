package io.paddock.executor.core;

import io.paddock.common.Signals;
import io.paddock.executor.core.ExecutorEffect.KillSignal;
import io.paddock.executor.core.TimerKey.Purpose;
import io.paddock.proto.v1.KillPolicy;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One task from launch to its terminal status: starting, running, being ended. Its checks are in {@link TaskChecks}.
 *
 * <p>A kill sends SIGTERM and, when the grace period is over, SIGKILL; a grace period of zero goes straight to SIGKILL. A
 * second kill can only shorten the grace, which always counts from the first.
 */
final class TaskRun {
    private static final Duration DEFAULT_GRACE = Duration.ofSeconds(3);

    private final TaskInfo task;
    private final @Nullable String groupId;
    private final Instant launchedAt;
    private final Reporter reporter;
    private final TaskChecks checks;
    private final Set<Purpose> armed = EnumSet.noneOf(Purpose.class);

    private TaskPhase phase = TaskPhase.STARTING;
    private boolean neverReported;
    private boolean containerRuns;
    private @Nullable StopCause cause;
    private String causeDetail = "";
    private @Nullable Instant stopSince;
    private Duration grace = Duration.ZERO;

    TaskRun(TaskInfo task, @Nullable String groupId, Instant launchedAt, Reporter reporter) {
        this.task = task;
        this.groupId = groupId;
        this.launchedAt = launchedAt;
        this.reporter = reporter;
        this.checks = new TaskChecks(task);
    }

    /** A task that an earlier life of the executor reported on; its container's fate comes as an event. */
    static TaskRun recovered(RecoveredTask recovered, Reporter reporter) {
        TaskRun run = new TaskRun(recovered.task(), recovered.groupId(), recovered.launchedAt(), reporter);
        TaskStatus last = recovered.lastStatus();
        run.neverReported = last == null;
        TaskState state = last == null ? TaskState.TASK_STAGING : last.getState();
        if (last != null) {
            run.checks.recover(last);
        }
        KillPolicy kill = recovered.kill();
        if (state == TaskState.TASK_KILLING || kill != null) {
            run.become(TaskPhase.STOPPING);
            boolean unhealthy = last != null && last.hasHealthy() && !last.getHealthy();
            run.cause = unhealthy && state == TaskState.TASK_KILLING ? StopCause.UNHEALTHY : StopCause.KILL;
            run.grace = run.gracePeriod(kill != null && kill.hasGracePeriod() ? kill : null);
        } else if (state == TaskState.TASK_RUNNING) {
            run.become(TaskPhase.RUNNING);
        }
        return run;
    }

    String id() {
        return task.getTaskId().getValue();
    }

    TaskInfo task() {
        return task;
    }

    /** Whether the agent has heard nothing of it, though it was handed to an earlier life of the executor. */
    boolean neverReported() {
        return neverReported;
    }

    /** The agent has heard of it. */
    void acknowledged() {
        neverReported = false;
    }

    @Nullable
    String groupId() {
        return groupId;
    }

    TaskPhase phase() {
        return phase;
    }

    void launch(Instant now, List<ExecutorEffect> out) {
        out.add(reporter.report(now, status(TaskState.TASK_STARTING)));
        armCompletionLimit(now, out);
        out.add(new ExecutorEffect.StartContainer(task));
    }

    void containerStarted(Instant now, List<ExecutorEffect> out) {
        containerRuns = true;
        if (phase == TaskPhase.STOPPING) {
            signal(now, out);
            return;
        }
        boolean afterRestart = phase == TaskPhase.RUNNING;
        if (!afterRestart) {
            become(TaskPhase.RUNNING);
            out.add(reporter.report(now, status(TaskState.TASK_RUNNING)));
        }
        armCompletionLimit(now, out);
        checks.start(now, afterRestart, this::arm, out);
    }

    void containerStartFailed(Instant now, TaskStatus.Reason reason, String message, List<ExecutorEffect> out) {
        TaskStatus.Builder status;
        if (phase == TaskPhase.STOPPING && end() == TaskPhase.KILLED) {
            status = terminal(TaskPhase.KILLED, "Killed before its container was started")
                    .setReason(TaskStatus.Reason.REASON_TASK_KILLED_DURING_LAUNCH);
        } else if (phase == TaskPhase.STOPPING) {
            status = terminal(TaskPhase.FAILED, completionMessage())
                    .setReason(TaskStatus.Reason.REASON_MAX_COMPLETION_TIME_REACHED);
        } else {
            status = terminal(TaskPhase.FAILED, message).setReason(reason);
        }
        finish(now, status, out);
    }

    void containerExited(Instant now, ContainerEnd end, List<ExecutorEffect> out) {
        if (phase == TaskPhase.STARTING) {
            // It started and ended before its host said so, as after a restart of the host.
            become(TaskPhase.RUNNING);
            out.add(reporter.report(now, status(TaskState.TASK_RUNNING)));
        }
        finish(now, phase == TaskPhase.STOPPING ? stopped(end) : ended(end), out);
    }

    /**
     * Ends the task, or hastens its end.
     *
     * @param detail added to the message of its statuses; empty for nothing to add
     * @param gracePeriod between SIGTERM and SIGKILL
     * @param killingKnown whether the framework understands TASK_KILLING
     */
    void stop(
            Instant now,
            StopCause why,
            String detail,
            Duration gracePeriod,
            boolean killingKnown,
            List<ExecutorEffect> out) {
        if (phase == TaskPhase.STOPPING) {
            hasten(now, gracePeriod, out);
            return;
        }
        cause = why;
        causeDetail = detail;
        stopSince = now;
        grace = gracePeriod;
        become(TaskPhase.STOPPING);
        disarm(Purpose.CHECK, out);
        disarm(Purpose.HEALTH_CHECK, out);
        if (killingKnown && why.end() == TaskPhase.KILLED) {
            out.add(reporter.report(now, withCause(status(TaskState.TASK_KILLING))));
        }
        if (containerRuns) {
            signal(now, out);
        } else {
            out.add(new ExecutorEffect.AbandonStart(id()));
        }
    }

    /** The grace a kill gives: by its own policy, else by the task's, else the default. */
    Duration gracePeriod(@Nullable KillPolicy policy) {
        KillPolicy effective = policy != null ? policy : task.getKillPolicy();
        return effective.hasGracePeriod()
                ? Duration.ofNanos(effective.getGracePeriod().getNanoseconds())
                : DEFAULT_GRACE;
    }

    /** Takes a due timer; false when it was cancelled before. */
    boolean disarmFired(Purpose purpose) {
        return armed.remove(purpose);
    }

    void escalate(List<ExecutorEffect> out) {
        out.add(new ExecutorEffect.SignalContainer(id(), KillSignal.KILL));
    }

    void runCheck(CheckKind kind, List<ExecutorEffect> out) {
        checks.run(kind, out);
    }

    /**
     * Takes the result of a check.
     *
     * @return whether the task is unhealthy for good and has to be ended
     */
    boolean checkFinished(Instant now, CheckKind kind, CheckOutcome outcome, List<ExecutorEffect> out) {
        if (phase != TaskPhase.RUNNING) {
            return false;
        }
        TaskChecks.Result result = checks.finished(now, kind, outcome);
        if (result.reason() != null) {
            TaskStatus.Builder status = status(TaskState.TASK_RUNNING).setReason(result.reason());
            if (!result.message().isEmpty()) {
                status.setMessage(result.message());
            }
            out.add(reporter.report(now, status));
        }
        if (!result.fatal()) {
            arm(checks.purpose(kind), checks.interval(kind), out);
        }
        return result.fatal();
    }

    String unhealthyMessage() {
        return checks.unhealthyMessage();
    }

    private void hasten(Instant now, Duration gracePeriod, List<ExecutorEffect> out) {
        boolean shorter = gracePeriod.compareTo(grace) < 0;
        if (shorter) {
            grace = gracePeriod;
        }
        boolean overdue = containerRuns && !armed.contains(Purpose.KILL_ESCALATION);
        if (containerRuns && (shorter || overdue)) {
            Duration left = graceLeft(now);
            if (left.isZero()) {
                disarm(Purpose.KILL_ESCALATION, out);
                escalate(out);
            } else {
                arm(Purpose.KILL_ESCALATION, left, out);
            }
        }
    }

    private void signal(Instant now, List<ExecutorEffect> out) {
        Duration left = graceLeft(now);
        if (left.isZero()) {
            escalate(out);
            return;
        }
        out.add(new ExecutorEffect.SignalContainer(id(), KillSignal.TERM));
        arm(Purpose.KILL_ESCALATION, left, out);
    }

    /** What is left of the grace; it counts from the kill, or, when that was before a restart of the host, from now. */
    private Duration graceLeft(Instant now) {
        if (stopSince == null) {
            stopSince = now;
        }
        Duration left = Duration.between(now, stopSince.plus(grace));
        return left.isNegative() ? Duration.ZERO : left;
    }

    private TaskStatus.Builder ended(ContainerEnd end) {
        TaskStatus.Builder status = terminal(end.succeeded() ? TaskPhase.FINISHED : TaskPhase.FAILED, describe(end));
        if (end.reason() != null) {
            status.setReason(end.reason());
        }
        if (end.limitation() != null) {
            status.setLimitation(end.limitation());
        }
        return status;
    }

    private TaskStatus.Builder stopped(ContainerEnd end) {
        if (end() == TaskPhase.FAILED) {
            return terminal(TaskPhase.FAILED, completionMessage())
                    .setReason(TaskStatus.Reason.REASON_MAX_COMPLETION_TIME_REACHED);
        }
        String how = end.unknown()
                ? "Killed while the agent was away; how its command ended was not recorded"
                : describe(end);
        return withCause(terminal(TaskPhase.KILLED, how));
    }

    /** What every status of a task says that is ended for its health or its group. */
    private TaskStatus.Builder withCause(TaskStatus.Builder status) {
        if (cause == StopCause.UNHEALTHY) {
            status.setHealthy(false).setReason(TaskStatus.Reason.REASON_TASK_HEALTH_CHECK_STATUS_UPDATED);
        }
        if (!causeDetail.isEmpty()) {
            status.setMessage(status.hasMessage() ? status.getMessage() + "; " + causeDetail : causeDetail);
        }
        return status;
    }

    private TaskPhase end() {
        return cause == null ? TaskPhase.KILLED : cause.end();
    }

    private String completionMessage() {
        return "Task was still running after its max_completion_time of "
                + Duration.ofNanos(task.getMaxCompletionTime().getNanoseconds());
    }

    private static String describe(ContainerEnd end) {
        String text;
        if (end.unknown()) {
            text = "The exit status of the command is unknown";
        } else if (end.signal() != 0) {
            text = "Command terminated with signal " + Signals.describe(end.signal());
        } else {
            text = "Command exited with status " + end.exitCode();
        }
        return end.message() == null ? text : end.message() + "; " + text;
    }

    private TaskStatus.Builder terminal(TaskPhase next, String message) {
        become(next);
        return status(
                        switch (next) {
                            case FINISHED -> TaskState.TASK_FINISHED;
                            case FAILED -> TaskState.TASK_FAILED;
                            case KILLED -> TaskState.TASK_KILLED;
                            case STARTING, RUNNING, STOPPING -> throw new IllegalArgumentException(next.name());
                        })
                .setMessage(message);
    }

    private void finish(Instant now, TaskStatus.Builder status, List<ExecutorEffect> out) {
        containerRuns = false;
        for (Purpose purpose : Purpose.values()) {
            disarm(purpose, out);
        }
        out.add(reporter.report(now, status));
    }

    /** A status with the health and check result known last, which all later ones repeat. */
    private TaskStatus.Builder status(TaskState state) {
        TaskStatus.Builder status =
                TaskStatus.newBuilder().setTaskId(task.getTaskId()).setState(state);
        if (state != TaskState.TASK_STARTING) {
            checks.describe(status);
        }
        return status;
    }

    private void become(TaskPhase next) {
        phase = TaskPhase.LIFECYCLE.require(id(), phase, next);
    }

    private void armCompletionLimit(Instant now, List<ExecutorEffect> out) {
        if (task.hasMaxCompletionTime() && !armed.contains(Purpose.COMPLETION)) {
            Duration limit = Duration.ofNanos(task.getMaxCompletionTime().getNanoseconds());
            Duration left = Duration.between(now, launchedAt.plus(limit));
            arm(Purpose.COMPLETION, left.isNegative() ? Duration.ZERO : left, out);
        }
    }

    private void arm(Purpose purpose, Duration after, List<ExecutorEffect> out) {
        armed.add(purpose);
        out.add(new ExecutorEffect.StartTimer(new TimerKey(purpose, id()), after));
    }

    private void disarm(Purpose purpose, List<ExecutorEffect> out) {
        if (armed.remove(purpose)) {
            out.add(new ExecutorEffect.CancelTimer(new TimerKey(purpose, id())));
        }
    }
}
