package io.paddock.master.core;

import io.paddock.common.Rejection;
import io.paddock.master.core.maintenance.Machines;
import io.paddock.master.core.maintenance.ScheduleRules;
import io.paddock.master.core.registry.RegistryRecord;
import io.paddock.master.core.registry.RegistryRecord.SetMachines;
import io.paddock.master.core.snapshot.MaintenanceView;
import io.paddock.proto.registry.AgentRecord;
import io.paddock.proto.registry.MachineRecord;
import io.paddock.proto.v1.MachineID;
import io.paddock.proto.v1.MachineInfo;
import io.paddock.proto.v1.Unavailability;
import io.paddock.proto.v1.maintenance.ClusterStatus;
import io.paddock.proto.v1.maintenance.Schedule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Maintenance of machines: UP, DRAINING once they are in the schedule, DOWN from START_MAINTENANCE to STOP_MAINTENANCE, which
 * also takes them out of the schedule. Every change is durable first. Agents of DRAINING machines are offered with the
 * planned time, and frameworks that use them are asked to leave; agents of DOWN machines are shut down and not let in.
 */
final class Maintenance {
    private final Cluster cluster;
    private final RegistryWriter registry;
    private final Outbox outbox;
    private final Offers offers;
    private final AgentRemoval removal;
    private @Nullable MaintenanceView view;
    private long viewAsOf;

    Maintenance(Cluster cluster, RegistryWriter registry, Outbox outbox, Offers offers, AgentRemoval removal) {
        this.cluster = cluster;
        this.registry = registry;
        this.outbox = outbox;
        this.offers = offers;
        this.removal = removal;
    }

    void updateSchedule(String request, Schedule schedule) {
        String path = "update_maintenance_schedule.schedule";
        SortedMap<String, MachineRecord> decided = registry.decided().machines();
        Optional<Rejection> wrong = ScheduleRules.check(path, schedule, decided);
        change(request, path, wrong, Machines.records(schedule, decided));
    }

    /** START_MAINTENANCE: DRAINING machines go down, and what runs on them ends. */
    void start(String request, List<MachineID> ids) {
        String path = "start_maintenance.machines";
        TreeMap<String, MachineRecord> machines =
                new TreeMap<>(registry.decided().machines());
        Optional<Rejection> wrong = ScheduleRules.checkDown(path, ids, machines);
        ids.forEach(id -> machines.computeIfPresent(Machines.key(id), (key, machine) -> {
            MachineRecord.Builder down = machine.toBuilder();
            down.getInfoBuilder().setMode(MachineInfo.Mode.DOWN);
            return down.build();
        }));
        change(request, path, wrong, machines);
    }

    /** STOP_MAINTENANCE: DOWN machines are as if they had never been in the schedule. */
    void stop(String request, List<MachineID> ids) {
        String path = "stop_maintenance.machines";
        TreeMap<String, MachineRecord> machines =
                new TreeMap<>(registry.decided().machines());
        Optional<Rejection> wrong = ScheduleRules.checkUp(path, ids, machines);
        ids.forEach(id -> machines.remove(Machines.key(id)));
        change(request, path, wrong, machines);
    }

    private void change(
            String request, String path, Optional<Rejection> wrong, SortedMap<String, MachineRecord> machines) {
        RegistryRecord record = new SetMachines(machines);
        Optional<Rejection> refused = wrong.or(() -> registry.fits(record)
                ? Optional.empty()
                : Optional.of(Rejection.invalid(
                        path + ": too many machines to be written at once; change the schedule in several calls")));
        if (refused.isPresent()) {
            outbox.reject(request, refused.get());
            return;
        }
        registry.persist(record, at -> {
            new ArrayList<>(cluster.agents.values()).forEach(this::apply);
            outbox.done(request);
        });
    }

