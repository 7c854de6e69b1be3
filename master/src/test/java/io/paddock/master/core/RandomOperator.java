package io.paddock.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.master.core.snapshot.AgentView;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.proto.v1.MachineID;
import io.paddock.proto.v1.TimeInfo;
import io.paddock.proto.v1.Unavailability;
import io.paddock.proto.v1.Value;
import io.paddock.proto.v1.maintenance.Schedule;
import io.paddock.proto.v1.maintenance.Window;
import io.paddock.proto.v1.master.Call;
import io.paddock.proto.v1.quota.QuotaConfig;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/** An operator who sets quotas and maintenance at random, also such as are refused, and what must be true of both. */
final class RandomOperator {
    private final MasterHarness master;
    private final List<String> hosts;
    private final List<String> roles;

    RandomOperator(MasterHarness master, List<String> hosts, List<String> roles) {
        this.master = master;
        this.hosts = hosts;
        this.roles = roles;
    }

    void act(Random random) {
        switch (random.nextInt(6)) {
            case 0, 1 -> quota(random);
            case 2, 3 -> schedule(random);
            case 4 -> start(host(random));
            default -> stop(host(random));
        }
    }

    /** Nothing is bounded or planned any more, and no machine is down. */
    void undo() {
        hosts.forEach(this::stop);
        master.operate(schedule(Schedule.getDefaultInstance()));
        Call.UpdateQuota.Builder none = Call.UpdateQuota.newBuilder();
        roles.forEach(role -> none.addQuotaConfigs(QuotaConfig.newBuilder().setRole(role)));
        master.operate(Call.newBuilder().setType(Call.Type.UPDATE_QUOTA).setUpdateQuota(none));
        assertThat(master.snapshot().quotas()).isEmpty();
        assertThat(master.snapshot().maintenance().schedule()).isEqualTo(Schedule.getDefaultInstance());
    }

    private String host(Random random) {
        return hosts.get(random.nextInt(hosts.size()));
    }

    private void quota(Random random) {
        QuotaConfig.Builder quota = QuotaConfig.newBuilder().setRole(roles.get(random.nextInt(roles.size())));
        if (random.nextBoolean()) {
            quota.putGuarantees("cpus", amount(random.nextInt(12)));
        }
        if (random.nextBoolean()) {
            quota.putLimits(random.nextBoolean() ? "cpus" : "mem", amount(random.nextInt(24)));
        }
        master.operate(Call.newBuilder()
                .setType(Call.Type.UPDATE_QUOTA)
                .setUpdateQuota(Call.UpdateQuota.newBuilder()
                        .setForce(random.nextBoolean())
                        .addQuotaConfigs(quota)));
    }

    private static Value.Scalar amount(int value) {
        return Value.Scalar.newBuilder().setValue(value).build();
    }

    private void schedule(Random random) {
        Schedule.Builder schedule = Schedule.newBuilder();
        for (String host : hosts) {
            if (random.nextInt(3) == 0) {
                schedule.addWindows(Window.newBuilder()
                        .addMachineIds(machine(host))
                        .setUnavailability(Unavailability.newBuilder()
                                .setStart(TimeInfo.newBuilder().setNanoseconds(1 + random.nextInt(2)))));
            }
        }
        master.operate(schedule(schedule.build()));
    }

    private static Call.Builder schedule(Schedule schedule) {
        return Call.newBuilder()
                .setType(Call.Type.UPDATE_MAINTENANCE_SCHEDULE)
                .setUpdateMaintenanceSchedule(
                        Call.UpdateMaintenanceSchedule.newBuilder().setSchedule(schedule));
    }

    private void start(String host) {
        master.operate(Call.newBuilder()
                .setType(Call.Type.START_MAINTENANCE)
                .setStartMaintenance(Call.StartMaintenance.newBuilder().addMachines(machine(host))));
    }

    private void stop(String host) {
        master.operate(Call.newBuilder()
                .setType(Call.Type.STOP_MAINTENANCE)
                .setStopMaintenance(Call.StopMaintenance.newBuilder().addMachines(machine(host))));
    }

    private static MachineID machine(String host) {
        return MachineID.newBuilder().setHostname(host).build();
    }

    /** Agents know what is planned for them, none is used on a machine that is down, and who is asked can answer. */
    void check(ClusterSnapshot snapshot) {
        Map<String, Unavailability> planned = new HashMap<>();
        snapshot.maintenance()
                .schedule()
                .getWindowsList()
                .forEach(window -> window.getMachineIdsList()
                        .forEach(id -> planned.put(id.getHostname(), window.getUnavailability())));
        Set<String> down = snapshot.maintenance().status().getDownMachinesList().stream()
                .map(MachineID::getHostname)
                .collect(Collectors.toSet());
        for (AgentView agent : snapshot.agents()) {
            String host = agent.info().getHostname();
            if (down.contains(host)) {
                assertThat(agent.active())
                        .as("agent %s of %s, which is down, is active", agent.id(), host)
                        .isFalse();
            } else {
                assertThat(agent.unavailability())
                        .as("what is planned for agent %s of %s", agent.id(), host)
                        .isEqualTo(planned.get(host));
            }
        }
        Set<String> connected = snapshot.frameworks().stream()
                .filter(framework -> framework.connected())
                .map(framework -> framework.id())
                .collect(Collectors.toSet());
        Set<String> announced = snapshot.agents().stream()
                .filter(agent -> agent.unavailability() != null && agent.connected())
                .map(AgentView::id)
                .collect(Collectors.toSet());
        assertThat(snapshot.maintenance().inverseOffers()).as("inverse offers").allSatisfy(offer -> {
            assertThat(connected).contains(offer.getFrameworkId().getValue());
            assertThat(announced).contains(offer.getAgentId().getValue());
        });
    }
}
