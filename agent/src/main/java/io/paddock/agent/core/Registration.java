package io.paddock.agent.core;

import io.paddock.common.TransitionTable;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.Heartbeat;
import io.paddock.proto.link.Register;
import io.paddock.proto.link.Registered;
import io.paddock.proto.link.Reregister;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.MasterInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The agent's standing with the leading master: registers on every fresh link, repeats until answered, keeps the link
 * alive and gives it up after five silent heartbeat intervals.
 */
public final class Registration {
    private static final Duration BACKOFF_MAX = Duration.ofMinutes(1);
    private static final int SILENT_INTERVALS = 5;

    /** What this agent can do. */
    public static final List<AgentInfo.Capability> CAPABILITIES = capabilities();

    /** Where the agent stands. */
    public enum Phase {
        /** There is no link. */
        DISCONNECTED,
        /** Asked to be let in, not answered yet. */
        REGISTERING,
        REGISTERED,
        /** Not wanted; nothing more is asked on this link. */
        REFUSED;

        /** The declared lifecycle. */
        public static final TransitionTable<Phase> LIFECYCLE = TransitionTable.of("registration", Phase.class)
                .from(DISCONNECTED, REGISTERING)
                .from(REGISTERING, REGISTERED, REFUSED, DISCONNECTED)
                .from(REGISTERED, REFUSED, DISCONNECTED)
                .from(REFUSED, DISCONNECTED)
                .build();
    }

    private final Decision decision;
    private Phase phase = Phase.DISCONNECTED;
    private int attempts;
    private @Nullable MasterInfo master;
    private Instant lastHeard = Instant.EPOCH;
    private Duration heartbeat = Duration.ofSeconds(15);

    Registration(Decision decision) {
        this.decision = decision;
    }

    Phase phase() {
        return phase;
    }

    boolean registered() {
        return phase == Phase.REGISTERED;
    }

    /** The master that let us in last, even if the link is down; null before. */
    @Nullable
    MasterInfo master() {
        return master;
    }

    void linkOpened() {
        if (phase != Phase.DISCONNECTED) {
            linkClosed();
        }
        phase = Phase.LIFECYCLE.require("agent", phase, Phase.REGISTERING);
        attempts = 0;
        lastHeard = decision.now();
        ask();
    }

    void linkClosed() {
        if (phase != Phase.DISCONNECTED) {
            phase = Phase.LIFECYCLE.require("agent", phase, Phase.DISCONNECTED);
        }
        decision.deadlines.cancel(new Deadline.RegisterAgain());
        decision.deadlines.cancel(new Deadline.SendHeartbeat());
        decision.deadlines.cancel(new Deadline.LinkSilent());
    }

    void askAgain() {
        if (phase == Phase.REGISTERING) {
            ask();
        }
    }

    private void ask() {
        decision.toMaster(decision.state.id() == null ? register() : reregister());
        double factor = Math.min(1L << Math.min(attempts++, 10), BACKOFF_MAX.toMillis());
        long wait =
                (long) (decision.settings.registrationBackoff().toMillis() * factor * (1 + decision.ids.fraction()));
        decision.after(Duration.ofMillis(Math.min(wait, BACKOFF_MAX.toMillis())), new Deadline.RegisterAgain());
    }

    private FromAgent.Builder register() {
        return FromAgent.newBuilder()
                .setRegister(Register.newBuilder()
                        .setAgent(decision.settings.info())
                        .setVersion(decision.settings.version())
                        .addAllCapabilities(CAPABILITIES)
                        .setIp(decision.settings.ip())
                        .setHttps(decision.settings.https()));
    }

