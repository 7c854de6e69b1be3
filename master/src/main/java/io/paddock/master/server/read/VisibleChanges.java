package io.paddock.master.server.read;

import io.paddock.common.authorization.Acls;
import io.paddock.master.core.snapshot.ClusterChange;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.proto.v1.FrameworkInfo;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The changes a principal may see, by the rules in force when each happens. Has to be told every change, since a task is seen
 * through its framework. Owned by its stream.
 */
final class VisibleChanges {
    private final Viewers viewers;
    private final Optional<String> principal;
    private final Map<String, FrameworkInfo> frameworks = new HashMap<>();

    VisibleChanges(Viewers viewers, Optional<String> principal) {
        this.viewers = viewers;
        this.principal = principal;
    }

    /** The state before the first change; answers the part that may be seen. */
    ClusterSnapshot start(ClusterSnapshot all) {
        Stream.concat(all.frameworks().stream(), all.completedFrameworks().stream())
                .forEach(framework -> frameworks.put(framework.id(), framework.info()));
        return viewers.visible(principal, all);
    }

    /** The change as it may be seen, if it may. */
    Optional<ClusterChange> next(ClusterChange change) {
        if (change instanceof ClusterChange.TaskRefused) {
            return Optional.empty();
        }
        if (change instanceof ClusterChange.FrameworkAdded added) {
            frameworks.put(added.framework().id(), added.framework().info());
        }
        Acls rules = viewers.acls();
        Optional<ClusterChange> seen = Visibility.isEverything(rules)
                ? Optional.of(change)
                : seen(new Visibility(rules, principal.orElse(null)), change);
        if (change instanceof ClusterChange.FrameworkRemoved removed) {
            frameworks.remove(removed.framework().id());
        }
        return seen;
    }

    private Optional<ClusterChange> seen(Visibility visibility, ClusterChange change) {
        if (change instanceof ClusterChange.AgentAdded added) {
            return Optional.of(new ClusterChange.AgentAdded(visibility.of(added.agent(), frameworks)));
        }
        if (change instanceof ClusterChange.FrameworkAdded added) {
            return only(
                    visibility.framework(added.framework().info()),
                    () -> new ClusterChange.FrameworkAdded(visibility.of(added.framework())));
        }
        if (change instanceof ClusterChange.FrameworkUpdated updated) {
            return only(
                    visibility.framework(updated.framework().info()),
                    () -> new ClusterChange.FrameworkUpdated(visibility.of(updated.framework())));
        }
        if (change instanceof ClusterChange.FrameworkRemoved removed) {
            return only(
                    visibility.framework(removed.framework().info()),
                    () -> new ClusterChange.FrameworkRemoved(visibility.of(removed.framework())));
        }
        if (change instanceof ClusterChange.TaskAdded added) {
            return only(visibility.task(known(added.task().getFrameworkId().getValue()), added.task()), () -> added);
        }
        if (change instanceof ClusterChange.TaskUpdated updated) {
            return only(visibility.task(known(updated.frameworkId()), updated.user()), () -> updated);
        }
        return Optional.of(change);
    }

    private @Nullable FrameworkInfo known(String frameworkId) {
        return frameworks.get(frameworkId);
    }

    private static Optional<ClusterChange> only(boolean seen, java.util.function.Supplier<ClusterChange> change) {
        return seen ? Optional.of(change.get()) : Optional.empty();
    }
}
