package io.paddock.marathon.core;

import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.PathId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a user wants changed. Definitions are complete and have passed {@code rules}; their versions are ignored. With
 * {@code force} a change takes over apps that another deployment holds.
 */
public sealed interface Request {
    <R> R handle(Handler<R> handler);

    /** One method for each kind of request. */
    interface Handler<R> {
        R createApp(CreateApp r);

        R changeApps(ChangeApps r);

        R restartApp(RestartApp r);

        R deleteApp(DeleteApp r);

        R changeGroup(ChangeGroup r);

        R deleteGroup(DeleteGroup r);

        R setEnforceRole(SetEnforceRole r);

        R killTasks(KillTasks r);

        R cancelDeployment(CancelDeployment r);

        R resetDelay(ResetDelay r);

        R look(Look r);
    }

    record CreateApp(App app, boolean force) implements Request {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.createApp(this);
        }
    }

    /**
     * New definitions, of apps there are or are not.
     *
     * @param changes each with the version it was made from; refused as stale when that is not the current one any more
     */
    record ChangeApps(List<Change> changes, boolean force) implements Request {
        /**
         * One of them.
         *
         * @param basedOn the version of the definition it was made from; absent when there was none
         */
        public record Change(App app, @Nullable Instant basedOn) {}

        public ChangeApps {
            changes = List.copyOf(changes);
        }

        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.changeApps(this);
        }
    }

    /** All instances are replaced though nothing changed. */
    record RestartApp(PathId app, boolean force) implements Request {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.restartApp(this);
        }
    }

    record DeleteApp(PathId app, boolean force) implements Request {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.deleteApp(this);
        }
    }

    /**
     * A change of a part of the tree.
     *
     * @param mustBeNew whether an existing group is a conflict
     * @param dryRun whether only the plan is wanted
     */
    record ChangeGroup(GroupUpdate update, boolean mustBeNew, boolean force, boolean dryRun) implements Request {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.changeGroup(this);
        }
    }

    record DeleteGroup(PathId group, boolean force) implements Request {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.deleteGroup(this);
        }
    }

    record SetEnforceRole(PathId group, boolean enforceRole) implements Request {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.setEnforceRole(this);
        }
    }

    /**
     * Tasks end.
     *
     * @param instanceIds which; unknown ones are ignored
     * @param scale whether the apps get smaller, or the instances are started again
     * @param wipe whether the instances are given up instead of started again
     */
    record KillTasks(List<String> instanceIds, boolean scale, boolean wipe, boolean force) implements Request {
        public KillTasks {
            instanceIds = List.copyOf(instanceIds);
        }

        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.killTasks(this);
        }
    }

    /** Without force a deployment that undoes it is started; with force it just ends where it is. */
    record CancelDeployment(String deploymentId, boolean force) implements Request {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.cancelDeployment(this);
        }
    }

    /** The app's next launch does not wait any longer. */
    record ResetDelay(PathId app) implements Request {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.resetDelay(this);
        }
    }

    /** Nothing is to be changed; what there is, and is durable, is to be seen. */
    record Look() implements Request {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.look(this);
        }
    }
}