    /** Before the allocator gets an agent that registered: what is planned for its machine. */
    void place(Agent agent) {
        MachineRecord machine = machine(registry.durable().machines(), agent);
        agent.unavailability(unavailability(machine));
        offers.inverse.planned(agent);
    }

    private void apply(Agent agent) {
        MachineRecord machine = machine(registry.durable().machines(), agent);
        if (Machines.isDown(machine)) {
            removal.machineDown(agent.id);
            return;
        }
        Unavailability planned = unavailability(machine);
        if (!Objects.equals(planned, agent.unavailability())) {
            offers.rescindAll(agent);
            agent.unavailability(planned);
            offers.inverse.planned(agent);
            cluster.allocator.updateAgent(agent.id, AgentAdmission.traits(agent), agent.total());
        }
    }

    /** The machine may have been taken down while the agent was being admitted. */
    void checkDown(Agent agent) {
        if (Machines.isDown(machine(registry.durable().machines(), agent))) {
            removal.machineDown(agent.id);
        }
    }

    /** Whether an agent with this name and address may not be let in: its machine is down, or about to be. */
    boolean isDown(String hostname, String ip) {
        return Machines.isDown(Machines.find(registry.durable().machines(), hostname, ip))
                || Machines.isDown(Machines.find(registry.decided().machines(), hostname, ip));
    }

    /** An agent was refused because its machine is down: it will not come back under its id, whatever was believed of it. */
    void refused(String agentId) {
        AgentRecord record = registry.decided().agent(agentId);
        if (record != null && record.getStanding() != AgentRecord.Standing.GONE && !removal.isLeaving(agentId)) {
            removal.machineDown(agentId);
        }
    }

    /** Whether the agent, registered or not, is on a machine in the schedule. */
    boolean isScheduled(String agentId) {
        Agent agent = cluster.agent(agentId);
        AgentRecord record = registry.decided().agent(agentId);
        SortedMap<String, MachineRecord> machines = registry.decided().machines();
        return agent != null
                ? machine(machines, agent) != null
                : record != null && Machines.find(machines, record.getInfo().getHostname(), "") != null;
    }

    private static @Nullable MachineRecord machine(SortedMap<String, MachineRecord> machines, Agent agent) {
        return Machines.find(machines, agent.info().getHostname(), agent.ip());
    }

    private static @Nullable Unavailability unavailability(@Nullable MachineRecord machine) {
        return machine == null ? null : machine.getInfo().getUnavailability();
    }

    MaintenanceView view() {
        long asOf = registry.durable().machineChanges() + offers.inverse.changes();
        MaintenanceView current = view;
        if (current == null || viewAsOf != asOf) {
            SortedMap<String, MachineRecord> machines = registry.durable().machines();
            Schedule schedule = Machines.schedule(machines);
            current = new MaintenanceView(schedule, status(schedule, machines), offers.inverse.outstanding());
            view = current;
            viewAsOf = asOf;
        }
        return current;
    }

    private ClusterStatus status(Schedule schedule, SortedMap<String, MachineRecord> machines) {
        Map<MachineRecord, ClusterStatus.DrainingMachine.Builder> draining = new HashMap<>();
        ClusterStatus.Builder status = ClusterStatus.newBuilder();
        schedule.getWindowsList()
                .forEach(window -> window.getMachineIdsList().forEach(id -> {
                    MachineRecord machine = machines.get(Machines.key(id));
                    if (machine == null || Machines.isDown(machine)) {
                        status.addDownMachines(id);
                    } else {
                        draining.put(
                                machine, status.addDrainingMachinesBuilder().setId(id));
                    }
                }));
        for (Agent agent : cluster.agents.values()) {
            MachineRecord machine = agent.unavailability() == null ? null : machine(machines, agent);
            ClusterStatus.DrainingMachine.Builder of = machine == null ? null : draining.get(machine);
            if (of != null) {
                of.addAllStatuses(offers.inverse.statuses(agent.id));
            }
        }
        return status.build();
    }
}
