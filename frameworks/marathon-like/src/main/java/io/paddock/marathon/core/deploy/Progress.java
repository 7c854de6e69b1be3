package io.paddock.marathon.core.deploy;

import io.paddock.marathon.core.instance.Condition;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.instance.KillOrder;
import io.paddock.marathon.core.model.App;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What an action has to do next to the instances of its app: whom to decommission, how many to add, whether it is done.
 * Decided anew from what there is after every change, so it needs no memory.
 *
 * <p>A rolling replacement of N instances keeps two bounds: never by our doing fewer than
 * {@code min = ceil(N * minimumHealthCapacity)} healthy instances, never more than
 * {@code max = floor(N * (1 + maximumOverCapacity))} at once (one more where min = max would leave no room to move).
 * For N = 4:
 *
 * <pre>
 * min/over   min max   how it goes
 * 1 / 1       4   8    start 4 new; end one old for each new that is healthy
 * 0.5 / 0     2   4    end 2 old, start 2 new; then one for one
 * 1 / 0       4   5    start one, end one, four times
 * 0 / 0       0   4    end all, start all
 * </pre>
 */
public final class Progress {
    /**
     * What to do next.
     *
     * @param decommission instances that shall end for good
     * @param add how many new instances to schedule
     * @param done whether the action has reached its aim
     */
    public record Decision(List<Instance> decommission, int add, boolean done) {
        public Decision {
            decommission = List.copyOf(decommission);
        }
    }

    /**
     * How the instances of an app are looked at.
     *
     * @param healthy whether an instance works as far as is known
     * @param ready whether it may count: healthy and, where readiness is asked for, ready
     * @param group the value it is spread by, or null when the app is not spread
     */
    public record Eyes(
            Predicate<Instance> healthy,
            Predicate<Instance> ready,
            @Nullable Function<Instance, String> group) {}

    private Progress() {}

    /** Every instance ends. */
    public static Decision stop(Collection<Instance> instances) {
        List<Instance> wanted = instances.stream().filter(Instance::isWanted).toList();
        return new Decision(wanted, 0, instances.isEmpty());
    }

    /** There are as many instances as the definition says; ones lost for long do not count. */
    public static Decision scale(App app, Collection<Instance> instances, Eyes eyes) {
        List<Instance> active = active(instances);
        int surplus = active.size() - app.instances();
        if (surplus > 0) {
            List<Instance> victims =
                    KillOrder.pick(active, surplus, app.rollout().killSelection(), eyes.healthy(), eyes.group());
            return new Decision(victims, 0, false);
        }
        boolean leaving = instances.stream().anyMatch(i -> !i.isWanted());
        long ready = active.stream().filter(eyes.ready()).count();
        return new Decision(List.of(), -surplus, !leaving && ready >= app.instances());
    }

    /** Instances of older definitions are replaced by ones of the current definition. */
    public static Decision replace(App app, Collection<Instance> instances, Eyes eyes) {
        int n = app.instances();
        List<Instance> fresh = new ArrayList<>();
        List<Instance> old = new ArrayList<>();
        for (Instance i : instances) {
            if (i.isWanted() && !isCurrent(app, i)) {
                old.add(i);
            } else if (i.isWanted() && i.condition() != Condition.UNREACHABLE_INACTIVE) {
                fresh.add(i);
            }
        }
        List<Instance> victims = new ArrayList<>();
        if (fresh.size() > n) {
            victims.addAll(KillOrder.pick(
                    fresh, fresh.size() - n, app.rollout().killSelection(), eyes.healthy(), eyes.group()));
            fresh.removeAll(victims);
        }
        long healthyFresh = fresh.stream().filter(eyes.ready()).count();
        victims.addAll(replaceable(app, old, Math.toIntExact(healthyFresh), eyes));
        int alive = (int) instances.stream()
                .filter(i -> i.condition() != Condition.UNREACHABLE_INACTIVE)
                .filter(i -> i.isWanted() || i.condition().isPlaced())
                .count();
        alive -= (int) victims.stream()
                .filter(i -> i.condition() == Condition.SCHEDULED)
                .count();
        int add = Math.max(0, Math.min(n - fresh.size(), ceiling(app) - alive));
        boolean leaving = !victims.isEmpty() || instances.stream().anyMatch(i -> !i.isWanted());
        boolean done = healthyFresh >= n && old.isEmpty() && !leaving;
        return new Decision(victims, add, done);
    }

    /** Whether an instance was started from the current configuration, whatever the number of instances was. */
    public static boolean isCurrent(App app, Instance instance) {
        return instance.config().equals(app.versionInfo().lastConfigChangeAt());
    }

    /** The fewest healthy instances there must be. */
    public static int floor(App app) {
        return (int) Math.ceil(app.instances() * app.rollout().upgrade().minimumHealthCapacity() - 1e-9);
    }

    /** The most instances there may be. */
    public static int ceiling(App app) {
        int max =
                (int) Math.floor(app.instances() * (1 + app.rollout().upgrade().maximumOverCapacity()) + 1e-9);
        return max == floor(app) ? max + 1 : max;
    }

    /** Old instances that may go now: all that do not work, and working ones as far as the floor allows. */
    private static List<Instance> replaceable(App app, List<Instance> old, int healthyFresh, Eyes eyes) {
        List<Instance> broken =
                old.stream().filter(i -> !eyes.healthy().test(i)).toList();
        List<Instance> working = old.stream().filter(eyes.healthy()).toList();
        int spare = Math.max(0, working.size() + healthyFresh - floor(app));
        List<Instance> victims = new ArrayList<>(broken);
        victims.addAll(KillOrder.pick(
                working, Math.min(spare, working.size()), app.rollout().killSelection(), eyes.healthy(), eyes.group()));
        return victims;
    }

    private static List<Instance> active(Collection<Instance> instances) {
        return instances.stream()
                .filter(Instance::isWanted)
                .filter(i -> i.condition() != Condition.UNREACHABLE_INACTIVE)
                .toList();
    }
}
