package io.paddock.batch.core;

import io.paddock.batch.core.Agenda.Due.Kind;
import io.paddock.client.core.Calls;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The life of runs: created, queued, tried, tried again, stopped, over.
 *
 * <p>A task that fails is tried again in the same run if the job says ON_FAILURE and its active deadline is not over: at
 * once the first time, then after a pause that doubles from one second to one minute. A task that never ran (dropped, or
 * unknown to its agent before anything was heard of it) goes back to the queue whatever the policy, since trying again is
 * no second execution.
 */
final class RunControl {
    private static final DateTimeFormatter RUN_ID =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss").withZone(ZoneOffset.UTC);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final int DOUBLINGS = 6;
    private static final Duration KILL_AGAIN_AFTER = Duration.ofSeconds(30);

    private final Workbench bench;
    private final Launcher launcher;
    private final Dependencies dependencies;

    RunControl(Workbench bench, Launcher launcher, Dependencies dependencies) {
        this.bench = bench;
        this.launcher = launcher;
        this.dependencies = dependencies;
    }

    /**
     * Starts a run of a job.
     *
     * @param within the time it has to get a task running, besides the job's own launch delay; null: no other limit
     * @param overrides what is different in this run
     * @return the run as it was created, not yet queued
     */
    Run create(Instant now, Job job, @Nullable Duration within, RunOverrides overrides) {
        String id = RUN_ID.format(now) + bench.suffixes().next();
        while (bench.state().run(id) != null) {
            id = RUN_ID.format(now) + bench.suffixes().next();
        }
        Duration limit = Duration.ofSeconds(job.spec().run().maxLaunchDelaySeconds());
        if (within != null && within.compareTo(limit) < 0) {
            limit = within;
        }
        Run created = Run.create(id, overrides.apply(job.spec()), now, now.plus(limit));
        put(new Change.PutJob(job.with(job.past().started(now))));
        bench.outbox().announce(News.ofRun(News.Kind.RUN_CREATED, now, created, ""));
        queue(now, created);
        return created;
    }

    /** Takes up a run that an earlier leader left. */
    void recover(Instant now, Run run) {
        RunTask live = run.liveTask();
        if (run.stopping() && live != null) {
            bench.agenda().put(Kind.KILL_AGAIN, run.id(), now);
        } else if (live == null && run.notBefore().isAfter(now)) {
            pause(run);
        } else if (live == null) {
            queue(now, run);
        }
        if (run.phase() != RunPhase.ACTIVE && run.failures() == 0) {
            bench.agenda().put(Kind.DEADLINE, run.id(), run.deadline());
        }
    }

    /** Ends a run, killing its task if there is one; answers it as it is now. */
    RunView stop(Instant now, Run run) {
        RunTask live = run.liveTask();
        if (live == null) {
            return new RunView(finish(now, run, false, "stopped by request"), RunPhase.FAILED, "");
        }
        Run stopping = run.stop();
        put(new Change.PutRun(stopping));
        kill(live);
        if (live.state() == TaskState.TASK_UNREACHABLE) {
            Run over = finish(now, stopping, false, "stopped by request; its agent is unreachable");
            return new RunView(over, RunPhase.FAILED, "");
        }
        bench.agenda().put(Kind.KILL_AGAIN, run.id(), now.plus(KILL_AGAIN_AFTER));
        return new RunView(stopping, stopping.phase(), "");
    }

    /** The run got no task running in time. */
    void deadline(Instant now, String runId) {
        Run run = bench.state().run(runId);
        if (run == null || run.phase() == RunPhase.ACTIVE) {
            return;
        }
        String why = "no task was running by its deadline " + run.deadline().truncatedTo(ChronoUnit.SECONDS) + ": "
                + launcher.wait(now, run);
        RunTask live = run.liveTask();
        if (live != null) {
            kill(live);
        }
        finish(now, run, false, why);
    }

    /** The pause before the next try is over. */
    void retry(Instant now, String runId) {
        Run run = bench.state().run(runId);
        if (run != null && run.liveTask() == null) {
            queue(now, run);
        }
    }

    /** A stopped run's task was not heard to have ended. */
    void killAgain(Instant now, String runId) {
        Run run = bench.state().run(runId);
        RunTask live = run == null ? null : run.liveTask();
        if (live != null && run.stopping()) {
            kill(live);
            bench.agenda().put(Kind.KILL_AGAIN, runId, now.plus(KILL_AGAIN_AFTER));
        }
    }

    /** What an agent or the master says of a task. Acknowledged when what follows from it is durable. */
    void status(Instant now, TaskStatus status) {
        Run run = runOf(status.getTaskId().getValue());
        RunTask last = run == null ? null : run.lastTask();
        if (run == null || last == null || !last.id().equals(status.getTaskId().getValue())) {
            strange(status);
        } else if (last.alive()) {
            RunTask task = last.updated(now, status);
            if (!task.equals(last)) {
                bench.outbox().announce(News.ofRun(News.Kind.TASK_STATUS, now, run.with(task), task.message()));
                told(now, run.with(task), task);
            }
        }
        if (Calls.wantsAcknowledgement(status)) {
            send(Calls.acknowledge(status));
        }
    }

