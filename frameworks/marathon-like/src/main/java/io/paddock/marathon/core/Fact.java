package io.paddock.marathon.core;

import io.paddock.marathon.core.deploy.Deployment;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Group;
import io.paddock.marathon.core.model.PathId;
import io.paddock.marathon.core.model.Stamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 *
 * One durable change. The state of marathon is what comes of applying all of them; after a restart the store gives back
 * the ones that put something, and applying those gives the same state.
 */
public sealed interface Fact {
    <R> R handle(Handler<R> handler);

    /** The keys it is stored under ({@code collection/name}): one for a fact that puts something. */
    List<String> keys();

    /** Whether it takes away what is at its keys, instead of being put there. */
    default boolean takesAway() {
        return false;
    }

    /** One method for each kind of record. */
    interface Handler<R> {
        R frameworkRegistered(FrameworkRegistered r);

        R frameworkForgotten(FrameworkForgotten r);

        R appDefined(AppDefined r);

        R appVersionDropped(AppVersionDropped r);

        R appRemoved(AppRemoved r);

        R groupDefined(GroupDefined r);

        R groupRemoved(GroupRemoved r);

        R instanceChanged(InstanceChanged r);

        R instanceForgotten(InstanceForgotten r);

        R deploymentChanged(DeploymentChanged r);

        R deploymentEnded(DeploymentEnded r);

        R taskFailed(TaskFailed r);
    }

    /** The master knows us by this id. */
    record FrameworkRegistered(String frameworkId) implements Fact {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.frameworkRegistered(this);
        }

        @Override
        public List<String> keys() {
            return List.of("framework/id");
        }
    }

    /** The master has removed us; the next subscription is a new framework. */
    record FrameworkForgotten() implements Fact {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.frameworkForgotten(this);
        }

        @Override
        public List<String> keys() {
            return List.of("framework/id");
        }

        @Override
        public boolean takesAway() {
            return true;
        }
    }

    /** A version of an app's definition; the newest one is in effect. */
    record AppDefined(App app) implements Fact {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.appDefined(this);
        }

        @Override
        public List<String> keys() {
            return List.of(appKey(app.id(), app.version()));
        }
    }

    /** An old version nobody needs. */
    record AppVersionDropped(PathId app, Instant version) implements Fact {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.appVersionDropped(this);
        }

        @Override
        public List<String> keys() {
            return List.of(appKey(app, version));
        }

        @Override
        public boolean takesAway() {
            return true;
        }
    }

    /** An app and all its versions; its instances are still to end. */
    record AppRemoved(PathId app, List<Instant> versions) implements Fact {
        public AppRemoved {
            versions = List.copyOf(versions);
        }

        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.appRemoved(this);
        }

        @Override
        public List<String> keys() {
            List<String> keys = new ArrayList<>();
            versions.forEach(version -> keys.add(appKey(app, version)));
            keys.add("failure/" + app);
            return keys;
        }

        @Override
        public boolean takesAway() {
            return true;
        }
    }

    record GroupDefined(Group group) implements Fact {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.groupDefined(this);
        }

        @Override
        public List<String> keys() {
            return List.of("group/" + group.id());
        }
    }

    record GroupRemoved(PathId group) implements Fact {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.groupRemoved(this);
        }

        @Override
        public List<String> keys() {
            return List.of("group/" + group);
        }

        @Override
        public boolean takesAway() {
            return true;
        }
    }

    record InstanceChanged(Instance instance) implements Fact {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.instanceChanged(this);
        }

        @Override
        public List<String> keys() {
            return List.of("instance/" + instance.id());
        }
    }

    record InstanceForgotten(PathId app, String instanceId) implements Fact {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.instanceForgotten(this);
        }

        @Override
        public List<String> keys() {
            return List.of("instance/" + instanceId);
        }

        @Override
        public boolean takesAway() {
            return true;
        }
    }

    record DeploymentChanged(Deployment deployment) implements Fact {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.deploymentChanged(this);
        }

        @Override
        public List<String> keys() {
            return List.of("deployment/" + deployment.id());
        }
    }

    record DeploymentEnded(String deploymentId) implements Fact {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.deploymentEnded(this);
        }

        @Override
        public List<String> keys() {
            return List.of("deployment/" + deploymentId);
        }

        @Override
        public boolean takesAway() {
            return true;
        }
    }

    /** The last failure of an app. */
    record TaskFailed(TaskFailure failure) implements Fact {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.taskFailed(this);
        }

        @Override
        public List<String> keys() {
            return List.of("failure/" + failure.app());
        }
    }

    private static String appKey(PathId app, Instant version) {
        return "app/" + app + "/" + Stamp.format(version);
    }
}
