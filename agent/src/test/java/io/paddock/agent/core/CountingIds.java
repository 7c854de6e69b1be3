package io.paddock.agent.core;

import com.google.protobuf.ByteString;

/** Ids in the order 0, 1, 2, …; no chance at all. */
final class CountingIds implements Ids {
    private long next;

    @Override
    public ByteString updateId() {
        return AgentScript.uuid("counted-" + next++);
    }

    @Override
    public String containerId() {
        return "c" + next++;
    }

    @Override
    public double fraction() {
        return 0;
    }
}
