package io.paddock.agent.server.containers.engine;

import io.paddock.agent.server.containers.LaunchFailure;
import io.paddock.agent.server.containers.PendingOperation;
import io.paddock.platform.linux.PathBelow;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes launches through the hooks of an isolation, and back. Knows what runs just now, and counts what failed. Any thread. */
final class Recipe {
    private static final Logger LOG = LoggerFactory.getLogger(Recipe.class);

    /** The step that gives a container its root. */
    private static final String IMAGE = "image";

    private final List<Hook> hooks;
    private final Clock clock = Clock.systemUTC();
    private final Set<Step> pending = ConcurrentHashMap.newKeySet();
    private final LongAdder destroyErrors = new LongAdder();
    private final LongAdder imageErrors = new LongAdder();

    /** Not a record: two may be alike. */
    private static final class Step {
        private final PendingOperation operation;

        private Step(PendingOperation operation) {
            this.operation = operation;
        }
    }

    private interface Work {
        void run() throws IOException, LaunchFailure;
    }

    /** A step that could not be undone. */
    static final class NotUndone extends IOException {
        private static final long serialVersionUID = 1;
        private final String step;

        private NotUndone(ContainerRecord record, String step, Exception cause) {
            super(record + ": cleaning up " + step + ": " + cause.getMessage(), cause);
            this.step = step;
        }

        String step() {
            return step;
        }
    }

    Recipe(List<Hook> hooks) {
        this.hooks = hooks;
    }

    /** Does every step. Fails with the name of the one that failed; the caller cleans up. */
    void prepare(Launch launch) throws LaunchFailure {
        for (Hook hook : hooks) {
            try {
                launch.cancellation().check();
                noting(launch.record(), hook.name() + "::prepare", () -> hook.prepare(launch));
            } catch (CancellationException e) {
                throw new LaunchFailure(hook.name(), "destroyed while it was launched");
            } catch (IOException | RuntimeException e) {
                LOG.debug("{}: step {} failed", launch.record(), hook.name(), e);
                throw new LaunchFailure(hook.name(), message(e));
            }
        }
    }

    /** Undoes every step, and then forgets the container if all could be. */
    void cleanup(ContainerRecord record) throws IOException {
        free(record);
        record.delete();
    }

    /** Undoes every step, also after one that cannot be undone; fails if there was one. */
    void free(ContainerRecord record) throws IOException {
        IOException problem = null;
        for (int i = hooks.size() - 1; i >= 0; i--) {
            Hook hook = hooks.get(i);
            try {
                noting(record, hook.name() + "::cleanup", () -> hook.cleanup(record));
            } catch (IOException | LaunchFailure | RuntimeException e) {
                if (hook.name().equals(IMAGE)) {
                    imageErrors.increment();
                }
                problem = new NotUndone(record, hook.name(), e);
                LOG.warn("{}", problem.getMessage());
            }
        }
        if (problem != null) {
            throw problem;
        }
    }

    private void noting(ContainerRecord record, String operation, Work work) throws IOException, LaunchFailure {
        Step step = new Step(new PendingOperation(record.name(), operation, clock.instant()));
        pending.add(step);
        try {
            work.run();
        } finally {
            pending.remove(step);
        }
    }

    /** What runs just now, oldest first. */
    List<PendingOperation> pending() {
        return pending.stream()
                .map(step -> step.operation)
                .sorted(java.util.Comparator.comparing(PendingOperation::since))
                .toList();
    }

    /** A container could not be ended. */
    void destroyFailed() {
        destroyErrors.increment();
    }

    /** What failed, under the names of Mesos. */
    Map<String, Number> metrics() {
        return Map.of(
                "containerizer/mesos/container_destroy_errors", destroyErrors.sum(),
                "containerizer/mesos/provisioner/remove_container_errors", imageErrors.sum());
    }

    static String message(Throwable failure) {
        return failure instanceof IOException e ? PathBelow.message(e) : failure.toString();
    }
}
