package io.paddock.batch.server;

import io.micrometer.core.instrument.MeterRegistry;
import io.paddock.batch.core.BatchCore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** How many jobs and runs there are, for metrics. */
final class BatchGauges implements Consumer<BatchCore> {
    private final AtomicInteger jobs;
    private final AtomicInteger active;
    private final AtomicInteger waiting;

    BatchGauges(MeterRegistry registry) {
        jobs = registry.gauge("paddock.batch.jobs", new AtomicInteger());
        active = registry.gauge("paddock.batch.runs.active", new AtomicInteger());
        waiting = registry.gauge("paddock.batch.runs.waiting", new AtomicInteger());
    }

    @Override
    public void accept(BatchCore core) {
        jobs.set(core.jobCount());
        active.set(core.activeRunCount());
        waiting.set(core.waitingRunCount());
    }
}
