package io.paddock.batch.core;

/** A change of the hard state: what is written to the store, and the only way the state changes. */
public sealed interface Change {
    <R> R accept(Handler<R> handler);

    /** Creates or replaces a job. */
    record PutJob(Job job) implements Change {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.putJob(this);
        }
    }

    /** Removes a job; its history has to be removed entry by entry before. */
    record RemoveJob(String jobId) implements Change {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.removeJob(this);
        }
    }

    /** Creates or replaces a run that is not over. */
    record PutRun(Run run) implements Change {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.putRun(this);
        }
    }

    record RemoveRun(String jobId, String runId) implements Change {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.removeRun(this);
        }
    }

    /** Adds a run to its job's history. */
    record PutFinished(FinishedRun run) implements Change {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.putFinished(this);
        }
    }

    record RemoveFinished(String jobId, String runId) implements Change {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.removeFinished(this);
        }
    }

    /**
     * Remembers under which framework id tasks run.
     *
     * @param frameworkId empty: forget it
     */
    record PutFramework(String frameworkId) implements Change {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.putFramework(this);
        }
    }

    /** One method per change. */
    interface Handler<R> {
        R putJob(PutJob change);

        R removeJob(RemoveJob change);

        R putRun(PutRun change);

        R removeRun(RemoveRun change);

        R putFinished(PutFinished change);

        R removeFinished(RemoveFinished change);

        R putFramework(PutFramework change);
    }
}
