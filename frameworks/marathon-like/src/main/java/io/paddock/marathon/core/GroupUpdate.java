package io.paddock.marathon.core;

import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.PathId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a user wants of a group. What is absent stays as it is.
 *
 * @param apps all apps directly in it: those missing from the list are deleted
 * @param groups all groups directly in it: those missing from the list are deleted
 * @param scaleBy multiplies the instances of every app below, rounded up; nothing else may be given
 * @param version the group goes back to what it was then; nothing else may be given
 */
public record GroupUpdate(
        PathId id,
        @Nullable List<App> apps,
        @Nullable List<GroupUpdate> groups,
        @Nullable List<PathId> dependencies,
        @Nullable Double scaleBy,
        @Nullable Instant version,
        @Nullable Boolean enforceRole) {
    public GroupUpdate {
        apps = apps == null ? null : List.copyOf(apps);
        groups = groups == null ? null : List.copyOf(groups);
        dependencies = dependencies == null ? null : List.copyOf(dependencies);
    }
}
