package io.paddock.marathon.core;

import io.paddock.marathon.core.deploy.Action;
import io.paddock.marathon.core.deploy.Deployment;
import io.paddock.marathon.core.instance.Condition;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Checks.HealthCheck;
import io.paddock.marathon.core.model.PathId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Something watchers of the event stream are told. The wire names are in each comment. */
public sealed interface Notice {
    <R> R handle(Handler<R> handler);

    /** One method for each kind of notice. */
    interface Handler<R> {
        R appPosted(AppPosted n);

        R registered(Registered n);

        R disconnected(Disconnected n);

        R healthCheckAdded(HealthCheckAdded n);

        R healthCheckRemoved(HealthCheckRemoved n);

        R healthCheckFailed(HealthCheckFailed n);

        R healthChanged(HealthChanged n);

        R unhealthyKilled(UnhealthyKilled n);

        R groupChanged(GroupChanged n);

        R stepBegan(StepBegan n);

        R stepSucceeded(StepSucceeded n);

        R deploymentSucceeded(DeploymentSucceeded n);

        R deploymentFailed(DeploymentFailed n);

        R appTerminated(AppTerminated n);

        R statusUpdated(StatusUpdated n);

        R instanceMoved(InstanceMoved n);

        R unknownInstanceTerminated(UnknownInstanceTerminated n);

        R frameworkMessage(FrameworkMessage n);
    }

    /** {@code api_post_event}: an app was created or changed. */
    record AppPosted(MarathonEvent.Origin origin, App app) implements Notice {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.appPosted(this);
        }
    }

    /** {@code scheduler_registered_event} or {@code scheduler_reregistered_event}. */
    record Registered(String frameworkId, String master, boolean again) implements Notice {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.registered(this);
        }
    }

    /** {@code scheduler_disconnected_event}. */
    record Disconnected() implements Notice {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.disconnected(this);
        }
    }

    /** {@code add_health_check_event}. */
    record HealthCheckAdded(PathId app, Instant version, HealthCheck check) implements Notice {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.healthCheckAdded(this);
        }
    }

    /** {@code remove_health_check_event}. */
    record HealthCheckRemoved(PathId app) implements Notice {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.healthCheckRemoved(this);
        }
    }

    /** {@code failed_health_check_event}. */
    record HealthCheckFailed(PathId app, String instanceId, HealthCheck check) implements Notice {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.healthCheckFailed(this);
        }
    }

    /** {@code health_status_changed_event} and {@code instance_health_changed_event}. */
    record HealthChanged(Instance instance, @Nullable Boolean healthy) implements Notice {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.healthChanged(this);
        }
    }

    /** {@code unhealthy_instance_kill_event}. */
    record UnhealthyKilled(Instance instance, String reason) implements Notice {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.unhealthyKilled(this);
        }
    }

    /** {@code group_change_success}. */
    record GroupChanged(PathId group, Instant version) implements Notice {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.groupChanged(this);
        }
    }

    /** {@code deployment_info}: a step begins. */
    record StepBegan(Deployment deployment) implements Notice {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.stepBegan(this);
        }
    }

    /** {@code deployment_step_success}. */
    record StepSucceeded(Deployment deployment, List<Action> step) implements Notice {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.stepSucceeded(this);
        }
    }

    /** {@code deployment_success}. */
    record DeploymentSucceeded(Deployment deployment) implements Notice {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.deploymentSucceeded(this);
        }
    }

    /** {@code deployment_failed}: it was cancelled or taken over. */
    record DeploymentFailed(Deployment deployment, String reason) implements Notice {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.deploymentFailed(this);
        }
    }

    /** {@code app_terminated_event}. */
    record AppTerminated(PathId app) implements Notice {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.appTerminated(this);
        }
    }

    /** {@code status_update_event}. */
    record StatusUpdated(Instance instance, String taskId, String taskStatus, String message) implements Notice {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.statusUpdated(this);
        }
    }

    /** {@code instance_changed_event}. */
    record InstanceMoved(Instance instance, Condition condition) implements Notice {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.instanceMoved(this);
        }
    }

    /** {@code unknown_instance_terminated_event}. */
    record UnknownInstanceTerminated(String instanceId, String taskId, Condition condition) implements Notice {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.unknownInstanceTerminated(this);
        }
    }

    /** {@code framework_message_event}. */
    record FrameworkMessage(String executorId, String agentId, String message) implements Notice {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.frameworkMessage(this);
        }
    }
}