    private FromAgent.Builder reregister() {
        AgentState state = decision.state;
        AgentID id = decision.agentId();
        Reregister.Builder m = Reregister.newBuilder()
                .setAgent(decision.settings.info().toBuilder().setId(id))
                .setVersion(decision.settings.version())
                .addAllCapabilities(CAPABILITIES)
                .setIp(decision.settings.ip())
                .setHttps(decision.settings.https());
        if (state.totals() != null) {
            m.addAllTotalResources(ResourceMessages.toMessages(state.totals()));
        }
        for (Framework framework : state.frameworks.values()) {
            m.addFrameworks(framework.info);
            for (Executor executor : framework.executors.values()) {
                if (!executor.command() && executor.phase() != ExecutorPhase.TERMINATED) {
                    m.addExecutors(Reregister.Executor.newBuilder()
                            .setInfo(executor.info)
                            .setFrameworkId(framework.info.getId()));
                }
                executor.tasks.values().forEach(task -> m.addTasks(task.message(executor.command())));
            }
        }
        state.pendingOperations.values().forEach(operation -> m.addOperations(operation.message(id)));
        return FromAgent.newBuilder().setReregister(m);
    }

    /**
     * The master has let us in.
     *
     * @return whether this changed anything; a repeated answer does not
     */
    boolean registered(Registered m) {
        heard();
        if (phase != Phase.REGISTERING) {
            return false;
        }
        phase = Phase.LIFECYCLE.require("agent", phase, Phase.REGISTERED);
        master = m.getMaster();
        if (!m.getAgentId().equals(decision.state.id())) {
            decision.commit(Records.identity(
                    decision.settings.info().toBuilder().setId(m.getAgentId()).build(), decision.settings.bootId()));
        }
        heartbeat = Duration.ofMillis(Math.max(100, (long) (m.getHeartbeatSeconds() * 1000)));
        decision.deadlines.cancel(new Deadline.RegisterAgain());
        decision.after(heartbeat, new Deadline.SendHeartbeat());
        decision.after(heartbeat.multipliedBy(SILENT_INTERVALS), new Deadline.LinkSilent());
        return true;
    }

    void refused() {
        if (phase == Phase.REGISTERING || phase == Phase.REGISTERED) {
            phase = Phase.LIFECYCLE.require("agent", phase, Phase.REFUSED);
        }
        decision.deadlines.cancel(new Deadline.RegisterAgain());
        decision.deadlines.cancel(new Deadline.SendHeartbeat());
    }

    void heard() {
        lastHeard = decision.now();
    }

    void sendHeartbeat() {
        if (registered()) {
            decision.toMaster(FromAgent.newBuilder().setHeartbeat(Heartbeat.getDefaultInstance()));
            decision.after(heartbeat, new Deadline.SendHeartbeat());
        }
    }

    void checkSilence() {
        if (!registered()) {
            return;
        }
        Duration limit = heartbeat.multipliedBy(SILENT_INTERVALS);
        Instant end = lastHeard.plus(limit);
        if (end.isAfter(decision.now())) {
            decision.deadlines.set(new Deadline.LinkSilent(), end);
            return;
        }
        linkClosed();
        decision.effect(new AgentEffect.CloseLink("the master was silent for " + limit.toMillis() + " ms"));
    }

    private static List<AgentInfo.Capability> capabilities() {
        List<AgentInfo.Capability> all = new ArrayList<>();
        for (AgentInfo.Capability.Type type : List.of(
                AgentInfo.Capability.Type.MULTI_ROLE,
                AgentInfo.Capability.Type.HIERARCHICAL_ROLE,
                AgentInfo.Capability.Type.RESERVATION_REFINEMENT,
                AgentInfo.Capability.Type.RESOURCE_PROVIDER,
                AgentInfo.Capability.Type.RESIZE_VOLUME,
                AgentInfo.Capability.Type.AGENT_OPERATION_FEEDBACK,
                AgentInfo.Capability.Type.AGENT_DRAINING,
                AgentInfo.Capability.Type.TASK_RESOURCE_LIMITS)) {
            all.add(AgentInfo.Capability.newBuilder().setType(type).build());
        }
        return List.copyOf(all);
    }
}
