package io.paddock.marathon.core;

import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Group;
import io.paddock.marathon.core.model.PathId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** A wanted change of the tree while it is put together. Owned by one turn. */
final class RootChange {
    private final SortedMap<PathId, App> puts = new TreeMap<>();
    private final Set<PathId> removed = new TreeSet<>();
    private final SortedMap<PathId, Group> groups = new TreeMap<>();
    private final Set<PathId> removedGroups = new TreeSet<>();
    private final Set<PathId> restarts = new TreeSet<>();
    private final Set<PathId> sameConfig = new TreeSet<>();
    private final List<String> victims = new ArrayList<>();

    void put(App app) {
        puts.put(app.id(), app);
        removed.remove(app.id());
    }

    /** Puts a definition back whose instances may still run: they count as current again. */
    void restore(App app) {
        put(app);
        sameConfig.add(app.id());
    }

    void remove(PathId app) {
        removed.add(app);
        puts.remove(app);
    }

    void restart(App app) {
        put(app);
        restarts.add(app.id());
    }

    void put(Group group) {
        groups.put(group.id(), group);
        removedGroups.remove(group.id());
    }

    void removeGroup(PathId group) {
        removedGroups.add(group);
        groups.remove(group);
    }

    /** An instance that goes with the change, whatever kill selection would pick. */
    void sentence(String instanceId) {
        victims.add(instanceId);
    }

    SortedMap<PathId, App> puts() {
        return puts;
    }

    Set<PathId> removed() {
        return removed;
    }

    SortedMap<PathId, Group> groups() {
        return groups;
    }

    Set<PathId> removedGroups() {
        return removedGroups;
    }

    Set<PathId> restarts() {
        return restarts;
    }

    boolean isRestored(PathId app) {
        return sameConfig.contains(app);
    }

    List<String> victims() {
        return victims;
    }
}
