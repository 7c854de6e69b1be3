package io.paddock.master.core;

import io.paddock.common.resources.Resources;
import io.paddock.master.core.allocator.AgentTraits;
import io.paddock.master.core.registry.RegistryRecord.AdmitAgent;
import io.paddock.master.core.registry.RegistryRecord.RemoveAgent;
import io.paddock.master.core.snapshot.ClusterChange;
import io.paddock.master.core.snapshot.Count;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.Refused;
import io.paddock.proto.link.Register;
import io.paddock.proto.link.Registered;
import io.paddock.proto.link.Reregister;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.registry.AgentRecord;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.Resource;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How agents come: REGISTER without an id, REREGISTER with one and with all it runs. An agent is in the registry before it
 * is told that it is registered.
 */
final class AgentAdmission {
    private final Cluster cluster;
    private final RegistryWriter registry;
    private final Outbox outbox;
    private final Offers offers;
    private final AgentRemoval removal;
    private final RecoveredAgents recoveredAgents;
    private final RemovalQueue removals;
    private final AgentReturn agentReturn;
    private final Maintenance maintenance;
    private final Authorization authorization;
    /** Links whose registration is being written. */
    private final Set<String> admitting = new HashSet<>();

    AgentAdmission(
            Cluster cluster,
            RegistryWriter registry,
            Outbox outbox,
            Offers offers,
            AgentRemoval removal,
            RecoveredAgents recoveredAgents,
            RemovalQueue removals,
            AgentReturn agentReturn,
            Maintenance maintenance,
            Authorization authorization) {
        this.cluster = cluster;
        this.registry = registry;
        this.outbox = outbox;
        this.offers = offers;
        this.removal = removal;
        this.recoveredAgents = recoveredAgents;
        this.removals = removals;
        this.agentReturn = agentReturn;
        this.maintenance = maintenance;
        this.authorization = authorization;
    }

    void register(Instant now, String link, @Nullable String principal, Register register) {
        if (admitting.contains(link) || cluster.agentsByLink.containsKey(link)) {
            return;
        }
        Optional<String> wrong = check(principal, register.getAgent());
        if (wrong.isPresent()) {
            refuse(link, wrong.get(), false);
            return;
        }
        if (maintenance.isDown(register.getAgent().getHostname(), register.getIp())) {
            refuseDown(link, register.getAgent());
            return;
        }
        removePredecessor(register.getAgent());
        AgentInfo info = register.getAgent().toBuilder()
                .setId(Ids.agent(cluster.newAgentId()))
                .build();
        admitting.add(link);
        registry.persist(new AdmitAgent(info), at -> {
            if (!admitting.remove(link)) {
                // The link broke before the agent learnt its id: it will register anew.
                registry.persist(new RemoveAgent(info.getId().getValue()), later -> {});
                return;
            }
            Resources total = ResourceMessages.fromMessages(info.getResourcesList());
            Agent agent = new Agent(info, register.getVersion(), register.getCapabilitiesList(), total, link, at);
            agent.speaks(register.getHttps());
            cluster.agents.put(agent.id, agent);
            cluster.agentsByLink.put(link, agent);
            agent.ip(register.getIp());
            maintenance.place(agent);
            cluster.allocator.addAgent(agent.id, traits(agent), total, Holdings.of(agent), true);
            cluster.counters.add(Count.SLAVE_REGISTRATIONS);
            confirm(agent);
            outbox.publish(new ClusterChange.AgentAdded(agent.view()));
            maintenance.checkDown(agent);
        });
    }

    /** An agent that lost its work directory comes back under a new id: the old one will never return. */
    private void removePredecessor(AgentInfo info) {
        for (Agent agent : cluster.agents.values()) {
            if (agent.state() == Agent.State.DISCONNECTED
                    && agent.info().getHostname().equals(info.getHostname())
                    && agent.info().getPort() == info.getPort()) {
                removal.replaced(agent.id);
                return;
            }
        }
    }

    void reregister(Instant now, String link, @Nullable String principal, Reregister message) {
        if (admitting.contains(link) || cluster.agentsByLink.containsKey(link)) {
            return;
        }
        Optional<String> wrong = check(principal, message.getAgent()).or(() -> unreadable(message));
        if (wrong.isEmpty() && message.getAgent().getId().getValue().isEmpty()) {
            wrong = Optional.of("agent.id: must be set to re-register");
        }
        if (wrong.isPresent()) {
            refuse(link, wrong.get(), false);
            return;
        }
        String id = message.getAgent().getId().getValue();
        if (removal.isLeaving(id)) {
            // What becomes of it is being written: it shall try again when that is settled.
            outbox.add(new MasterEffect.CloseLink(link));
            return;
        }
        AgentRecord record = registry.decided().agent(id);
        if (record != null && record.getStanding() == AgentRecord.Standing.GONE) {
            refuse(link, "Agent " + id + " was marked gone by an operator", true);
            return;
        }
        if (record != null
                && !record.getInfo().getHostname().equals(message.getAgent().getHostname())) {
            refuse(
                    link,
                    "Agent " + id + " is known as host '" + record.getInfo().getHostname() + "', not '"
                            + message.getAgent().getHostname() + "'",
                    true);
            return;
        }
        if (maintenance.isDown(message.getAgent().getHostname(), message.getIp())) {
            refuseDown(link, message.getAgent());
            maintenance.refused(id);
            return;
        }
        if (record != null
                && record.getStanding() == AgentRecord.Standing.ADMITTED
                && record.getInfo().equals(message.getAgent())) {
            welcome(now, link, message);
            return;
        }
        admitting.add(link);
        registry.persist(new AdmitAgent(message.getAgent()), at -> {
            if (admitting.remove(link)) {
                welcome(at, link, message);
            }
        });
    }

