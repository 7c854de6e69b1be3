package io.paddock.master.core.allocator;

/** Which agents a framework may be offered in one role. Those that are equal must decide alike. */
@FunctionalInterface
public interface AgentConstraint {
    boolean test(AgentTraits agent);

    /** What one test costs, in simple comparisons, so that many tests can be spread over several runs. */
    default int cost() {
        return 1;
    }
}
