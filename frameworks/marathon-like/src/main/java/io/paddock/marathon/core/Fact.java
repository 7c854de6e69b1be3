package io.paddock.marathon.core;

import io.paddock.marathon.core.deploy.Deployment;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Group;
import io.paddock.marathon.core.model.PathId;
import java.time.Instant;

/**
 *
 * One durable change. The state of marathon is what comes of applying all of them; after a restart the store gives back
 * the ones that put something, and applying those gives the same state.
 */
public sealed interface Fact {
    <R> R handle(Handler<R> handler);

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
    }

    /** The master has removed us; the next subscription is a new framework. */
    record FrameworkForgotten() implements Fact {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.frameworkForgotten(this);
        }
    }

    /** A version of an app's definition; the newest one is in effect. */
    record AppDefined(App app) implements Fact {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.appDefined(this);
        }
    }

    /** An old version nobody needs. */
    record AppVersionDropped(PathId app, Instant version) implements Fact {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.appVersionDropped(this);
        }
    }

    /** An app and all its versions; its instances are still to end. */
    record AppRemoved(PathId app) implements Fact {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.appRemoved(this);
        }
    }

    record GroupDefined(Group group) implements Fact {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.groupDefined(this);
        }
    }

    record GroupRemoved(PathId group) implements Fact {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.groupRemoved(this);
        }
    }

    record InstanceChanged(Instance instance) implements Fact {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.instanceChanged(this);
        }
    }

    record InstanceForgotten(PathId app, String instanceId) implements Fact {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.instanceForgotten(this);
        }
    }

    record DeploymentChanged(Deployment deployment) implements Fact {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.deploymentChanged(this);
        }
    }

    record DeploymentEnded(String deploymentId) implements Fact {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.deploymentEnded(this);
        }
    }

    /** The last failure of an app. */
    record TaskFailed(TaskFailure failure) implements Fact {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.taskFailed(this);
        }
    }
}