    private void welcome(Instant now, String link, Reregister message) {
        String id = message.getAgent().getId().getValue();
        if (removal.isLeaving(id)) {
            outbox.add(new MasterEffect.CloseLink(link));
            return;
        }
        removals.withdraw(id);
        Agent agent = cluster.agent(id);
        boolean isNew = agent == null;
        Resources total = ResourceMessages.fromMessages(
                message.getTotalResourcesCount() > 0
                        ? message.getTotalResourcesList()
                        : message.getAgent().getResourcesList());
        if (agent == null) {
            agent = new Agent(
                    message.getAgent(), message.getVersion(), message.getCapabilitiesList(), total, link, now);
            cluster.agents.put(id, agent);
        } else {
            replaceLink(agent);
            agent.reconnected(
                    message.getAgent(), message.getVersion(), message.getCapabilitiesList(), total, link, now);
            cluster.allocator.removeAgent(id);
        }
        agent.speaks(message.getHttps());
        cluster.agentsByLink.put(link, agent);
        agent.ip(message.getIp());
        maintenance.place(agent);
        recoveredAgents.remove(id);
        cluster.counters.add(Count.SLAVE_REREGISTRATIONS);
        confirm(agent);
        if (isNew) {
            outbox.publish(new ClusterChange.AgentAdded(agent.view()));
        }
        agentReturn.reconcile(now, agent, message);
        maintenance.checkDown(agent);
    }

    /** The newest link of an agent is the true one. */
    private void replaceLink(Agent agent) {
        offers.rescindAll(agent);
        outbox.cancel(Timer.of(Timer.Kind.AGENT_REREGISTRATION, agent.id));
        String old = agent.link();
        if (old != null) {
            cluster.agentsByLink.remove(old);
            outbox.add(new MasterEffect.CloseLink(old));
        }
    }

    /** Answers whether a registration was under way on the link; it ends with it. */
    boolean linkClosed(String link) {
        return admitting.remove(link);
    }

    private void confirm(Agent agent) {
        outbox.send(
                agent,
                ToAgent.newBuilder()
                        .setRegistered(Registered.newBuilder()
                                .setAgentId(agent.info().getId())
                                .setMaster(cluster.master)
                                .setHeartbeatSeconds(
                                        cluster.config.agentHeartbeat().toMillis() / 1000.0)));
    }

    private Optional<String> check(@Nullable String principal, AgentInfo info) {
        if (cluster.config.admissions().agentsNeedDomain() && !info.getDomain().hasFaultDomain()) {
            return Optional.of("agent.domain: this master has --require-agent-domain, and the agent has no --domain");
        }
        if (info.getHostname().isEmpty()) {
            return Optional.of("agent.hostname: must not be empty");
        }
        return unreadable("agent.resources", info.getResourcesList()).or(() -> authorization.agent(principal, info));
    }

    /** Resources that this master does not know, as one of another version may have them. */
    private static Optional<String> unreadable(Reregister message) {
        return unreadable("total_resources", message.getTotalResourcesList())
                .or(() -> message.getExecutorsList().stream()
                        .flatMap(executor ->
                                unreadable(
                                        "executors.info.resources",
                                        executor.getInfo().getResourcesList())
                                        .stream())
                        .findFirst())
                .or(() -> message.getTasksList().stream()
                        .flatMap(task -> unreadable("tasks.resources", task.getResourcesList()).stream())
                        .findFirst());
    }

    private static Optional<String> unreadable(String path, List<Resource> resources) {
        try {
            ResourceMessages.fromMessages(resources);
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(path + ": " + e.getMessage());
        }
    }

    private void refuseDown(String link, AgentInfo info) {
        refuse(link, "Machine '" + info.getHostname() + "' is down for maintenance", true);
    }

    private void refuse(String link, String why, boolean shutdown) {
        outbox.send(
                link,
                ToAgent.newBuilder()
                        .setRefused(Refused.newBuilder().setMessage(why).setShutdown(shutdown)));
        outbox.add(new MasterEffect.CloseLink(link));
    }

    static AgentTraits traits(Agent agent) {
        return AgentDescriptions.traits(agent.info(), agent.capabilities(), agent.unavailability());
    }
}
