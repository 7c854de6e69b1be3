package io.paddock.client.core;

import com.google.protobuf.ByteString;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.Filters;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.KillPolicy;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OfferID;
import io.paddock.proto.v1.OperationStatus;
import io.paddock.proto.v1.Request;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The calls of the v1 scheduler API, put together. None carries a framework id: the connection fills in its own when it
 * sends a call.
 */
public final class Calls {
    private Calls() {}

    /** Subscribes; a framework that has an id says so in both places the API wants it. */
    public static Call subscribe(FrameworkInfo framework, Collection<String> suppressedRoles) {
        Call.Builder call = Call.newBuilder()
                .setType(Call.Type.SUBSCRIBE)
                .setSubscribe(
                        Call.Subscribe.newBuilder().setFrameworkInfo(framework).addAllSuppressedRoles(suppressedRoles));
        if (framework.hasId()) {
            call.setFrameworkId(framework.getId());
        }
        return call.build();
    }

    public static Call teardown() {
        return Call.newBuilder().setType(Call.Type.TEARDOWN).build();
    }

    /** Uses offers of one agent and one role; what the operations leave over is declined for {@code refuse}. */
    public static Call accept(List<OfferID> offers, List<Offer.Operation> operations, @Nullable Duration refuse) {
        Call.Accept.Builder accept =
                Call.Accept.newBuilder().addAllOfferIds(offers).addAllOperations(operations);
        if (refuse != null) {
            accept.setFilters(refuseFor(refuse));
        }
        return Call.newBuilder().setType(Call.Type.ACCEPT).setAccept(accept).build();
    }

    /** Launches tasks on one offer. */
    public static Call launch(OfferID offer, List<TaskInfo> tasks, @Nullable Duration refuse) {
        return accept(List.of(offer), List.of(launchOperation(tasks)), refuse);
    }

    public static Offer.Operation launchOperation(List<TaskInfo> tasks) {
        return Offer.Operation.newBuilder()
                .setType(Offer.Operation.Type.LAUNCH)
                .setLaunch(Offer.Operation.Launch.newBuilder().addAllTaskInfos(tasks))
                .build();
    }

    /** Gives offers back; their resources are not offered again for {@code refuse}. */
    public static Call decline(List<OfferID> offers, Duration refuse) {
        return Call.newBuilder()
                .setType(Call.Type.DECLINE)
                .setDecline(Call.Decline.newBuilder().addAllOfferIds(offers).setFilters(refuseFor(refuse)))
                .build();
    }

    public static Call acceptInverseOffers(List<OfferID> inverseOffers, Duration refuse) {
        return Call.newBuilder()
                .setType(Call.Type.ACCEPT_INVERSE_OFFERS)
                .setAcceptInverseOffers(Call.AcceptInverseOffers.newBuilder()
                        .addAllInverseOfferIds(inverseOffers)
                        .setFilters(refuseFor(refuse)))
                .build();
    }

    public static Call declineInverseOffers(List<OfferID> inverseOffers, Duration refuse) {
        return Call.newBuilder()
                .setType(Call.Type.DECLINE_INVERSE_OFFERS)
                .setDeclineInverseOffers(Call.DeclineInverseOffers.newBuilder()
                        .addAllInverseOfferIds(inverseOffers)
                        .setFilters(refuseFor(refuse)))
                .build();
    }

    /** Asks for offers again, forgetting all refusals; no roles means all roles. */
    public static Call revive(Collection<String> roles) {
        return Call.newBuilder()
                .setType(Call.Type.REVIVE)
                .setRevive(Call.Revive.newBuilder().addAllRoles(roles))
                .build();
    }

    /** Asks for no more offers; no roles means all roles. */
    public static Call suppress(Collection<String> roles) {
        return Call.newBuilder()
                .setType(Call.Type.SUPPRESS)
                .setSuppress(Call.Suppress.newBuilder().addAllRoles(roles))
                .build();
    }

    /** Kills a task; without a policy the task's own decides the grace period. */
    public static Call kill(TaskID task, @Nullable AgentID agent, @Nullable KillPolicy policy) {
        Call.Kill.Builder kill = Call.Kill.newBuilder().setTaskId(task);
        if (agent != null) {
            kill.setAgentId(agent);
        }
        if (policy != null) {
            kill.setKillPolicy(policy);
        }
        return Call.newBuilder().setType(Call.Type.KILL).setKill(kill).build();
    }

