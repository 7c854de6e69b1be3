package io.paddock.master.core;

import io.paddock.common.Rejection;
import io.paddock.master.core.MasterEvent.OperatorCalled;
import io.paddock.master.core.registry.RegistryRecord.DeactivateAgent;
import io.paddock.master.core.registry.RegistryRecord.ReactivateAgent;
import io.paddock.proto.registry.AgentRecord;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.DrainConfig;
import io.paddock.proto.v1.DrainInfo;
import io.paddock.proto.v1.DrainState;
import io.paddock.proto.v1.master.Call;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The changes an operator can ask for. Each is durable before it is answered; a rejected one changes nothing. */
final class OperatorCalls {
    private final Cluster cluster;
    private final RegistryWriter registry;
    private final Outbox outbox;
    private final Offers offers;
    private final OperatorOperations operations;
    private final FrameworkRemoval frameworkRemoval;
    private final AgentRemoval agentRemoval;
    private final Draining draining;
    private final Quotas quotas;
    private final Weights weights;
    private final Maintenance maintenance;

    OperatorCalls(
            Cluster cluster,
            RegistryWriter registry,
            Outbox outbox,
            Offers offers,
            OperatorOperations operations,
            FrameworkRemoval frameworkRemoval,
            AgentRemoval agentRemoval,
            Draining draining,
            Quotas quotas,
            Weights weights,
            Maintenance maintenance) {
        this.cluster = cluster;
        this.registry = registry;
        this.outbox = outbox;
        this.offers = offers;
        this.operations = operations;
        this.frameworkRemoval = frameworkRemoval;
        this.agentRemoval = agentRemoval;
        this.draining = draining;
        this.quotas = quotas;
        this.weights = weights;
        this.maintenance = maintenance;
    }

    void called(Instant now, OperatorCalled event) {
        try {
            route(now, event.request(), event.principal(), event.call());
        } catch (RejectedException e) {
            outbox.reject(event.request(), e.rejection());
        }
    }

    @SuppressWarnings("deprecation") // deprecated calls are named in the switch
    private void route(Instant now, String request, @Nullable String principal, Call call) throws RejectedException {
        switch (call.getType()) {
            case TEARDOWN:
                teardown(request, call.getTeardown().getFrameworkId().getValue());
                return;
            case MARK_AGENT_GONE:
                markGone(now, request, call.getMarkAgentGone().getAgentId().getValue());
                return;
            case DRAIN_AGENT:
                drain(now, request, call.getDrainAgent());
                return;
            case DEACTIVATE_AGENT:
                deactivate(now, request, call.getDeactivateAgent().getAgentId().getValue(), null);
                return;
            case REACTIVATE_AGENT:
                reactivate(request, call.getReactivateAgent().getAgentId().getValue());
                return;
            case UPDATE_WEIGHTS:
                weights.update(request, call.getUpdateWeights().getWeightInfosList());
                return;
            case UPDATE_QUOTA:
                require(call.hasUpdateQuota(), "update_quota");
                quotas.update(
                        request,
                        call.getUpdateQuota().getQuotaConfigsList(),
                        call.getUpdateQuota().getForce());
                return;
            case SET_QUOTA:
                require(call.hasSetQuota(), "set_quota");
                quotas.set(request, call.getSetQuota().getQuotaRequest());
                return;
            case REMOVE_QUOTA:
                require(call.hasRemoveQuota(), "remove_quota");
                quotas.remove(request, call.getRemoveQuota().getRole());
                return;
            case UPDATE_MAINTENANCE_SCHEDULE:
                require(call.hasUpdateMaintenanceSchedule(), "update_maintenance_schedule");
                maintenance.updateSchedule(
                        request, call.getUpdateMaintenanceSchedule().getSchedule());
                return;
            case START_MAINTENANCE:
                require(call.hasStartMaintenance(), "start_maintenance");
                maintenance.start(request, call.getStartMaintenance().getMachinesList());
                return;
            case STOP_MAINTENANCE:
                require(call.hasStopMaintenance(), "stop_maintenance");
                maintenance.stop(request, call.getStopMaintenance().getMachinesList());
                return;
            case RESERVE_RESOURCES:
            case UNRESERVE_RESOURCES:
            case CREATE_VOLUMES:
            case DESTROY_VOLUMES:
            case GROW_VOLUME:
            case SHRINK_VOLUME:
                operations.called(now, request, principal, call);
                return;
            default:
                // Reads are answered from snapshots before they come here; what is left is not built.
                throw new RejectedException(
                        Rejection.Code.NOT_SUPPORTED, "call " + call.getType() + " is not supported");
        }
    }

