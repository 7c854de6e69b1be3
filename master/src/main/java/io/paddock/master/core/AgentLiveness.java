package io.paddock.master.core;

import io.paddock.master.core.snapshot.Count;
import io.paddock.proto.link.Heartbeat;
import io.paddock.proto.link.ToAgent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether agents are there: heartbeats both ways over the link, broken links, and how long to wait for an agent's return.
 */
final class AgentLiveness {
    private static final ToAgent HEARTBEAT =
            ToAgent.newBuilder().setHeartbeat(Heartbeat.getDefaultInstance()).build();

    private final Cluster cluster;
    private final Outbox outbox;
    private final Offers offers;
    private final AgentRemoval removal;
    private final RecoveredAgents recoveredAgents;

    AgentLiveness(
            Cluster cluster, Outbox outbox, Offers offers, AgentRemoval removal, RecoveredAgents recoveredAgents) {
        this.cluster = cluster;
        this.outbox = outbox;
        this.offers = offers;
        this.removal = removal;
        this.recoveredAgents = recoveredAgents;
    }

    /** The link broke: what the agent runs is believed to go on, nothing more is offered of it. */
    void linkClosed(String link) {
        Agent agent = cluster.agentsByLink.remove(link);
        if (agent == null) {
            return;
        }
        agent.disconnected();
        cluster.allocator.deactivateAgent(agent.id);
        offers.rescindAll(agent);
        outbox.start(Timer.of(Timer.Kind.AGENT_REREGISTRATION, agent.id), cluster.config.agentReregisterTimeout());
    }

    void reregistrationDue(Instant now, String agentId) {
        Agent agent = cluster.agent(agentId);
        if (agent != null && agent.state() == Agent.State.DISCONNECTED) {
            removal.unreachable(now, agentId);
        }
    }

    void recoveryDue(Instant now) {
        recoveredAgents.ids().forEach(id -> {
            cluster.counters.add(Count.RECOVERY_SLAVE_REMOVALS);
            removal.unreachable(now, id);
        });
    }

    void heartbeatDue(Instant now) {
        Duration patience = cluster.config.agentHeartbeat().multipliedBy(cluster.config.silentHeartbeats());
        List<Agent> silent = new ArrayList<>();
        for (Agent agent : cluster.agents.values()) {
            String link = agent.link();
            if (link == null || agent.leaving) {
                continue;
            }
            if (agent.lastHeard.plus(patience).isBefore(now)) {
                silent.add(agent);
            } else {
                outbox.add(new MasterEffect.SendToAgent(link, HEARTBEAT));
            }
        }
        silent.forEach(agent -> removal.unreachable(now, agent.id));
        planHeartbeat();
    }

    void planHeartbeat() {
        outbox.start(Timer.of(Timer.Kind.AGENT_HEARTBEAT), cluster.config.agentHeartbeat());
    }
}
