package io.paddock.batch.core;

import io.paddock.batch.core.Agenda.Due.Kind;
import io.paddock.proto.v1.TaskState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answers what users ask; a refused request changes nothing. */
final class JobRequests implements Request.Handler<Answer> {
    private final Workbench bench;
    private final RunControl runs;
    private final Launcher launcher;
    private final Schedules schedules;
    private final Dependencies dependencies;
    private Instant now = Instant.EPOCH;

    JobRequests(Workbench bench, RunControl runs, Launcher launcher, Schedules schedules, Dependencies dependencies) {
        this.bench = bench;
        this.runs = runs;
        this.launcher = launcher;
        this.schedules = schedules;
        this.dependencies = dependencies;
    }

    Answer answer(Instant time, Request request) {
        now = time;
        return request.accept(this);
    }

    @Override
    public Answer listJobs(Request.ListJobs request) {
        List<JobView> views = new ArrayList<>();
        bench.state().jobs().forEach(job -> views.add(view(job, request.history())));
        return new Answer.Jobs(views);
    }

    @Override
    public Answer getJob(Request.GetJob request) {
        Job job = bench.state().job(request.jobId());
        return job == null ? unknownJob(request.jobId()) : new Answer.OneJob(view(job, request.history()));
    }

    @Override
    public Answer createJob(Request.CreateJob request) {
        JobSpec spec = request.spec();
        if (bench.state().job(spec.id()) != null) {
            return new Answer.Refused(Refusal.conflict(spec.id(), "Job '" + spec.id() + "' already exists"));
        }
        Refusal refusal = check(spec, request.schedule());
        if (refusal != null) {
            return new Answer.Refused(refusal);
        }
        return put(new Job(spec, request.schedule(), Job.Past.EMPTY));
    }

    @Override
    public Answer updateJob(Request.UpdateJob request) {
        JobSpec spec = request.spec();
        Job job = bench.state().job(spec.id());
        if (job == null) {
            return unknownJob(spec.id());
        }
        Schedule schedule = request.replaceSchedule() ? request.schedule() : job.schedule();
        Refusal refusal = check(spec, schedule);
        return refusal != null
                ? new Answer.Refused(refusal)
                : put(job.with(spec).with(schedule));
    }

    @Override
    public Answer deleteJob(Request.DeleteJob request) {
        String id = request.jobId();
        Job job = bench.state().job(id);
        if (job == null) {
            return unknownJob(id);
        }
        List<String> children = bench.state().dependentsOf(id);
        if (!children.isEmpty()) {
            return new Answer.Refused(Refusal.conflict(
                    id, "Job '" + id + "' cannot be deleted: " + String.join(", ", children) + " depend on it"));
        }
        List<Run> active = bench.state().runsOf(id);
        if (!active.isEmpty() && !request.stopRuns()) {
            return new Answer.Refused(Refusal.conflict(
                    id,
                    "Job '" + id + "' has " + active.size()
                            + " active runs; stop them, or delete it with stopCurrentJobRuns=true"));
        }
        JobView before = view(job, false);
        for (FinishedRun finished : bench.state().finishedOf(id)) {
            bench.outbox().change(new Change.RemoveFinished(id, finished.id()));
        }
        bench.outbox().change(new Change.RemoveJob(id));
        bench.outbox().announce(News.ofJob(News.Kind.JOB_DELETED, now, id));
        schedules.disarm(id);
        active.forEach(run -> runs.stop(now, run));
        return new Answer.OneJob(before);
    }

    @Override
    public Answer addSchedule(Request.AddSchedule request) {
        Job job = bench.state().job(request.jobId());
        if (job == null) {
            return unknownJob(request.jobId());
        }
        if (job.schedule() != null) {
            String text = job.schedule().id().equals(request.schedule().id())
                    ? "A schedule with id '" + request.schedule().id() + "' already exists"
                    : "Job '" + job.id() + "' already has schedule '"
                            + job.schedule().id() + "'; a job has at most one";
            return new Answer.Refused(Refusal.conflict(job.id(), text));
        }
        Refusal refusal = check(job.spec(), request.schedule());
        return refusal != null ? new Answer.Refused(refusal) : put(job.with(request.schedule()));
    }

