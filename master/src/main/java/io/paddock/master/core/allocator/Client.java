package io.paddock.master.core.allocator;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
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
    Predicate<AgentTraits> constraint;

    /** On how many agents it has a refusal. */
    int refusals;
    /** On how many agents it holds something. */
    int holdings;
    /** What the run in progress gave it. */
    final Map<Agent, Bag> given = new LinkedHashMap<>(0);

    Client(int id, Framework framework, Role role, long[][] minimum) {
        this.id = id;
        this.framework = framework;
        this.role = role;
        this.leaf = new Node(framework.id, role.frameworks, id);
        this.minimum = minimum;
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