    public static Call shutdown(ExecutorID executor, AgentID agent) {
        return Call.newBuilder()
                .setType(Call.Type.SHUTDOWN)
                .setShutdown(Call.Shutdown.newBuilder().setExecutorId(executor).setAgentId(agent))
                .build();
    }

    /**
     * Whether a status wants to be acknowledged: only those that somebody will send again do, and they carry a uuid. Those
     * the master makes itself do not.
     */
    public static boolean wantsAcknowledgement(TaskStatus status) {
        return status.hasUuid() && !status.getUuid().isEmpty() && status.hasAgentId();
    }

    /**
     * Acknowledges a status.
     *
     * @throws IllegalArgumentException when it does not {@linkplain #wantsAcknowledgement want} that
     */
    public static Call acknowledge(TaskStatus status) {
        if (!wantsAcknowledgement(status)) {
            throw new IllegalArgumentException("status " + status.getState() + " of task "
                    + status.getTaskId().getValue() + " carries no uuid or no agent: it must not be acknowledged");
        }
        return Call.newBuilder()
                .setType(Call.Type.ACKNOWLEDGE)
                .setAcknowledge(Call.Acknowledge.newBuilder()
                        .setAgentId(status.getAgentId())
                        .setTaskId(status.getTaskId())
                        .setUuid(status.getUuid()))
                .build();
    }

    public static boolean wantsAcknowledgement(OperationStatus status) {
        return status.hasUuid() && status.hasOperationId();
    }

    /**
     * Acknowledges an operation's status.
     *
     * @throws IllegalArgumentException when it does not {@linkplain #wantsAcknowledgement want} that
     */
    public static Call acknowledge(OperationStatus status) {
        if (!wantsAcknowledgement(status)) {
            throw new IllegalArgumentException("operation status " + status.getState()
                    + " carries no uuid or no operation id: it must not be acknowledged");
        }
        Call.AcknowledgeOperationStatus.Builder acknowledge = Call.AcknowledgeOperationStatus.newBuilder()
                .setUuid(status.getUuid().getValue())
                .setOperationId(status.getOperationId());
        if (status.hasAgentId()) {
            acknowledge.setAgentId(status.getAgentId());
        }
        if (status.hasResourceProviderId()) {
            acknowledge.setResourceProviderId(status.getResourceProviderId());
        }
        return Call.newBuilder()
                .setType(Call.Type.ACKNOWLEDGE_OPERATION_STATUS)
                .setAcknowledgeOperationStatus(acknowledge)
                .build();
    }

    /** Asks for the latest status of tasks; none means all tasks the master knows of. */
    public static Call reconcile(Map<TaskID, @Nullable AgentID> tasks) {
        Call.Reconcile.Builder reconcile = Call.Reconcile.newBuilder();
        tasks.forEach((task, agent) -> {
            Call.Reconcile.Task.Builder entry = reconcile.addTasksBuilder().setTaskId(task);
            if (agent != null) {
                entry.setAgentId(agent);
            }
        });
        return Call.newBuilder()
                .setType(Call.Type.RECONCILE)
                .setReconcile(reconcile)
                .build();
    }

    /** Asks for the latest status of operations; none means all. */
    public static Call reconcileOperations(List<Call.ReconcileOperations.Operation> operations) {
        return Call.newBuilder()
                .setType(Call.Type.RECONCILE_OPERATIONS)
                .setReconcileOperations(Call.ReconcileOperations.newBuilder().addAllOperations(operations))
                .build();
    }

    public static Call message(AgentID agent, ExecutorID executor, ByteString data) {
        return Call.newBuilder()
                .setType(Call.Type.MESSAGE)
                .setMessage(Call.Message.newBuilder()
                        .setAgentId(agent)
                        .setExecutorId(executor)
                        .setData(data))
                .build();
    }

    public static Call request(List<Request> requests) {
        return Call.newBuilder()
                .setType(Call.Type.REQUEST)
                .setRequest(Call.Request.newBuilder().addAllRequests(requests))
                .build();
    }

    /** Changes what may be changed of a framework while it is subscribed; replaces the set of suppressed roles. */
    public static Call updateFramework(FrameworkInfo framework, Collection<String> suppressedRoles) {
        return Call.newBuilder()
                .setType(Call.Type.UPDATE_FRAMEWORK)
                .setUpdateFramework(Call.UpdateFramework.newBuilder()
                        .setFrameworkInfo(framework)
                        .addAllSuppressedRoles(suppressedRoles))
                .build();
    }

    private static Filters refuseFor(Duration refuse) {
        return Filters.newBuilder().setRefuseSeconds(refuse.toMillis() / 1000.0).build();
    }
}
