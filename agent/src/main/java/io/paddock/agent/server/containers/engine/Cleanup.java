package io.paddock.agent.server.containers.engine;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes back what the steps of a launch have made. */
final class Cleanup {
    private static final Logger LOG = LoggerFactory.getLogger(Cleanup.class);

    private final Isolation isolation;

    Cleanup(Isolation isolation) {
        this.isolation = isolation;
    }

    /** Every step is tried, in reverse order; the record is kept if one fails, so that it can be tried again. */
    void of(ContainerRecord record) throws IOException {
        List<Hook> recipe = isolation.recipe();
        @Nullable IOException problem = null;
        for (int i = recipe.size() - 1; i >= 0; i--) {
            try {
                recipe.get(i).cleanup(record);
            } catch (IOException e) {
                problem = new IOException(
                        record + ": cleaning up " + recipe.get(i).name() + ": " + e.getMessage(), e);
                LOG.warn("{}", problem.getMessage());
            }
        }
        if (problem != null) {
            throw problem;
        }
        record.delete();
    }
}
