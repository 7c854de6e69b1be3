package io.paddock.master.core.allocator;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a framework is offered nothing in a role just now: what holds for it as a whole, or how many agents each reason keeps
 * from it.
 *
 * @param findings most agents first; empty when there are no agents
 */
public record Explanation(String frameworkId, String role, List<Finding> findings) {
    /**
     * One reason and how far it reaches.
     *
     * @param agents how many agents it keeps away; all of them when the reason is about the framework
     * @param until when it ends by itself, the earliest of these agents; null when it does not
     * @param detail a sentence with the numbers
     */
    public record Finding(
            Reason reason, int agents, @Nullable Instant until, String detail) {}

    /** What may stand between an agent's resources and a framework, in the order in which it is looked for. */
    public enum Reason {
        UNKNOWN_FRAMEWORK,
        NOT_SUBSCRIBED,
        DISCONNECTED,
        SUPPRESSED,
        /** It let offers expire and has as many unanswered ones as it may. */
        UNANSWERED_OFFERS,
        AGENT_DEACTIVATED,
        NOT_WHITELISTED,
        AGENT_CAPABILITY,
        CONSTRAINT,
        REGION,
        GPU,
        NOTHING_FREE,
        /** Kept together for a framework that waits for a large offer. */
        HELD_FOR_LARGE_OFFER,
        BELOW_MINIMUM,
        QUOTA_LIMIT,
        HEADROOM,
        REFUSED,
        /** The role is packed, and the framework has offers of as many agents as it may have at a time. */
        PACKED,
        /** Nothing stands in the way: the next run offers it, here or to whoever has the smaller share. */
        NEXT_RUN
    }

    public Explanation {
        findings = List.copyOf(findings);
    }
}
