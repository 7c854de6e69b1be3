package io.paddock.marathon.core;

import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Group;
import io.paddock.marathon.core.model.PathId;
import io.paddock.marathon.core.model.Stamp;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Puts together what an update of a group means for the apps and groups below it. */
final class GroupUpdates {
    private final State state;
    private final RootChange change;

    GroupUpdates(State state, RootChange change) {
        this.state = state;
        this.change = change;
    }

    /** Adds the update to the change, or says what is wrong with it. */
    Optional<Refusal> apply(GroupUpdate update) {
        if (update.version() != null) {
            return revert(update.id(), update.version());
        }
        if (update.scaleBy() != null) {
            return scale(update.id(), update.scaleBy());
        }
        Group before = state.groups().get(update.id());
        boolean topLevel = !update.id().isRoot() && update.id().parent().isRoot();
        if (update.enforceRole() != null && !topLevel) {
            return Optional.of(Refusal.invalid("/enforceRole", "can only be set on a top-level group"));
        }
        List<PathId> dependencies = update.dependencies() != null
                ? update.dependencies()
                : before == null ? List.of() : before.dependencies();
        boolean enforce = update.enforceRole() != null ? update.enforceRole() : before != null && before.enforceRole();
        Group after = new Group(update.id(), dependencies, enforce, before == null ? Instant.EPOCH : before.version());
        if (before == null || !after.equals(before)) {
            change.put(after);
        }
        if (update.apps() != null) {
            replaceApps(update.id(), update.apps());
        }
        return update.groups() == null ? Optional.empty() : replaceGroups(update.id(), update.groups());
    }

    /** Adds the removal of a group with all that is in it; of the root only what is in it. */
    void remove(PathId group) {
        state.appsIn(group).forEach(change::remove);
        for (PathId id : state.groups().keySet()) {
            if (!id.isRoot() && id.isWithin(group)) {
                change.removeGroup(id);
            }
        }
    }

    private void replaceApps(PathId group, List<App> apps) {
        Set<PathId> kept = new HashSet<>();
        for (App app : apps) {
            change.put(app);
            kept.add(app.id());
        }
        for (PathId id : state.appsIn(group)) {
            if (id.parent().equals(group) && !kept.contains(id)) {
                change.remove(id);
            }
        }
    }

    private Optional<Refusal> replaceGroups(PathId group, List<GroupUpdate> groups) {
        Set<PathId> kept = new HashSet<>();
        groups.forEach(g -> kept.add(g.id()));
        for (PathId id : state.groups().keySet()) {
            if (!id.isRoot() && id.parent().equals(group) && !kept.contains(id)) {
                remove(id);
            }
        }
        for (GroupUpdate inner : groups) {
            Optional<Refusal> refusal = apply(inner);
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        return Optional.empty();
    }

    private Optional<Refusal> scale(PathId group, double factor) {
        if (!state.groups().containsKey(group)) {
            return Optional.of(
                    Refusal.of(io.paddock.common.Rejection.notFound("Group '" + group + "' does not exist")));
        }
        for (PathId id : state.appsIn(group)) {
            App app = state.apps().get(id);
            if (app != null) {
                change.put(app.withInstances((int) Math.ceil(app.instances() * factor - 1e-9)));
            }
        }
        return Optional.empty();
    }

    /** Every app below goes back to the definition that was in effect then; apps made later go. */
    private Optional<Refusal> revert(PathId group, Instant version) {
        boolean any = false;
        for (PathId id : state.appsIn(group)) {
            AppEntry entry = state.entry(id);
            Map.Entry<Instant, App> then =
                    entry == null ? null : entry.versions().floorEntry(version);
            if (then == null) {
                change.remove(id);
            } else {
                any = true;
                change.put(then.getValue());
            }
        }
        return any
                ? Optional.empty()
                : Optional.of(Refusal.unprocessable(
                        "Group " + group + " has no app with a version at or before " + Stamp.format(version)));
    }
}
