package io.paddock.marathon.core.deploy;

import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Group;
import io.paddock.marathon.core.model.PathId;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * How long the longest chain of dependencies below each app is. An app depends on the apps it names, on all apps of the
 * groups it names, and on what the groups it is in depend on. Names of what does not exist are ignored.
 *
 * <p>Looks only at what the asked apps reach, so its cost does not grow with the rest of the tree.
 */
public final class DependencyOrder {
    private final NavigableMap<PathId, App> apps;
    private final Map<PathId, Group> groups;
    private final Map<PathId, Integer> depths = new HashMap<>();
    private final Deque<PathId> path = new ArrayDeque<>();

    /**
     * @param apps all apps after the change
     * @param groups all groups after the change
     */
    public DependencyOrder(NavigableMap<PathId, App> apps, Map<PathId, Group> groups) {
        this.apps = apps;
        this.groups = groups;
    }

    /** The depth of each app; 0 for one without dependencies. Call after {@link #findCycle}. */
    public SortedMap<PathId, Integer> depths(Collection<PathId> ids) {
        SortedMap<PathId, Integer> result = new TreeMap<>();
        ids.forEach(id -> result.put(id, depths.getOrDefault(id, 0)));
        return result;
    }

    /** Follows the dependencies of the apps; answers a text naming a cycle if there is one. */
    public Optional<String> findCycle(Collection<PathId> ids) {
        for (PathId id : ids) {
            Optional<String> cycle = visit(id);
            if (cycle.isPresent()) {
                return cycle;
            }
        }
        return Optional.empty();
    }

    private Optional<String> visit(PathId id) {
        App app = apps.get(id);
        if (app == null || depths.containsKey(id)) {
            return Optional.empty();
        }
        if (path.contains(id)) {
            return Optional.of(id + " depends on itself through " + path);
        }
        path.addLast(id);
        int depth = 0;
        for (PathId dependency : dependenciesOf(app)) {
            Optional<String> cycle = visit(dependency);
            if (cycle.isPresent()) {
                return cycle;
            }
            depth = Math.max(depth, depths.getOrDefault(dependency, 0) + 1);
        }
        path.removeLast();
        depths.put(id, depth);
        return Optional.empty();
    }

    private Set<PathId> dependenciesOf(App app) {
        Set<PathId> result = new TreeSet<>();
        app.dependencies().forEach(d -> addAppsAt(d, result));
        for (PathId group = app.id().parent(); ; group = group.parent()) {
            Group node = groups.get(group);
            if (node != null) {
                node.dependencies().forEach(d -> addAppsAt(d, result));
            }
            if (group.isRoot()) {
                break;
            }
        }
        return result;
    }

    private void addAppsAt(PathId id, Set<PathId> result) {
        if (apps.containsKey(id)) {
            result.add(id);
        } else if (groups.containsKey(id)) {
            String prefix = id.isRoot() ? "/" : id + "/";
            for (PathId below : apps.tailMap(new PathId(prefix), true).keySet()) {
                if (!below.text().startsWith(prefix)) {
                    break;
                }
                result.add(below);
            }
        }
    }
}
