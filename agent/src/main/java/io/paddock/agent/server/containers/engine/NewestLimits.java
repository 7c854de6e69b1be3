package io.paddock.agent.server.containers.engine;

import io.paddock.agent.server.containers.Limits;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The limits last asked for. Changes are made one at a time, each to these, so that they hold whichever comes last. */
final class NewestLimits {
    private volatile @Nullable Limits asked;

    /** Changes the limits on the machine. */
    interface Change {
        void to(Limits limits) throws IOException;
    }

    void ask(Limits limits) {
        asked = limits;
    }

    /** Does nothing while none are asked for. */
    synchronized void make(Change change) throws IOException {
        Limits newest = asked;
        if (newest != null) {
            change.to(newest);
        }
    }
}
