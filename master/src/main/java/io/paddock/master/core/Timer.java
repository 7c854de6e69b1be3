package io.paddock.master.core;

/**
 * The identity of a timer.
 *
 * @param subject the id of what it is about; empty when there is only one of the kind
 */
public record Timer(Kind kind, String subject) {
    /** What a timer is for. */
    public enum Kind {
        /** Offers what is free; started by whatever frees something, so that a burst leads to one allocation. */
        ALLOCATE,
        /** The periodic check that everything was offered. */
        ALLOCATION_CHECK,
        /** The oldest outstanding offer expires. */
        OFFER_EXPIRY,
        /** Frameworks may have to be asked, for the first time or again, to leave agents. */
        INVERSE_OFFERS,
        /** A refused-resources filter of the allocator ends. */
        FILTER_EXPIRY,
        /** Offers are made again although agents known from the registry are still away. */
        RECOVERY_PAUSE,
        /** The next heartbeat on a scheduler's stream (subject: the stream). */
        SCHEDULER_HEARTBEAT,
        /** Heartbeats to all agents, and a look for those that fell silent. */
        AGENT_HEARTBEAT,
        /** A disconnected agent did not come back (subject: the agent). */
        AGENT_REREGISTRATION,
        /** Agents known from the registry did not come back after the election. */
        RECOVERED_AGENTS,
        /** One more of the agents that wait for it may be marked unreachable. */
        AGENT_REMOVAL,
        /** Agents that departed long ago are forgotten. */
        REGISTRY_GC,
        /** A disconnected scheduler did not come back (subject: the framework). */
        FRAMEWORK_FAILOVER
    }

    static Timer of(Kind kind) {
        return new Timer(kind, "");
    }

    static Timer of(Kind kind, String subject) {
        return new Timer(kind, subject);
    }
}
