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
    /** {@code api_post_event}: an app was created or changed. */
    record AppPosted(MarathonEvent.Origin origin, App app) implements Notice {}

    /** {@code scheduler_registered_event} or {@code scheduler_reregistered_event}. */
    record Registered(String frameworkId, String master, boolean again) implements Notice {}

    /** {@code scheduler_disconnected_event}. */
    record Disconnected() implements Notice {}

    /** {@code add_health_check_event}. */
    record HealthCheckAdded(PathId app, Instant version, HealthCheck check) implements Notice {}

    /** {@code remove_health_check_event}. */
    record HealthCheckRemoved(PathId app) implements Notice {}

    /** {@code failed_health_check_event}. */
    record HealthCheckFailed(PathId app, String instanceId, HealthCheck check) implements Notice {}

    /** {@code health_status_changed_event} and {@code instance_health_changed_event}. */
    record HealthChanged(Instance instance, @Nullable Boolean healthy) implements Notice {}

    /** {@code unhealthy_instance_kill_event}. */
    record UnhealthyKilled(Instance instance, String reason) implements Notice {}

    /** {@code group_change_success}. */
    record GroupChanged(PathId group, Instant version) implements Notice {}

    /** {@code deployment_info}: a step begins. */
    record StepBegan(Deployment deployment) implements Notice {}

    /** {@code deployment_step_success}. */
    record StepSucceeded(Deployment deployment, List<Action> step) implements Notice {}

    /** {@code deployment_success}. */
    record DeploymentSucceeded(Deployment deployment) implements Notice {}

    /** {@code deployment_failed}: it was cancelled or taken over. */
    record DeploymentFailed(Deployment deployment, String reason) implements Notice {}

    /** {@code app_terminated_event}. */
    record AppTerminated(PathId app) implements Notice {}

    /** {@code status_update_event}. */
    record StatusUpdated(Instance instance, String taskId, String taskStatus, String message) implements Notice {}

    /** {@code instance_changed_event}. */
    record InstanceMoved(Instance instance, Condition condition) implements Notice {}

    /** {@code unknown_instance_terminated_event}. */
    record UnknownInstanceTerminated(String instanceId, String taskId, Condition condition) implements Notice {}

    /** {@code framework_message_event}. */
    record FrameworkMessage(String executorId, String agentId, String message) implements Notice {}
}
