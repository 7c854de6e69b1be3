package io.paddock.master.core.allocator;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a framework is offered nothing in a role just now: what holds for it as a whole, or how many agents each reason keeps
 * from it.
 *
 * @param standing how it stands among those that compete; null when it is not known in the role
 * @param findings most agents first; empty when there are no agents
 */
public record Explanation(
        String frameworkId, String role, @Nullable Standing standing, List<Finding> findings) {
    /**
     * How a framework stands in the order of shares.
     *
     * @param share its dominant share in the role: 0 to 1
     * @param roleShare that of the role with all roles below it, before the weight
     * @param weight of the role
     * @param ahead how many frameworks, counted once for each role, come before it
     * @param competing how many want offers
     */
    public record Standing(double share, double roleShare, double weight, int ahead, int competing) {}

    /**
     * How many agents of one kind.
     *
     * @param agentsWith what all of them have: resources in total, attributes and fault domain
     */
    public record AgentClass(String agentsWith, int agents) {}

    /**
     * One reason and how far it reaches.
     *
     * @param agents how many agents it keeps away; all of them when the reason is about the framework
     * @param until when it ends by itself, the earliest of these agents; null when it does not
     * @param detail a sentence with the numbers
     * @param classes the most frequent kinds of these agents, at most five
     */
    public record Finding(
            Reason reason, int agents, @Nullable Instant until, String detail, List<AgentClass> classes) {}

    /** What may stand between an agent's resources and a framework, in the order in which it is looked for. */
    public enum Reason {
        UNKNOWN_FRAMEWORK,
        NOT_SUBSCRIBED,
        DISCONNECTED,
        SUPPRESSED,
        /** It let offers expire and has as many unanswered ones as it may. */
        UNANSWERED_OFFERS,
        AGENT_DISCONNECTED,
        /** Its time is over and it waits until it may be marked unreachable. */
        AGENT_SILENT,
        AGENT_DRAINING,
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
        /** Refused, and maintenance of its machine is planned: few want it now. */
        MAINTENANCE,
        /** The role is packed, and the framework has offers of as many agents as it may have at a time. */
        PACKED,
        /** Nothing stands in the way: the next run offers it, here or to whoever has the smaller share. */
        NEXT_RUN
    }

    public Explanation {
        findings = List.copyOf(findings);
    }
}