    private static void require(boolean present, String field) throws RejectedException {
        if (!present) {
            throw new RejectedException(Rejection.Code.INVALID, field + ": expecting it to be present");
        }
    }

    private void teardown(String request, String id) throws RejectedException {
        Framework framework = cluster.framework(id);
        if (framework == null) {
            throw new RejectedException(Rejection.Code.INVALID, "No framework found with ID '" + id + "'");
        }
        frameworkRemoval.remove(framework, () -> outbox.done(request));
    }

    private void markGone(Instant now, String request, String id) throws RejectedException {
        AgentRecord record = registry.decided().agent(id);
        if (record == null) {
            throw new RejectedException(Rejection.Code.NOT_FOUND, "Agent '" + id + "' is not known");
        }
        if (agentRemoval.isLeaving(id)) {
            throw new RejectedException(
                    Rejection.Code.UNAVAILABLE, "Agent '" + id + "' is just being removed; try again in a moment");
        }
        if (record.getStanding() == AgentRecord.Standing.GONE) {
            outbox.done(request);
            return;
        }
        agentRemoval.gone(now, id, () -> outbox.done(request));
    }

    private void drain(Instant now, String request, Call.DrainAgent call) throws RejectedException {
        String id = call.getAgentId().getValue();
        DrainConfig.Builder config = DrainConfig.newBuilder().setMarkGone(call.getMarkGone());
        if (call.hasMaxGracePeriod()) {
            long nanos = call.getMaxGracePeriod().getSeconds() * 1_000_000_000L
                    + call.getMaxGracePeriod().getNanos();
            if (nanos < 0) {
                throw new RejectedException(
                        Rejection.Code.INVALID, "drain_agent.max_grace_period: must not be negative");
            }
            config.getMaxGracePeriodBuilder().setNanoseconds(nanos);
        }
        Agent agent = cluster.agent(id);
        if (agent != null
                && agent.capabilities().stream()
                        .noneMatch(c -> c.getType() == AgentInfo.Capability.Type.AGENT_DRAINING)) {
            throw new RejectedException(Rejection.Code.INVALID, "Agent '" + id + "' does not support AGENT_DRAINING");
        }
        if (maintenance.isScheduled(id)) {
            throw new RejectedException(
                    Rejection.Code.INVALID, "Agent '" + id + "' is on a machine in the maintenance schedule");
        }
        DrainInfo drain = DrainInfo.newBuilder()
                .setState(DrainState.DRAINING)
                .setConfig(config)
                .build();
        deactivate(now, request, id, drain);
    }

    private void deactivate(Instant now, String request, String id, @Nullable DrainInfo drain)
            throws RejectedException {
        requirePresent(id);
        registry.persist(new DeactivateAgent(id, drain, Ids.time(now)), at -> {
            Agent agent = cluster.agent(id);
            if (agent != null && !agentRemoval.isLeaving(id)) {
                if (drain != null) {
                    agent.decidedByOperator(true, drain, now);
                } else {
                    agent.decidedByOperator(true, agent.drain(), agent.drainSince());
                }
                cluster.allocator.deactivateAgent(id);
                offers.rescindAll(agent);
                if (drain != null) {
                    draining.start(at, agent);
                }
            }
            outbox.done(request);
        });
    }

    private void reactivate(String request, String id) throws RejectedException {
        AgentRecord record = requirePresent(id);
        if (!record.getDeactivated()) {
            throw new RejectedException(Rejection.Code.INVALID, "Agent '" + id + "' is not deactivated");
        }
        if (record.hasDrain() && record.getDrain().getState() == DrainState.DRAINING) {
            throw new RejectedException(Rejection.Code.INVALID, "Agent '" + id + "' is still draining");
        }
        registry.persist(new ReactivateAgent(id), at -> {
            Agent agent = cluster.agent(id);
            if (agent != null && !agentRemoval.isLeaving(id)) {
                agent.decidedByOperator(false, null, null);
                draining.tell(agent);
                if (agent.isActive()) {
                    cluster.allocator.activateAgent(id);
                }
            }
            outbox.done(request);
        });
    }

    /** An agent that is registered, awaited or unreachable. */
    private AgentRecord requirePresent(String id) throws RejectedException {
        AgentRecord record = registry.decided().agent(id);
        if (record == null) {
            throw new RejectedException(Rejection.Code.INVALID, "Agent '" + id + "' is not known");
        }
        if (record.getStanding() == AgentRecord.Standing.GONE) {
            throw new RejectedException(Rejection.Code.CONFLICT, "Agent '" + id + "' was marked gone");
        }
        return record;
    }
}
