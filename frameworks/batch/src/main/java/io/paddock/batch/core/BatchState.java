package io.paddock.batch.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The hard state: jobs, runs that are not over, history, framework id. Changes only by {@link #apply}. */
public final class BatchState implements Change.Handler<Void> {
    private final Map<String, Job> jobs = new TreeMap<>();
    private final Map<String, Run> runs = new LinkedHashMap<>();
    private final Map<String, LinkedHashMap<String, Run>> runsOfJob = new TreeMap<>();
    private final Map<String, History> histories = new TreeMap<>();
    private final Map<String, TreeSet<String>> dependents = new TreeMap<>();
    private String frameworkId = "";

    /** Applies a change, whether just decided or read back from the store; the order of different keys does not matter. */
    public void apply(Change change) {
        change.accept(this);
    }

    /** Jobs by id. */
    Collection<Job> jobs() {
        return Collections.unmodifiableCollection(jobs.values());
    }

    /** A job, if it exists. */
    public @Nullable Job job(String id) {
        return jobs.get(id);
    }

    /** The jobs that depend on this one. */
    List<String> dependentsOf(String jobId) {
        TreeSet<String> children = dependents.get(jobId);
        return children == null ? List.of() : List.copyOf(children);
    }

    /** Runs that are not over, oldest first. */
    Collection<Run> runs() {
        return Collections.unmodifiableCollection(runs.values());
    }

    /** A run that is not over, by its id. */
    public @Nullable Run run(String id) {
        return runs.get(id);
    }

    /** Runs of a job that are not over, oldest first. */
    List<Run> runsOf(String jobId) {
        LinkedHashMap<String, Run> own = runsOfJob.get(jobId);
        return own == null ? List.of() : List.copyOf(own.values());
    }

    /** Finished runs of a job, newest first. */
    public List<FinishedRun> finishedOf(String jobId) {
        History history = histories.get(jobId);
        return history == null ? List.of() : history.newestFirst();
    }

    /** The runs of a job that ended well, or not, oldest first. */
    Collection<FinishedRun> finishedOf(String jobId, boolean success) {
        History history = histories.get(jobId);
        return history == null
                ? List.of()
                : Collections.unmodifiableCollection(history.of(success).values());
    }

    /** The id the framework had last; empty when it never subscribed. */
    public String frameworkId() {
        return frameworkId;
    }

    @Override
    public @Nullable Void putJob(Change.PutJob change) {
        Job job = change.job();
        forgetDependencies(jobs.put(job.id(), job));
        for (String parent : job.spec().dependencies()) {
            dependents.computeIfAbsent(parent, id -> new TreeSet<>()).add(job.id());
        }
        return null;
    }

    @Override
    public @Nullable Void removeJob(Change.RemoveJob change) {
        forgetDependencies(jobs.remove(change.jobId()));
        return null;
    }

    @Override
    public @Nullable Void putRun(Change.PutRun change) {
        Run run = change.run();
        runs.put(run.id(), run);
        runsOfJob.computeIfAbsent(run.jobId(), id -> new LinkedHashMap<>()).put(run.id(), run);
        return null;
    }

    @Override
    public @Nullable Void removeRun(Change.RemoveRun change) {
        runs.remove(change.runId());
        LinkedHashMap<String, Run> own = runsOfJob.get(change.jobId());
        if (own != null) {
            own.remove(change.runId());
            if (own.isEmpty()) {
                runsOfJob.remove(change.jobId());
            }
        }
        return null;
    }

    @Override
    public @Nullable Void putFinished(Change.PutFinished change) {
        FinishedRun run = change.run();
        histories
                .computeIfAbsent(run.jobId(), id -> new History())
                .of(run.success())
                .put(run.id(), run);
        return null;
    }

    @Override
    public @Nullable Void removeFinished(Change.RemoveFinished change) {
        History history = histories.get(change.jobId());
        if (history != null) {
            history.of(true).remove(change.runId());
            history.of(false).remove(change.runId());
            if (history.of(true).isEmpty() && history.of(false).isEmpty()) {
                histories.remove(change.jobId());
            }
        }
        return null;
    }

    @Override
    public @Nullable Void putFramework(Change.PutFramework change) {
        frameworkId = change.frameworkId();
        return null;
    }

    private void forgetDependencies(@Nullable Job job) {
        if (job != null) {
            for (String parent : job.spec().dependencies()) {
                TreeSet<String> children = dependents.get(parent);
                if (children != null) {
                    children.remove(job.id());
                }
            }
        }
    }

    /** Finished runs of one job, each kind in the order they ended. */
    private static final class History {
        private final LinkedHashMap<String, FinishedRun> succeeded = new LinkedHashMap<>();
        private final LinkedHashMap<String, FinishedRun> failed = new LinkedHashMap<>();

        Map<String, FinishedRun> of(boolean success) {
            return success ? succeeded : failed;
        }

        List<FinishedRun> newestFirst() {
            List<FinishedRun> all = new ArrayList<>(succeeded.values());
            all.addAll(failed.values());
            all.sort(Comparator.comparing(FinishedRun::finishedAt)
                    .thenComparing(FinishedRun::id)
                    .reversed());
            return all;
        }
    }
}
