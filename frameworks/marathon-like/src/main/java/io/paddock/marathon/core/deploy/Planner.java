package io.paddock.marathon.core.deploy;

import io.paddock.marathon.core.deploy.Action.Kind;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.PathId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Turns a change of definitions into steps: first everything that goes is stopped, then everything new is started with no
 * instances, then apps are scaled or restarted, dependencies before dependants. Source: Marathon's deployment plans.
 *
 * <p>Example: {@code /db} is changed and {@code /web}, new, depends on it:
 *
 * <pre>
 * step 1  StartApplication /web
 * step 2  RestartApplication /db
 * step 3  ScaleApplication /web
 * </pre>
 */
public final class Planner {
    private Planner() {}

    /**
     * Makes the steps.
     *
     * @param originals the affected apps before the change
     * @param targets the affected apps after it
     * @param forced apps to restart even when nothing changed
     * @param order gives for each affected app how long its longest chain of dependencies is
     */
    public static List<List<Action>> plan(
            SortedMap<PathId, App> originals,
            SortedMap<PathId, App> targets,
            Set<PathId> forced,
            Map<PathId, Integer> order) {
        List<List<Action>> steps = new ArrayList<>();
        List<Action> stops = new ArrayList<>();
        List<Action> starts = new ArrayList<>();
        SortedMap<Integer, List<Action>> changes = new TreeMap<>();
        originals.keySet().forEach(id -> {
            if (!targets.containsKey(id)) {
                stops.add(new Action(Kind.STOP, id));
            }
        });
        targets.forEach((id, target) -> {
            App original = originals.get(id);
            if (original == null) {
                starts.add(new Action(Kind.START, id));
            }
            Kind kind = kind(original, target, forced.contains(id));
            if (kind != null) {
                changes.computeIfAbsent(order.getOrDefault(id, 0), n -> new ArrayList<>())
                        .add(new Action(kind, id));
            }
        });
        steps.add(stops);
        steps.add(starts);
        steps.addAll(changes.values());
        steps.removeIf(List::isEmpty);
        return steps;
    }

    /** The apps in one of the maps only, or in both with different definitions. */
    public static Set<PathId> changed(SortedMap<PathId, App> originals, SortedMap<PathId, App> targets) {
        Set<PathId> ids = new TreeSet<>(originals.keySet());
        ids.addAll(targets.keySet());
        ids.removeIf(id -> {
            App before = originals.get(id);
            App after = targets.get(id);
            return before != null && after != null && before.equals(after);
        });
        return ids;
    }

    private static @Nullable Kind kind(@Nullable App original, App target, boolean forced) {
        if (original == null || target.instances() == 0) {
            return original != null && original.equals(target) && !forced ? null : Kind.SCALE;
        }
        if (forced || !original.sameConfig(target)) {
            return Kind.RESTART;
        }
        return original.instances() == target.instances() ? null : Kind.SCALE;
    }
}
