package io.paddock.master.core;

import java.time.Instant;
import java.util.HashSet;
import java.util.Set;

/** The agents of which a framework has declined an offer, without a filter that lasts, since the last batch. */
final class BatchDeclines {
    private final Set<String> agents = new HashSet<>();
    private Instant ends = Instant.MIN;

    /** Takes note of one; whether it is the first of this agent before that end of the batch. */
    boolean isFirst(String agentId, Instant batchEnds) {
        if (!batchEnds.equals(ends)) {
            agents.clear();
            ends = batchEnds;
        }
        return agents.add(agentId);
    }
}
