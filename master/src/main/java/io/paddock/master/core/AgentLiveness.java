package io.paddock.master.core;

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
    private final RemovalQueue removals;
    private final RecoveredAgents recoveredAgents;

    AgentLiveness(
            Cluster cluster,
            Outbox outbox,
            Offers offers,
            AgentRemoval removal,
            RemovalQueue removals,
            RecoveredAgents recoveredAgents) {
        this.cluster = cluster;
        this.outbox = outbox;
        this.offers = offers;
        this.removal = removal;
        this.removals = removals;
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
            timeIsOver(
                    now,
                    agentId,
                    "it is disconnected and did not come back within " + cluster.config.agentReregisterTimeout());
        }
    }

    /** Nothing is written when more are missing than the operator thinks possible: another master may reach them. */
    void recoveryDue(Instant now) {
        List<String> missing = recoveredAgents.ids();
        double limit = cluster.config.removals().recoveryLimit();
        if (missing.size() > limit * recoveredAgents.known()) {
            outbox.add(new MasterEffect.GiveUpLeadership(missing.size() + " of " + recoveredAgents.known()
                    + " agents known before the change of master did not come back within "
                    + cluster.config.agentReregisterTimeout() + ", more than --recovery-agent-removal-limit="
                    + Math.round(limit * 100) + "% allows; none was removed. See to their machines and network, mark"
                    + " those that are lost gone, or raise the limit"));
            return;
        }
        missing.forEach(id -> timeIsOver(
                now,
                id,
                "it did not come back within " + cluster.config.agentReregisterTimeout()
                        + " after the change of master"));
    }

    private void timeIsOver(Instant now, String agentId, String why) {
        if (!removals.contains(agentId) && !removal.isLeaving(agentId) && removals.enter(now, agentId, why)) {
            removal.unreachable(now, agentId);
        }
    }

    void removalDue(Instant now) {
        removals.next(now).ifPresent(agentId -> removal.unreachable(now, agentId));
    }

    void heartbeatDue(Instant now) {
        Duration patience = cluster.config.agentHeartbeat().multipliedBy(cluster.config.silentHeartbeats());
        List<Agent> silent = new ArrayList<>();
        for (Agent agent : cluster.agents.values()) {
            String link = agent.link();
            if (link == null || agent.leaving) {
                continue;
            }
            if (!agent.awaitsRemoval() && agent.lastHeard.plus(patience).isBefore(now)) {
                silent.add(agent);
            } else {
                outbox.add(new MasterEffect.SendToAgent(link, HEARTBEAT));
            }
        }
        silent.forEach(agent -> timeIsOver(now, agent.id, "it did not answer for " + patience));
        planHeartbeat();
    }

    void planHeartbeat() {
        outbox.start(Timer.of(Timer.Kind.AGENT_HEARTBEAT), cluster.config.agentHeartbeat());
    }
}
