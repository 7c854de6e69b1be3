package io.paddock.marathon.core.model;

import java.time.Instant;
import java.util.List;

/**
 * A node of the tree that holds apps and groups: what a user set on it. Apps and child groups are found by their ids.
 *
 * @param dependencies apps and groups whose changes come before those of every app in here
 * @param enforceRole whether apps in here must use the top-level group's name as role
 * @param version when anything in it last changed
 */
public record Group(PathId id, List<PathId> dependencies, boolean enforceRole, Instant version) {
    public Group {
        dependencies = List.copyOf(dependencies);
    }

    public static Group empty(PathId id, Instant version) {
        return new Group(id, List.of(), false, version);
    }

    public Group at(Instant newVersion) {
        return new Group(id, dependencies, enforceRole, newVersion);
    }
}
