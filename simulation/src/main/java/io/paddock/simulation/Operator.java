package io.paddock.simulation;

import io.paddock.agent.core.AgentView;
import io.paddock.master.core.MasterEffect;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.MachineID;
import io.paddock.proto.v1.TimeInfo;
import io.paddock.proto.v1.Unavailability;
import io.paddock.proto.v1.Value;
import io.paddock.proto.v1.maintenance.Schedule;
import io.paddock.proto.v1.maintenance.Window;
import io.paddock.proto.v1.master.Call;
import io.paddock.proto.v1.quota.QuotaConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Somebody who drains an agent now and then and takes it back into service later, gives one up for good, takes a machine down
 * for maintenance, or sets quotas for a while.
 */
final class Operator {
    private final World world;
    private final Election election;
    private final Invariants invariants;
    private final List<AgentID> drained = new ArrayList<>();
    private final Set<String> inMaintenance = new LinkedHashSet<>();
    private final Set<String> bounded = new LinkedHashSet<>();

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
                    || String.valueOf(answer.rejection()).contains("not known")
                    || String.valueOf(answer.rejection()).contains("gone");
            if (over && drained.remove(id)) {
                world.log("operator", "has " + id.getValue() + " back");
            }
        });
        world.after(Duration.ofSeconds(5), () -> reactivate(id));
    }

    /** Announces maintenance, takes the machine down a while later, and brings it up again. */
    void maintain(AgentNode agent) {
        String host = agent.name;
        if (!inMaintenance.add(host)) {
            return;
        }
        schedule(answer -> world.log("operator", "plans maintenance of " + host + ": " + answer.outcome()));
        invariants.machineMayBeDown(host);
        world.after(world.between(1000, 30_000), () -> start(host));
    }

    private void start(String host) {
        // Whoever ended an earlier maintenance may have taken this one for it.
        inMaintenance.add(host);
        Call.Builder call = Call.newBuilder().setType(Call.Type.START_MAINTENANCE);
        call.getStartMaintenanceBuilder().addMachines(machine(host));
        call(call.build(), answer -> world.log("operator", "takes " + host + " down: " + answer.outcome()));
        world.after(world.between(10_000, 90_000), () -> endMaintenance(host));
    }

    /** All machines that are in maintenance; one that is down cannot be left out. */
    private void schedule(Consumer<MasterEffect.Answer> answer) {
        Call.Builder call = Call.newBuilder().setType(Call.Type.UPDATE_MAINTENANCE_SCHEDULE);
        Schedule.Builder schedule = call.getUpdateMaintenanceScheduleBuilder().getScheduleBuilder();
        inMaintenance.forEach(host -> schedule.addWindows(Window.newBuilder()
                .addMachineIds(machine(host))
                .setUnavailability(Unavailability.newBuilder()
                        .setStart(TimeInfo.newBuilder().setNanoseconds(host.hashCode())))));
        call(call.build(), answer);
    }

    /** Until the machine is up: either its maintenance ends, or it never began and the machine leaves the schedule. */
    private void endMaintenance(String host) {
        if (!inMaintenance.contains(host)) {
            return;
        }
        Call.Builder call = Call.newBuilder().setType(Call.Type.STOP_MAINTENANCE);
        call.getStopMaintenanceBuilder().addMachines(machine(host));
        call(call.build(), answer -> {
            boolean wasUp = String.valueOf(answer.rejection()).contains("is not down");
            if ((answer.outcome() == MasterEffect.Outcome.DONE || wasUp) && inMaintenance.remove(host)) {
                world.log("operator", "has " + host + " up again");
            }
        });
        world.after(Duration.ofSeconds(5), () -> endMaintenance(host));
    }

    private static MachineID machine(String host) {
        return MachineID.newBuilder().setHostname(host).build();
    }

    /** Limits a role, or guarantees it something, and takes that back later. */
    void bound(String role) {
        if (!bounded.add(role)) {
            return;
        }
        QuotaConfig.Builder quota = QuotaConfig.newBuilder().setRole(role);
        Value.Scalar cpus =
                Value.Scalar.newBuilder().setValue(1 + world.random.nextInt(8)).build();
        if (world.chance(0.5)) {
            quota.putGuarantees("cpus", cpus);
        }
        if (world.chance(0.7)) {
            quota.putLimits("cpus", cpus);
        }
        call(quota(quota), answer -> world.log("operator", "bounds " + role + ": " + answer.outcome()));
        world.after(world.between(10_000, 120_000), () -> unbound(role));
    }

    private void unbound(String role) {
        if (!bounded.contains(role)) {
            return;
        }
        call(quota(QuotaConfig.newBuilder().setRole(role)), answer -> {
            if (answer.outcome() == MasterEffect.Outcome.DONE && bounded.remove(role)) {
                world.log("operator", "bounds " + role + " no more");
            }
        });
        world.after(Duration.ofSeconds(5), () -> unbound(role));
    }

    private static Call quota(QuotaConfig.Builder quota) {
        Call.Builder call = Call.newBuilder().setType(Call.Type.UPDATE_QUOTA);
        call.getUpdateQuotaBuilder().setForce(true).addQuotaConfigs(quota);
        return call.build();
    }

    private void call(Call call, Consumer<MasterEffect.Answer> answer) {
        MasterNode leader = election.leader();
        if (leader != null && leader.isLeading()) {
            leader.operatorCall(call, answer);
        }
    }
}
