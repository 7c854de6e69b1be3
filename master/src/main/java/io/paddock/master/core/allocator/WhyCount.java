package io.paddock.master.core.allocator;

import io.paddock.master.core.allocator.Explanation.AgentClass;
import io.paddock.master.core.allocator.Explanation.Finding;
import io.paddock.master.core.allocator.Explanation.Reason;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the agents of one reason have in common and in sum. */
final class WhyCount {
    private static final int MAX_CLASSES = 5;

    int agents;
    /** When the first and the last refusal ends. */
    long earliest = Deadlines.NEVER;

    long latest;
    long[] total = Quantities.NONE;
    /** What the client might have had of it. */
    long[] free = Quantities.NONE;
    /** What the client itself holds there. */
    long[] own = Quantities.NONE;

    @Nullable
    Agent example;

    private final Map<String, int[]> classes = new HashMap<>();

    void add(Agent agent, Bag visible, Bag held, long refusedUntil, ScalarNames names) {
        agents++;
        earliest = Math.min(earliest, refusedUntil);
        latest = refusedUntil == Deadlines.NEVER ? latest : Math.max(latest, refusedUntil);
        total = sum(total, agent.total, names);
        free = sum(free, visible, names);
        own = sum(own, held, names);
        example = example == null ? agent : example;
        classes.computeIfAbsent(agent.kind(names), k -> new int[1])[0]++;
    }

    private static long[] sum(long[] into, Bag bag, ScalarNames names) {
        return bag.isEmpty() ? into : Quantities.add(into, bag.quantities(names), 1);
    }

    Finding finding(Reason reason, String detail) {
        List<AgentClass> largest = classes.entrySet().stream()
                .map(e -> new AgentClass(e.getKey(), e.getValue()[0]))
                .sorted((a, b) -> a.agents() != b.agents()
                        ? Integer.compare(b.agents(), a.agents())
                        : a.agentsWith().compareTo(b.agentsWith()))
                .limit(MAX_CLASSES)
                .toList();
        return new Finding(
                reason, agents, earliest == Deadlines.NEVER ? null : Deadlines.instant(earliest), detail, largest);
    }
}
