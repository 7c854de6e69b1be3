package io.paddock.executor.core;

import com.google.protobuf.ByteString;
import io.paddock.common.Core;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.executor.Call;
import io.paddock.proto.v1.executor.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The built-in executor: the command executor (one LAUNCH, its id is the task's) and the default executor (task groups),
 * depending on the type in its ExecutorInfo.
 *
 * <p>Guarantees: every launched task reports STARTING, then RUNNING once its container runs, and exactly one terminal
 * state after its container is gone; each update is kept until acknowledged; a task of a group that fails or is killed
 * ends the rest of its group; the executor exits when it has no task left and its updates are acknowledged, or after a
 * minute of waiting for that.
 *
 * <p>The first event is SUBSCRIBED. After {@link #recovered}, the host then says for each task what became of its
 * container: ContainerStarted (it still runs), ContainerExited or ContainerStartFailed (it never ran).
 */
public final class ExecutorCore implements Core<ExecutorEvent, ExecutorEffect>, ExecutorEvent.Handler<Void> {
    private static final Duration DEFAULT_SHUTDOWN_GRACE = Duration.ofSeconds(5);
    /** Kept back from the shutdown grace so that the end is reported before the agent destroys the executor. */
    private static final Duration SHUTDOWN_RESERVE = Duration.ofSeconds(2);

    private static final Duration EXIT_WAIT = Duration.ofSeconds(60);

    private final Reporter reporter;
    private final Map<String, TaskRun> tasks = new LinkedHashMap<>();
    private Instant now = Instant.EPOCH;
    private List<ExecutorEffect> out = new ArrayList<>();

    private boolean groups;
    private boolean killingKnown;
    private Duration shutdownGrace = DEFAULT_SHUTDOWN_GRACE;
    private boolean launched;
    private boolean shuttingDown;
    private boolean waitingToExit;
    private boolean exited;

    /** An executor that has not been told to run anything yet. */
    public ExecutorCore(FrameworkID framework, ExecutorID executor, UpdateIds ids) {
        this.reporter = new Reporter(framework, executor, ids);
    }

    /** An executor whose containers may have outlived its host; see {@link RecoveredTask}. */
    public static ExecutorCore recovered(
            FrameworkID framework, ExecutorID executor, UpdateIds ids, List<RecoveredTask> tasks) {
        ExecutorCore core = new ExecutorCore(framework, executor, ids);
        core.launched = true;
        for (RecoveredTask task : tasks) {
            core.tasks.put(task.task().getTaskId().getValue(), TaskRun.recovered(task, core.reporter));
        }
        return core;
    }

    /**
     * The SUBSCRIBE call, with all that the agent has not acknowledged. A recovered task that was never reported is among it,
     * or the agent would take it for lost on its way here, while its container may well run.
     */
    public Call subscribe() {
        Call.Subscribe.Builder subscribe = Call.Subscribe.newBuilder();
        for (TaskRun run : tasks.values()) {
            if (reporter.awaits(run.id()) || run.neverReported()) {
                subscribe.addUnacknowledgedTasks(run.task());
            }
        }
        subscribe.addAllUnacknowledgedUpdates(reporter.unacknowledged());
        return reporter.call()
                .setType(Call.Type.SUBSCRIBE)
                .setSubscribe(subscribe)
                .build();
    }

    @Override
    public List<ExecutorEffect> on(Instant time, ExecutorEvent event) {
        if (exited) {
            return List.of();
        }
        now = time;
        out = new ArrayList<>();
        event.accept(this);
        exitWhenDone();
        return List.copyOf(out);
    }

    @Override
    public @Nullable Void received(ExecutorEvent.Received received) {
        Event event = received.event();
        switch (event.getType()) {
            case SUBSCRIBED -> subscribed(event.getSubscribed());
            case LAUNCH -> launch(event.getLaunch().getTask());
            case LAUNCH_GROUP ->
                launchGroup(event.getLaunchGroup().getTaskGroup().getTasksList());
            case KILL -> kill(event.getKill());
            case ACKNOWLEDGED ->
                acknowledged(
                        event.getAcknowledged().getTaskId().getValue(),
                        event.getAcknowledged().getUuid());
            case SHUTDOWN, ERROR -> shutdown();
            case MESSAGE, HEARTBEAT, UNKNOWN -> {}
        }
        return null;
    }

    @Override
    public @Nullable Void containerStarted(ExecutorEvent.ContainerStarted event) {
        TaskRun run = alive(event.taskId());
        if (run != null) {
            run.containerStarted(now, out);
        }
        return null;
    }

    @Override
    public @Nullable Void containerStartFailed(ExecutorEvent.ContainerStartFailed event) {
        TaskRun run = alive(event.taskId());
        if (run != null) {
            run.containerStartFailed(now, event.reason(), event.message(), out);
            ended(run);
        }
        return null;
    }

    @Override
    public @Nullable Void containerExited(ExecutorEvent.ContainerExited event) {
        TaskRun run = alive(event.taskId());
        if (run != null) {
            run.containerExited(now, event.end(), out);
            ended(run);
        }
        return null;
    }

    @Override
    public @Nullable Void checkFinished(ExecutorEvent.CheckFinished event) {
        TaskRun run = alive(event.taskId());
        if (run != null && run.checkFinished(now, event.kind(), event.outcome(), out)) {
            stop(run, StopCause.UNHEALTHY, run.unhealthyMessage());
        }
        return null;
    }

    @Override
    public @Nullable Void timerFired(ExecutorEvent.TimerFired event) {
        TimerKey key = event.key();
        if (key.equals(TimerKey.EXIT)) {
            if (waitingToExit) {
                waitingToExit = false;
                exit();
            }
            return null;
        }
        TaskRun run = alive(key.taskId());
        if (run == null || !run.disarmFired(key.purpose())) {
            return null;
        }
        switch (key.purpose()) {
            case CHECK -> run.runCheck(CheckKind.CHECK, out);
            case HEALTH_CHECK -> run.runCheck(CheckKind.HEALTH, out);
            case KILL_ESCALATION -> run.escalate(out);
            case COMPLETION -> run.stop(now, StopCause.COMPLETION_LIMIT, "", Duration.ZERO, killingKnown, out);
            case EXIT -> {}
        }
        return null;
    }

    private void subscribed(Event.Subscribed event) {
        ExecutorInfo info = event.getExecutorInfo();
        groups = info.getType() == ExecutorInfo.Type.DEFAULT;
        killingKnown = event.getFrameworkInfo().getCapabilitiesList().stream()
                .anyMatch(c -> c.getType() == FrameworkInfo.Capability.Type.TASK_KILLING_STATE);
        if (info.hasShutdownGracePeriod()) {
            shutdownGrace = Duration.ofNanos(info.getShutdownGracePeriod().getNanoseconds());
        }
    }

    private void launch(TaskInfo task) {
        if (groups) {
            refuse(task, "The default executor runs task groups only; this task was sent to it with LAUNCH");
            shutdown();
        } else if (launched) {
            refuse(task, "A command executor runs one task, and it has been given another one before");
        } else {
            launchTogether(List.of(task), null);
        }
    }

    private void launchGroup(List<TaskInfo> group) {
        if (!groups) {
            group.forEach(task -> refuse(task, "A command executor runs no task groups"));
            return;
        }
        launchTogether(group, group.isEmpty() ? "" : group.get(0).getTaskId().getValue());
    }

    /** Starts all of them, or refuses all because of one that cannot be run. */
    private void launchTogether(List<TaskInfo> together, @Nullable String groupId) {
        launched = true;
        Optional<String> problem =
                together.stream().flatMap(task -> Probe.problem(task).stream()).findFirst();
        if (problem.isPresent()) {
            together.forEach(task -> refuse(task, problem.get()));
        } else {
            together.forEach(task -> start(task, groupId));
        }
    }

    private void start(TaskInfo task, @Nullable String groupId) {
        if (shuttingDown) {
            out.add(reporter.report(
                    now,
                    TaskStatus.newBuilder()
                            .setTaskId(task.getTaskId())
                            .setState(TaskState.TASK_KILLED)
                            .setReason(TaskStatus.Reason.REASON_TASK_KILLED_DURING_LAUNCH)
                            .setMessage("The executor is shutting down")));
            return;
        }
        if (waitingToExit) {
            waitingToExit = false;
            out.add(new ExecutorEffect.CancelTimer(TimerKey.EXIT));
        }
        TaskRun run = new TaskRun(task, groupId, now, reporter);
        tasks.put(run.id(), run);
        run.launch(now, out);
    }

    private void refuse(TaskInfo task, String message) {
        launched = true;
        out.add(reporter.report(
                now,
                TaskStatus.newBuilder()
                        .setTaskId(task.getTaskId())
                        .setState(TaskState.TASK_FAILED)
                        .setReason(TaskStatus.Reason.REASON_TASK_INVALID)
                        .setMessage(message)));
    }

    private void kill(Event.Kill kill) {
        TaskRun run = alive(kill.getTaskId().getValue());
        if (run != null) {
            Duration grace = run.gracePeriod(kill.hasKillPolicy() ? kill.getKillPolicy() : null);
            run.stop(now, StopCause.KILL, "", grace, killingKnown, out);
        }
    }

    private void shutdown() {
        if (shuttingDown) {
            return;
        }
        shuttingDown = true;
        Duration grace = shutdownGrace.minus(SHUTDOWN_RESERVE);
        Duration within = grace.isNegative() ? Duration.ZERO : grace;
        for (TaskRun run : tasks.values()) {
            if (!run.phase().terminal()) {
                run.stop(now, StopCause.SHUTDOWN, "", within, killingKnown, out);
            }
        }
    }

    private void stop(TaskRun run, StopCause cause, String detail) {
        run.stop(now, cause, detail, run.gracePeriod(null), killingKnown, out);
    }

    private void acknowledged(String taskId, ByteString uuid) {
        reporter.acknowledged(uuid);
        TaskRun run = tasks.get(taskId);
        if (run == null) {
            return;
        }
        run.acknowledged();
        if (run.phase().terminal() && !reporter.awaits(taskId)) {
            tasks.remove(taskId);
        }
    }

    /** Ends the rest of a group when one of its tasks failed or was killed; a finished task leaves the others alone. */
    private void ended(TaskRun run) {
        if (run.groupId() == null || run.phase() == TaskPhase.FINISHED) {
            return;
        }
        String why = "killed because task '" + run.id() + "' of its group "
                + (run.phase() == TaskPhase.FAILED ? "failed" : "was killed");
        for (TaskRun other : tasks.values()) {
            boolean sameGroup = run.groupId().equals(other.groupId());
            if (sameGroup && (other.phase() == TaskPhase.STARTING || other.phase() == TaskPhase.RUNNING)) {
                stop(other, StopCause.GROUP, why);
            }
        }
    }

    private void exitWhenDone() {
        boolean busy = tasks.values().stream().anyMatch(run -> !run.phase().terminal());
        if (exited || busy || !(launched || shuttingDown)) {
            return;
        }
        if (reporter.unacknowledged().isEmpty()) {
            exit();
        } else if (!waitingToExit) {
            waitingToExit = true;
            out.add(new ExecutorEffect.StartTimer(TimerKey.EXIT, EXIT_WAIT));
        }
    }

    private void exit() {
        if (waitingToExit) {
            waitingToExit = false;
            out.add(new ExecutorEffect.CancelTimer(TimerKey.EXIT));
        }
        exited = true;
        out.add(new ExecutorEffect.Exit());
    }

    private @Nullable TaskRun alive(String taskId) {
        TaskRun run = tasks.get(taskId);
        return run == null || run.phase().terminal() ? null : run;
    }
}
