package io.paddock.master.core;

import io.paddock.common.Core;
import io.paddock.common.Rejection;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.MasterEvent.RegistryRecovered;
import io.paddock.master.core.allocator.Allocator;
import io.paddock.master.core.allocator.AllocatorOptions;
import io.paddock.master.core.allocator.Explanation;
import io.paddock.master.core.registry.Registry;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.master.core.snapshot.FrameworkTally;
import io.paddock.master.core.snapshot.MasterFigures;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.registry.FrameworkRecord;
import io.paddock.proto.v1.MasterInfo;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The leading master. Built after the election; the first event is {@link MasterEvent.RegistryRecovered}.
 *
 * <p>Only routes: each kind of event goes to the class that owns the idea.
 */
public final class MasterCore implements Core<MasterEvent, MasterEffect> {
    private final Cluster cluster;
    private final Outbox outbox = new Outbox();
    private final RegistryWriter registry = new RegistryWriter(outbox);
    private final RecoveredAgents recoveredAgents = new RecoveredAgents();
    private final RecoveryPause recoveryPause;
    private final Authorization authorization;
    private final InverseOffers inverseOffers;
    private final Offers offers;
    private final Subscriptions subscriptions;
    private final FrameworkRemoval frameworkRemoval;
    private final AgentAdmission admission;
    private final AgentLiveness liveness;
    private final RegistryGc registryGc;
    private final AgentMessages agentMessages;
    private final SchedulerCalls schedulerCalls;
    private final OperatorCalls operatorCalls;
    private final Quotas quotas;
    private final Weights weights;
    private final Snapshots snapshots;

    public MasterCore(MasterConfig config, AllocatorOptions allocation, MasterInfo info) {
        cluster = new Cluster(config, info, new Allocator(allocation));
        recoveryPause = new RecoveryPause(cluster, outbox, recoveredAgents);
        authorization = new Authorization(cluster);
        inverseOffers = new InverseOffers(cluster, outbox);
        offers = new Offers(cluster, outbox, recoveryPause, inverseOffers);
        OperationFeedback feedback = new OperationFeedback(cluster, outbox);
        subscriptions = new Subscriptions(cluster, registry, outbox, offers, authorization, feedback);
        RemovalQueue removals = new RemovalQueue(cluster, outbox, offers);
        AgentRemoval agentRemoval =
                new AgentRemoval(cluster, registry, outbox, offers, recoveredAgents, removals, feedback);
        Draining draining = new Draining(registry, outbox, agentRemoval);
        frameworkRemoval = new FrameworkRemoval(cluster, registry, outbox, offers, recoveredAgents, feedback, draining);
        liveness = new AgentLiveness(cluster, outbox, offers, agentRemoval, removals, recoveredAgents);
        registryGc = new RegistryGc(cluster, registry, outbox);
        Operations operations = new Operations(cluster, offers, feedback);
        Acceptance acceptance = new Acceptance(
                cluster, outbox, offers, new Launches(outbox, authorization), operations, feedback, authorization);
        Reconciliation reconciliation = new Reconciliation(cluster, registry, outbox, recoveredAgents);
        Kills kills = new Kills(cluster, outbox, reconciliation);
        StatusUpdates statusUpdates = new StatusUpdates(cluster, outbox, draining, frameworkRemoval);
        AgentReturn agentReturn =
                new AgentReturn(cluster, registry, outbox, kills, draining, frameworkRemoval, feedback);
        Maintenance maintenance = new Maintenance(cluster, registry, outbox, offers, agentRemoval);
        admission = new AgentAdmission(
                cluster,
                registry,
                outbox,
                offers,
                agentRemoval,
                recoveredAgents,
                removals,
                agentReturn,
                maintenance,
                authorization);
        agentMessages =
                new AgentMessages(cluster, outbox, offers, feedback, draining, statusUpdates, agentRemoval, removals);
        schedulerCalls = new SchedulerCalls(
                cluster,
                outbox,
                subscriptions,
                frameworkRemoval,
                offers,
                acceptance,
                kills,
                statusUpdates,
                reconciliation,
                feedback,
                draining);
        quotas = new Quotas(cluster, registry, outbox, offers, recoveredAgents);
        weights = new Weights(cluster, registry, outbox);
        operatorCalls = new OperatorCalls(
                cluster,
                registry,
                outbox,
                offers,
                new OperatorOperations(cluster, outbox, offers, feedback),
                frameworkRemoval,
                agentRemoval,
                draining,
                quotas,
                weights,
                maintenance);
        snapshots = new Snapshots(cluster, registry.durable(), recoveredAgents, removals, maintenance);
    }

