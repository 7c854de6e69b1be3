package io.paddock.simulation;

import io.paddock.agent.core.AgentView;
import io.paddock.master.core.MasterEffect;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.master.Call;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Somebody who drains an agent now and then and takes it back into service later, or gives one up for good. */
final class Operator {
    private final World world;
    private final Election election;
    private final Invariants invariants;
    private final List<AgentID> drained = new ArrayList<>();

    Operator(World world, Election election, Invariants invariants) {
        this.world = world;
        this.election = election;
        this.invariants = invariants;
    }

    /** The agent's id is used up; it has to end what it runs and to come back as another one. */
    void markGone(AgentNode agent) {
        AgentView view = agent.view();
        if (view == null || !view.info().hasId()) {
            return;
        }
        AgentID id = view.info().getId();
        Call.Builder call = Call.newBuilder().setType(Call.Type.MARK_AGENT_GONE);
        call.getMarkAgentGoneBuilder().setAgentId(id);
        invariants.agentIsGone(id.getValue());
        call(call.build(), answer -> world.log("operator", "marks " + agent.name + " gone: " + answer.outcome()));
    }

    void drain(AgentNode agent) {
        AgentView view = agent.view();
        if (view == null || !view.info().hasId() || drained.contains(view.info().getId())) {
            return;
        }
        AgentID id = view.info().getId();
        Call.Builder call = Call.newBuilder().setType(Call.Type.DRAIN_AGENT);
        call.getDrainAgentBuilder().setAgentId(id);
        call(call.build(), answer -> {
            if (answer.outcome() == MasterEffect.Outcome.DONE) {
                world.log("operator", "drains " + agent.name);
            }
        });
        // It may have been drained though nobody answered.
        drained.add(id);
        world.after(world.between(10_000, 90_000), () -> reactivate(id));
    }

    /** Asks until it is done; it is refused while the agent still drains. */
    private void reactivate(AgentID id) {
        if (!drained.contains(id)) {
            return;
        }
        Call.Builder call = Call.newBuilder().setType(Call.Type.REACTIVATE_AGENT);
        call.getReactivateAgentBuilder().setAgentId(id);
        call(call.build(), answer -> {
            boolean over = answer.outcome() == MasterEffect.Outcome.DONE
                    || String.valueOf(answer.rejection()).contains("not deactivated")
                    || String.valueOf(answer.rejection()).contains("gone");
            if (over && drained.remove(id)) {
                world.log("operator", "has " + id.getValue() + " back");
            }
        });
        world.after(Duration.ofSeconds(5), () -> reactivate(id));
    }

    private void call(Call call, Consumer<MasterEffect.Answer> answer) {
        MasterNode leader = election.leader();
        if (leader != null && leader.isLeading()) {
            leader.operatorCall(call, answer);
        }
    }
}
