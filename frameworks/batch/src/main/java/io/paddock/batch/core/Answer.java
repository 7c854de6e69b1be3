package io.paddock.batch.core;

import java.util.List;

/** What a request is answered with: immutable values, to be written as JSON by whoever asked. */
public sealed interface Answer {
    record Jobs(List<JobView> jobs) implements Answer {}

    record OneJob(JobView job) implements Answer {}

    record OneRun(RunView run) implements Answer {}

    record Queue(List<RunView> runs) implements Answer {}

    /** The request was refused and has changed nothing. */
    record Refused(Refusal refusal) implements Answer {}
}