    private void told(Instant now, Run run, RunTask task) {
        if (task.alive()) {
            boolean lost = task.state() == TaskState.TASK_UNREACHABLE;
            if (run.phase() == RunPhase.STARTING && !lost) {
                bench.agenda().remove(Kind.DEADLINE, run.id());
                put(new Change.PutRun(run.to(RunPhase.ACTIVE)));
            } else {
                put(new Change.PutRun(run));
            }
        } else if (run.stopping()) {
            finish(now, run, false, "stopped by request");
        } else if (task.state() == TaskState.TASK_FINISHED) {
            finish(now, run.to(RunPhase.ACTIVE), true, Words.ended(task));
        } else if (task.neverRan()) {
            Duration wait = run.attempts() <= 1 ? Duration.ZERO : FIRST_PAUSE;
            again(now, new Tried(run, false, now.plus(wait)));
        } else {
            failed(now, run, task);
        }
    }

    private void failed(Instant now, Run run, RunTask task) {
        Long activeSeconds = run.spec().restart().activeDeadlineSeconds();
        if (!run.spec().restart().onFailure() || task.state() == TaskState.TASK_ERROR) {
            finish(now, run, false, Words.ended(task));
        } else if (activeSeconds != null
                && !run.createdAt().plusSeconds(activeSeconds).isAfter(now)) {
            finish(
                    now,
                    run,
                    false,
                    Words.ended(task) + "; activeDeadlineSeconds (" + activeSeconds
                            + ") is over, so it is not tried again");
        } else {
            again(now, new Tried(run, true, now.plus(pauseAfter(run.failures() + 1))));
        }
    }

    /** A try that is over, and when the next one may start. */
    private record Tried(Run run, boolean failed, Instant next) {}

    private void again(Instant now, Tried tried) {
        Run starting = tried.run().to(RunPhase.STARTING);
        Run waiting = tried.failed() ? starting.failedOnce(tried.next()) : starting.putBack(tried.next());
        if (tried.next().isAfter(now)) {
            put(new Change.PutRun(waiting));
            pause(waiting);
        } else {
            queue(now, waiting);
        }
    }

    private Run finish(Instant now, Run run, boolean success, String reason) {
        Run over = run.to(success ? RunPhase.SUCCESS : RunPhase.FAILED);
        for (Kind kind : List.of(Kind.DEADLINE, Kind.RETRY, Kind.KILL_AGAIN)) {
            bench.agenda().remove(kind, run.id());
        }
        launcher.dequeue(run);
        News.Kind kind = success ? News.Kind.RUN_SUCCEEDED : News.Kind.RUN_FAILED;
        bench.outbox().announce(News.ofRun(kind, now, over, reason));
        put(new Change.RemoveRun(run.jobId(), run.id()));
        Job job = bench.state().job(run.jobId());
        if (job != null) {
            put(new Change.PutFinished(new FinishedRun(
                    run.id(), run.jobId(), success, run.createdAt(), now, run.attempts(), reason, run.tasks())));
            put(new Change.PutJob(job.with(job.past().finished(now, success))));
            forgetOld(run.jobId(), success);
            startDependents(now, run.jobId(), success);
        }
        return over;
    }

    private void forgetOld(String jobId, boolean success) {
        Collection<FinishedRun> same = bench.state().finishedOf(jobId, success);
        int surplus = same.size() - bench.settings().historyCount();
        if (surplus > 0) {
            same.stream().limit(surplus).toList().forEach(old -> put(new Change.RemoveFinished(jobId, old.id())));
        }
    }

    /** The end of a run may start its job again, if its parents succeeded meanwhile; its success may start others. */
    private void startDependents(Instant now, String jobId, boolean success) {
        startIfReady(now, jobId);
        if (success) {
            bench.state().dependentsOf(jobId).forEach(child -> startIfReady(now, child));
        }
    }

    private void startIfReady(Instant now, String jobId) {
        Job job = bench.state().job(jobId);
        if (job != null
                && !job.spec().dependencies().isEmpty()
                && dependencies.waitingFor(job).isEmpty()) {
            create(now, job, null, RunOverrides.NONE);
        }
    }

    private void queue(Instant now, Run run) {
        Run starting = run.to(RunPhase.STARTING);
        if (!starting.equals(bench.state().run(run.id()))) {
            put(new Change.PutRun(starting));
        }
        if (starting.failures() == 0) {
            bench.agenda().put(Kind.DEADLINE, run.id(), run.deadline());
        }
        launcher.enqueue(now, starting);
    }

    private void pause(Run run) {
        bench.agenda().put(Kind.RETRY, run.id(), run.notBefore());
    }

    private static Duration pauseAfter(int failures) {
        if (failures <= 1) {
            return Duration.ZERO;
        }
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(failures - 2, DOUBLINGS));
        return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    }

    /** A task that belongs to no run any more must not run. */
    private void strange(TaskStatus status) {
        switch (status.getState()) {
            case TASK_STAGING, TASK_STARTING, TASK_RUNNING ->
                send(Calls.kill(status.getTaskId(), status.hasAgentId() ? status.getAgentId() : null, null));
            default -> {}
        }
    }

    private @Nullable Run runOf(String taskId) {
        int from = taskId.lastIndexOf('_');
        int to = taskId.lastIndexOf('.');
        return from < 0 || to < from ? null : bench.state().run(taskId.substring(from + 1, to));
    }

    private void kill(RunTask task) {
        send(Calls.kill(
                TaskID.newBuilder().setValue(task.id()).build(),
                AgentID.newBuilder().setValue(task.agentId()).build(),
                null));
    }

    private void put(Change change) {
        bench.outbox().change(change);
    }

    private void send(Call call) {
        bench.outbox().effect(new BatchEffect.Send(call));
    }
}