    @Override
    public Answer replaceSchedule(Request.ReplaceSchedule request) {
        Job job = bench.state().job(request.jobId());
        if (job == null) {
            return unknownJob(request.jobId());
        }
        String id = request.schedule().id();
        return has(job, id)
                ? put(job.with(request.schedule()))
                : new Answer.Refused(Refusal.unknownSchedule(job.id(), id));
    }

    @Override
    public Answer deleteSchedule(Request.DeleteSchedule request) {
        Job job = bench.state().job(request.jobId());
        if (job == null) {
            return unknownJob(request.jobId());
        }
        return has(job, request.scheduleId())
                ? put(job.with((Schedule) null))
                : new Answer.Refused(Refusal.unknownSchedule(job.id(), request.scheduleId()));
    }

    @Override
    public Answer startRun(Request.StartRun request) {
        Job job = bench.state().job(request.jobId());
        if (job == null) {
            return unknownJob(request.jobId());
        }
        Run run = runs.create(now, job, null, request.overrides());
        return new Answer.OneRun(new RunView(run, run.phase(), launcher.wait(now, run)));
    }

    @Override
    public Answer stopRun(Request.StopRun request) {
        if (bench.state().job(request.jobId()) == null) {
            return unknownJob(request.jobId());
        }
        Run run = bench.state().run(request.runId());
        return run == null || !run.jobId().equals(request.jobId())
                ? new Answer.Refused(Refusal.unknownRun(request.jobId(), request.runId()))
                : new Answer.OneRun(runs.stop(now, run));
    }

    @Override
    public Answer getQueue(Request.GetQueue request) {
        List<RunView> waiting = new ArrayList<>();
        for (Run run : bench.state().runs()) {
            if (run.liveTask() == null) {
                waiting.add(view(run));
            }
        }
        return new Answer.Queue(waiting);
    }

    private Answer put(Job job) {
        boolean created = bench.state().job(job.id()) == null;
        bench.outbox().change(new Change.PutJob(job));
        News.Kind kind = created ? News.Kind.JOB_CREATED : News.Kind.JOB_UPDATED;
        bench.outbox().announce(News.ofJob(kind, now, job.id()));
        schedules.arm(now, job);
        return new Answer.OneJob(view(job, false));
    }

    private @Nullable Refusal check(JobSpec spec, @Nullable Schedule schedule) {
        if (schedule != null && !spec.dependencies().isEmpty()) {
            return Refusal.unprocessable(
                    spec.id(), "Job '" + spec.id() + "' may have dependencies or a schedule, but not both");
        }
        for (String parent : spec.dependencies()) {
            if (!parent.equals(spec.id()) && bench.state().job(parent) == null) {
                return Refusal.unprocessable(
                        spec.id(), "Job '" + spec.id() + "' depends on job '" + parent + "', which does not exist");
            }
        }
        return bench.dependsOn(spec.dependencies(), spec.id())
                ? Refusal.unprocessable(spec.id(), "The dependencies of job '" + spec.id() + "' lead back to itself")
                : null;
    }

    private JobView view(Job job, boolean history) {
        List<RunView> active =
                bench.state().runsOf(job.id()).stream().map(this::view).toList();
        List<FinishedRun> finished = history ? bench.state().finishedOf(job.id()) : List.of();
        List<String> waiting = job.spec().dependencies().isEmpty() ? List.of() : dependencies.waitingFor(job);
        return new JobView(job, bench.agenda().at(Kind.FIRE, job.id()), active, finished, waiting);
    }

    private RunView view(Run run) {
        RunTask live = run.liveTask();
        String wait;
        if (live == null) {
            wait = launcher.wait(now, run);
        } else if (live.state() == TaskState.TASK_UNREACHABLE) {
            wait = "the agent of task " + live.id() + " is unreachable; the run goes on when it is back, or stop it";
        } else {
            wait = run.phase() == RunPhase.STARTING ? "task " + live.id() + " was sent to " + live.host() : "";
        }
        return new RunView(run, run.phase(), wait);
    }

    private static boolean has(Job job, String scheduleId) {
        return job.schedule() != null && job.schedule().id().equals(scheduleId);
    }

    private static Answer unknownJob(String id) {
        return new Answer.Refused(Refusal.unknownJob(id));
    }
}
