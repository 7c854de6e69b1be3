package io.paddock.executor.core;

import io.paddock.executor.core.TimerKey.Purpose;
import io.paddock.proto.v1.CheckInfo;
import io.paddock.proto.v1.CheckStatusInfo;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The check and the health check of one task: when they run, what their results mean. The next run starts an interval
 * after the end of the one before, so that no check ever runs twice at once.
 */
final class TaskChecks {
    /**
     * What a result leads to.
     *
     * @param reason of the status update to send; null for none
     * @param fatal whether the task has to be ended
     */
    record Result(TaskStatus.@Nullable Reason reason, String message, boolean fatal) {
        static final Result NOTHING = new Result(null, "", false);
    }

    /** Starts a timer of the task. */
    interface Arm {
        void timer(Purpose purpose, Duration after, List<ExecutorEffect> out);
    }

    private final TaskInfo task;
    private final Set<CheckKind> running = EnumSet.noneOf(CheckKind.class);
    private @Nullable HealthWatch health;
    private @Nullable Boolean healthy;
    private @Nullable CheckStatusInfo checkStatus;
    private String lastFailure = "";

    TaskChecks(TaskInfo task) {
        this.task = task;
        this.checkStatus = task.hasCheck() ? CheckResults.none(task.getCheck()) : null;
    }

    void recover(TaskStatus last) {
        healthy = last.hasHealthy() ? last.getHealthy() : null;
        if (last.hasCheckStatus()) {
            checkStatus = last.getCheckStatus();
        }
    }

    /** The task runs: the first runs are due after the delay, after a restart of the host after the interval. */
    void start(Instant now, boolean afterRestart, Arm arm, List<ExecutorEffect> out) {
        if (task.hasHealthCheck()) {
            health = new HealthWatch(task.getHealthCheck(), now);
            health.recover(healthy);
            double delay = task.getHealthCheck().getDelaySeconds();
            arm.timer(Purpose.HEALTH_CHECK, afterRestart ? interval(CheckKind.HEALTH) : Seconds.of(delay), out);
        }
        if (task.hasCheck()) {
            double delay = task.getCheck().getDelaySeconds();
            arm.timer(Purpose.CHECK, afterRestart ? interval(CheckKind.CHECK) : Seconds.of(delay), out);
        }
    }

    void run(CheckKind kind, List<ExecutorEffect> out) {
        if (running.add(kind)) {
            Probe probe = kind == CheckKind.HEALTH ? Probe.of(task.getHealthCheck()) : Probe.of(task.getCheck());
            double timeout = kind == CheckKind.HEALTH
                    ? task.getHealthCheck().getTimeoutSeconds()
                    : task.getCheck().getTimeoutSeconds();
            out.add(new ExecutorEffect.RunCheck(task.getTaskId().getValue(), kind, probe, Seconds.of(timeout)));
        }
    }

    Result finished(Instant now, CheckKind kind, CheckOutcome outcome) {
        running.remove(kind);
        return switch (kind) {
            case HEALTH -> healthResult(now, outcome);
            case CHECK -> checkResult(task.getCheck(), outcome);
        };
    }

    Duration interval(CheckKind kind) {
        return Seconds.of(
                kind == CheckKind.HEALTH
                        ? task.getHealthCheck().getIntervalSeconds()
                        : task.getCheck().getIntervalSeconds());
    }

    Purpose purpose(CheckKind kind) {
        return kind == CheckKind.HEALTH ? Purpose.HEALTH_CHECK : Purpose.CHECK;
    }

    /** Adds what is known to a status. */
    void describe(TaskStatus.Builder status) {
        if (healthy != null) {
            status.setHealthy(healthy);
        }
        if (checkStatus != null) {
            status.setCheckStatus(checkStatus);
        }
    }

    String unhealthyMessage() {
        return "killed because its health check failed " + (health == null ? 0 : health.failures())
                + " times in a row, last: " + lastFailure;
    }

    private Result healthResult(Instant now, CheckOutcome outcome) {
        HealthWatch watch = health;
        if (watch == null) {
            return Result.NOTHING;
        }
        HealthWatch.Verdict verdict = watch.judge(now, outcome);
        if (verdict == HealthWatch.Verdict.NOTHING_NEW) {
            return Result.NOTHING;
        }
        healthy = verdict == HealthWatch.Verdict.HEALTHY;
        if (!healthy) {
            lastFailure = outcome.describe();
        }
        return new Result(
                TaskStatus.Reason.REASON_TASK_HEALTH_CHECK_STATUS_UPDATED,
                healthy ? "" : "Health check failed: " + lastFailure,
                verdict == HealthWatch.Verdict.UNHEALTHY_FOR_GOOD);
    }

    private Result checkResult(CheckInfo check, CheckOutcome outcome) {
        CheckStatusInfo result = CheckResults.of(check, outcome);
        if (result.equals(checkStatus)) {
            return Result.NOTHING;
        }
        checkStatus = result;
        return new Result(TaskStatus.Reason.REASON_TASK_CHECK_STATUS_UPDATED, "", false);
    }
}
