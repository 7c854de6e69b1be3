package io.paddock.master.core.allocator;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A framework in one of its roles: the unit that competes for resources. */
final class Client {
    final int id;
    final Framework framework;
    final Role role;
    final Node leaf;

    boolean subscribed = true;
    boolean suppressed;
    /** Takes part in the share tree. */
    boolean active;
    /** An offer must contain one of these; none accepts anything not empty. */
    long[][] minimum;
    /** Which agents it may be offered; null for all. */
    @Nullable
    AgentConstraint constraint;

    /** The agents below this index were asked whether they meet it. */
    int judgedBelow;

    /** Of a role whose frameworks are to fill agents up before they use others. */
    final boolean packed;

    final Allowance allowance = new Allowance();
    /** Of how many agents in use a packed client may have offers at a time. */
    int reach = 1;
    /** The agent that is held until it can be offered to this client. */
    @Nullable
    Agent held;
    /** How many refusals it has on all agents. */
    int refusals;
    /** On how many agents it holds something. */
    int holdings;
    /** What the run in progress gave it. */
    final Map<Agent, Bag> given = new LinkedHashMap<>(0);

    Client(int id, Framework framework, Role role, long[][] minimum, boolean packed) {
        this.id = id;
        this.framework = framework;
        this.role = role;
        this.leaf = new Node(framework.id, role.frameworks, id);
        this.minimum = minimum;
        this.packed = packed;
    }

    /** What the offer lacks to the minimum it comes closest to: the part of the scalar that lacks most, 0 to 1. */
    double lacking(Bag offer, ScalarNames names) {
        long[] quantities = offer.quantities(names);
        double lacking = minimum.length == 0 ? 0 : 1;
        for (long[] least : minimum) {
            double most = 0;
            for (int i = 0; i < least.length; i++) {
                if (least[i] > 0) {
                    most = Math.max(most, 1 - (double) Quantities.at(quantities, i) / least[i]);
                }
            }
            lacking = Math.min(lacking, most);
        }
        return lacking;
    }

    boolean accepts(Bag offer, ScalarNames names) {
        long[] quantities = offer.quantities(names);
        for (long[] least : minimum) {
            if (Quantities.contains(quantities, least)) {
                return true;
            }
        }
        return minimum.length == 0 && !offer.isEmpty();
    }
}
