package io.paddock.marathon.core.instance;

import io.paddock.marathon.core.model.Rollout.KillSelection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which instances go first when there are too many: those nobody would miss (not placed, lost, starting, unhealthy), then
 * running ones from the group with the most instances when the app is spread over groups, then by age.
 */
public final class KillOrder {
    private KillOrder() {}

    /**
     * Picks the victims.
     *
     * @param candidates those that may go
     * @param count how many must go; all candidates when there are fewer
     * @param healthy whether an instance works
     * @param group the value an instance is spread by, or null when the app is not spread
     * @return the victims in the order they should go
     */
    public static List<Instance> pick(
            Collection<Instance> candidates,
            int count,
            KillSelection selection,
            Predicate<Instance> healthy,
            @Nullable Function<Instance, String> group) {
        Comparator<Instance> byAge = Comparator.comparing(KillOrder::age);
        Comparator<Instance> order = Comparator.<Instance>comparingInt(i -> rank(i, healthy.test(i)))
                .thenComparing(selection == KillSelection.YOUNGEST_FIRST ? byAge.reversed() : byAge)
                .thenComparing(Instance::id);
        List<Instance> left = new ArrayList<>(candidates);
        left.sort(order);
        if (group == null || count >= left.size()) {
            return List.copyOf(left.subList(0, Math.max(0, Math.min(count, left.size()))));
        }
        return spread(left, count, group, healthy);
    }

    private static List<Instance> spread(
            List<Instance> ordered, int count, Function<Instance, String> group, Predicate<Instance> healthy) {
        Map<String, Integer> sizes = new HashMap<>();
        ordered.forEach(i -> sizes.merge(group.apply(i), 1, Integer::sum));
        List<Instance> left = new ArrayList<>(ordered);
        List<Instance> victims = new ArrayList<>();
        while (victims.size() < count) {
            Instance next = left.get(0);
            int bestRank = rank(next, healthy.test(next));
            for (Instance candidate : left) {
                if (rank(candidate, healthy.test(candidate)) == bestRank
                        && sizes.getOrDefault(group.apply(candidate), 0) > sizes.getOrDefault(group.apply(next), 0)) {
                    next = candidate;
                }
            }
            left.remove(next);
            sizes.merge(group.apply(next), -1, Integer::sum);
            victims.add(next);
        }
        return victims;
    }

    private static int rank(Instance i, boolean healthy) {
        switch (i.condition()) {
            case SCHEDULED:
                return 0;
            case UNREACHABLE:
            case UNREACHABLE_INACTIVE:
                return 1;
            case PROVISIONED:
            case STAGING:
                return 2;
            case STARTING:
                return 3;
            case RUNNING:
            case KILLING:
                return healthy ? 5 : 4;
            case FINISHED:
            case FAILED:
            case KILLED:
            case ERROR:
            case GONE:
            case DROPPED:
            case UNKNOWN:
                return 0;
        }
        throw new AssertionError(i.condition());
    }

    private static Instant age(Instance i) {
        Instant started = i.startedAt();
        Instant staged = i.stagedAt();
        return started != null ? started : staged != null ? staged : i.since();
    }
}
