package io.paddock.marathon.core;

import io.paddock.marathon.core.deploy.Deployment;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Group;
import io.paddock.marathon.core.model.PathId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What readers may know at one moment. Never changed after it was made; the parts are shared with later views.
 *
 * @param apps by id, with deleted ones whose instances are still ending
 * @param groups by id, always with the root
 * @param deployments by id, oldest first
 * @param locks the deployment that holds an app
 * @param frameworkId as the master knows us; absent before the first subscription
 * @param connected whether there is a subscription
 */
public record MarathonView(
        NavigableMap<PathId, AppView> apps,
        NavigableMap<PathId, Group> groups,
        LinkedHashMap<String, Deployment> deployments,
        TreeMap<PathId, String> locks,
        @Nullable String frameworkId,
        boolean connected) {

    /** The app, if there is one with a definition. */
    public Optional<AppView> app(PathId id) {
        return Optional.ofNullable(apps.get(id)).filter(a -> a.current() != null);
    }

    /** The definition in effect, if there is one. */
    public Optional<App> definition(PathId id) {
        return app(id).map(AppView::current);
    }

    /** The apps with a definition below a group, in order of their ids. */
    public List<AppView> appsIn(PathId group) {
        String prefix = group.isRoot() ? "/" : group + "/";
        return apps.tailMap(new PathId(prefix), true).values().stream()
                .takeWhile(a -> a.id().text().startsWith(prefix))
                .filter(a -> a.current() != null)
                .toList();
    }
}
