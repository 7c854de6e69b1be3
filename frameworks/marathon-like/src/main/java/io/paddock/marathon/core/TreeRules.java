package io.paddock.marathon.core;

import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Group;
import io.paddock.marathon.core.model.PathId;
import java.util.Optional;
import java.util.SortedSet;

/** What must hold between a changed part of the tree and the rest of it. */
final class TreeRules {
    private TreeRules() {}

    static Optional<Refusal> check(State state, RootChange change) {
        for (App app : change.puts().values()) {
            Optional<Refusal> refusal = check(state, change, app);
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        for (Group group : change.groups().values()) {
            if (isApp(state, change, group.id())) {
                return Optional.of(Refusal.invalid("/id", "an app with the path " + group.id() + " already exists"));
            }
        }
        return Optional.empty();
    }

    private static Optional<Refusal> check(State state, RootChange change, App app) {
        if (isGroup(state, change, app.id())) {
            return Optional.of(Refusal.invalid("/id", "a group with the path " + app.id() + " already exists"));
        }
        for (PathId above = app.id().parent(); !above.isRoot(); above = above.parent()) {
            if (isApp(state, change, above)) {
                return Optional.of(Refusal.invalid(
                        "/id", app.id() + " cannot be below " + above + ", which is an app and not a group"));
            }
        }
        return checkRole(state, change, app);
    }

    private static Optional<Refusal> checkRole(State state, RootChange change, App app) {
        PathId top = new PathId("/" + app.id().top());
        Group group = change.groups().getOrDefault(top, state.groups().get(top));
        String role = app.placement().role();
        if (group != null && group.enforceRole() && !app.id().equals(top) && !role.equals(top.lastSegment())) {
            return Optional.of(Refusal.invalid(
                    "/role",
                    "is '" + role + "', but the group " + top + " enforces the role '" + top.lastSegment() + "'"));
        }
        return Optional.empty();
    }

    private static boolean isApp(State state, RootChange change, PathId id) {
        return change.puts().containsKey(id)
                || (state.apps().containsKey(id) && !change.removed().contains(id));
    }

    /** Groups that hold nothing give way to an app of the same name only when they are removed by the change. */
    private static boolean isGroup(State state, RootChange change, PathId id) {
        if (change.groups().containsKey(id)) {
            return true;
        }
        SortedSet<PathId> inside = state.appsIn(id);
        inside.removeAll(change.removed());
        boolean known =
                state.groups().containsKey(id) && !change.removedGroups().contains(id);
        return known || !inside.isEmpty();
    }
}