    @Override
    public List<MasterEffect> on(Instant now, MasterEvent event) {
        cluster.counters.received(event);
        if (event instanceof MasterEvent.SchedulerCalled called) {
            schedulerCalls.called(now, called);
        } else if (event instanceof MasterEvent.AgentSpoke spoke) {
            agentSpoke(now, spoke);
        } else if (event instanceof MasterEvent.TimerFired fired) {
            timerFired(now, fired.timer());
        } else if (event instanceof MasterEvent.Persisted persisted) {
            registry.persisted(now, persisted.ticket());
        } else if (event instanceof MasterEvent.SubscribeCalled called) {
            subscriptions.subscribe(now, called);
        } else if (event instanceof MasterEvent.SchedulerStreamClosed closed) {
            if (!subscriptions.closedWhileOpening(closed.stream())) {
                frameworkRemoval.streamClosed(now, closed.stream());
            }
        } else if (event instanceof MasterEvent.AgentLinkClosed closed) {
            if (!admission.linkClosed(closed.link())) {
                liveness.linkClosed(closed.link());
            }
        } else if (event instanceof MasterEvent.OperatorCalled called) {
            Optional<Rejection> unauthorized = authorization.operator(called.principal(), called.call());
            if (unauthorized.isPresent()) {
                outbox.reject(called.request(), unauthorized.get());
            } else {
                operatorCalls.called(now, called);
            }
        } else if (event instanceof MasterEvent.WhitelistChanged changed) {
            cluster.whitelist = changed.hostnames();
            cluster.allocator.setWhitelist(changed.hostnames());
        } else if (event instanceof MasterEvent.AclsChanged changed) {
            authorization.changed(changed.acls(), changed.root());
        } else if (event instanceof MasterEvent.PersistFailed failed) {
            outbox.add(new MasterEffect.GiveUpLeadership("the registry could not be written: " + failed.reason()));
        } else if (event instanceof RegistryRecovered recovered) {
            recover(now, recovered);
        }
        offers.plan(now);
        inverseOffers.plan(now);
        return outbox.take();
    }

    private void agentSpoke(Instant now, MasterEvent.AgentSpoke spoke) {
        String link = spoke.link();
        FromAgent message = spoke.message();
        switch (message.getMessageCase()) {
            case REGISTER:
                admission.register(now, link, spoke.principal(), message.getRegister());
                return;
            case REREGISTER:
                admission.reregister(now, link, spoke.principal(), message.getReregister());
                return;
            case HEARTBEAT:
            case STATUS_UPDATE:
            case EXECUTOR_MESSAGE:
            case EXECUTOR_TERMINATED:
            case AGENT_TOTALS:
            case OPERATION_UPDATE:
            case LEAVING:
            case MESSAGE_NOT_SET:
                agentMessages.received(now, link, message);
                return;
        }
        throw new IllegalStateException("message " + message.getMessageCase() + " is not known");
    }

    private void timerFired(Instant now, Timer timer) {
        switch (timer.kind()) {
            case ALLOCATE:
                offers.allocationDue(now);
                return;
            case ALLOCATION_CHECK:
                offers.checkDue(now);
                return;
            case FILTER_EXPIRY:
                offers.filterEnded(now);
                return;
            case OFFER_EXPIRY:
                offers.expiryDue(now);
                return;
            case INVERSE_OFFERS:
                inverseOffers.due(now);
                return;
            case RECOVERY_PAUSE:
                // Allocations are planned after every event.
                return;
            case SCHEDULER_HEARTBEAT:
                subscriptions.heartbeat(timer.subject());
                return;
            case AGENT_HEARTBEAT:
                liveness.heartbeatDue(now);
                return;
            case AGENT_REREGISTRATION:
                liveness.reregistrationDue(now, timer.subject());
                return;
            case RECOVERED_AGENTS:
                liveness.recoveryDue(now);
                return;
            case AGENT_REMOVAL:
                liveness.removalDue(now);
                return;
            case REGISTRY_GC:
                registryGc.due(now);
                return;
            case FRAMEWORK_FAILOVER:
                frameworkRemoval.deadlinePassed(timer.subject());
                return;
        }
        throw new IllegalStateException("timer " + timer.kind() + " is not known");
    }

    private void recover(Instant now, RegistryRecovered recovered) {
        registry.recover(recovered.entries());
        Registry known = registry.durable();
        cluster.electedAt = now;
        weights.recover();
        quotas.recover();
        recoveredAgents.recover(known.agents());
        for (FrameworkRecord record : known.frameworks()) {
            Framework framework = new Framework(record.getInfo(), Framework.State.RECOVERED, now, cluster.config);
            cluster.frameworks.put(framework.id, framework);
            cluster.allocator.addFramework(framework.id, FrameworkDescriptions.traits(framework), false);
            frameworkRemoval.recovered(now, framework);
        }
        if (recoveredAgents.anyAwaited()) {
            outbox.start(Timer.of(Timer.Kind.RECOVERED_AGENTS), cluster.config.agentReregisterTimeout());
        }
        if (!known.quotas().isEmpty() && recoveredAgents.anyAwaited()) {
            recoveryPause.begin(now);
        }
        liveness.planHeartbeat();
        registryGc.plan();
        offers.planCheck();
    }

    /** What readers may see, as of the events taken so far. */
    public ClusterSnapshot snapshot(Instant now) {
        return snapshots.take(now);
    }

    /** What nobody holds on an agent: with what is used and offered there it makes up the agent's total. */
    Resources free(String agentId) {
        return cluster.allocator.free(agentId);
    }

    /** What is told of allocator and frameworks to those who ask for metrics. */
    public MasterFigures figures() {
        Map<String, FrameworkTally> frameworks = new HashMap<>();
        cluster.frameworks.forEach((id, framework) -> frameworks.put(id, framework.counters.tally()));
        return new MasterFigures(cluster.allocator.figures(), frameworks);
    }

    private Explanation.Reason whyInactive(String agentId) {
        Agent agent = cluster.agents.get(agentId);
        if (agent == null || !agent.isConnected()) {
            return Explanation.Reason.AGENT_DISCONNECTED;
        }
        if (agent.awaitsRemoval()) {
            return Explanation.Reason.AGENT_SILENT;
        }
        return agent.drain() == null ? Explanation.Reason.AGENT_DEACTIVATED : Explanation.Reason.AGENT_DRAINING;
    }

    /** Why a framework is offered nothing in a role just now. One look at every agent. */
    public Explanation why(Instant now, String frameworkId, String role) {
        return cluster.allocator.why(frameworkId, role, now, this::whyInactive);
    }
}
