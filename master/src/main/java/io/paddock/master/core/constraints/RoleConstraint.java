package io.paddock.master.core.constraints;

import io.paddock.master.core.allocator.AgentConstraint;
import io.paddock.master.core.allocator.AgentTraits;
import io.paddock.proto.v1.scheduler.OfferConstraints.RoleConstraints;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The agents a framework may be offered in one role: those that meet all constraints of one of the groups. Equal when what
 * the framework wrote is equal, so that a scheduler that subscribes again costs nothing.
 */
public final class RoleConstraint implements AgentConstraint {
    private final RoleConstraints source;
    private final List<List<Predicate<AgentTraits>>> groups;

    private final int cost;

    /** @param cost the constraints and the steps of their regular expressions */
    RoleConstraint(RoleConstraints source, List<List<Predicate<AgentTraits>>> groups, int cost) {
        this.source = source;
        this.groups = groups;
        this.cost = cost;
    }

    @Override
    public int cost() {
        return cost;
    }

    @Override
    public boolean test(AgentTraits agent) {
        for (List<Predicate<AgentTraits>> group : groups) {
            boolean all = true;
            for (Predicate<AgentTraits> constraint : group) {
                all = all && constraint.test(agent);
            }
            if (all) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RoleConstraint that && source.equals(that.source);
    }

    @Override
    public int hashCode() {
        return source.hashCode();
    }

    @Override
    public String toString() {
        return source.toString();
    }
}
