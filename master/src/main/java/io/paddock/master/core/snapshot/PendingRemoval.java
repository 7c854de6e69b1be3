package io.paddock.master.core.snapshot;

import java.time.Instant;

/**
 * An agent that waits until it may be marked unreachable.
 *
 * @param since when its time was over
 * @param why in words
 */
public record PendingRemoval(Instant since, String why) {
    /** Why the agent will be removed and why it is still there. */
    public String text() {
        return why
                + "; it waits until --agent-removal-rate-limit lets it be marked unreachable, and stays if it answers";
    }
}
