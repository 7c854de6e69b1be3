package io.paddock.master.server;

import static io.paddock.master.server.MasterFixture.assertAnswer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.paddock.platform.http.WireFormat;
import io.paddock.platform.zookeeper.EmbeddedZooKeeper;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.Filters;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.InverseOffer;
import io.paddock.proto.v1.MachineID;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TimeInfo;
import io.paddock.proto.v1.Unavailability;
import io.paddock.proto.v1.allocator.InverseOfferStatus;
import io.paddock.proto.v1.maintenance.ClusterStatus;
import io.paddock.proto.v1.maintenance.Schedule;
import io.paddock.proto.v1.maintenance.Window;
import io.paddock.proto.v1.master.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Maintenance by the operator API in both encodings and by the older endpoints, and what schedulers and agents see of it. */
class MaintenanceApiTest {
    private static final String HOST = "127.0.0.1";

    @RegisterExtension
    static final MasterFixture MASTERS = new MasterFixture();

    private static Window.Builder window(String... hosts) {
        Window.Builder window = Window.newBuilder()
                .setUnavailability(Unavailability.newBuilder()
                        .setStart(TimeInfo.newBuilder().setNanoseconds(1_900_000_000_000_000_000L)));
        List.of(hosts)
                .forEach(host -> window.addMachineIds(MachineID.newBuilder().setHostname(host)));
        return window;
    }

    private static Call.Builder schedule(Window.Builder... windows) {
        Schedule.Builder schedule = Schedule.newBuilder();
        List.of(windows).forEach(schedule::addWindows);
        return Call.newBuilder()
                .setType(Call.Type.UPDATE_MAINTENANCE_SCHEDULE)
                .setUpdateMaintenanceSchedule(
                        Call.UpdateMaintenanceSchedule.newBuilder().setSchedule(schedule));
    }

    private static Call.Builder down(String host) {
        return Call.newBuilder()
                .setType(Call.Type.START_MAINTENANCE)
                .setStartMaintenance(Call.StartMaintenance.newBuilder()
                        .addMachines(MachineID.newBuilder().setHostname(host)));
    }

    private static Call.Builder up(String host) {
        return Call.newBuilder()
                .setType(Call.Type.STOP_MAINTENANCE)
                .setStopMaintenance(Call.StopMaintenance.newBuilder()
                        .addMachines(MachineID.newBuilder().setHostname(host)));
    }

    private static FrameworkInfo framework() {
        return FrameworkInfo.newBuilder()
                .setUser("root")
                .setName("asked")
                .setFailoverTimeout(600)
                .addRoles("web")
                .addCapabilities(
                        FrameworkInfo.Capability.newBuilder().setType(FrameworkInfo.Capability.Type.MULTI_ROLE))
                .build();
    }

    private static ClusterStatus status(ScriptedOperator operator) {
        return operator.read(Call.Type.GET_MAINTENANCE_STATUS)
                .getGetMaintenanceStatus()
                .getStatus();
    }

    private static InverseOffer inverseOffer(ScriptedScheduler scheduler) {
        return scheduler
                .events(Event.Type.INVERSE_OFFERS)
                .get(0)
                .getInverseOffers()
                .getInverseOffers(0);
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void aMachineIsAnnouncedLeftTakenDownAndBroughtUpAgain(WireFormat format) throws Exception {
        try (MasterServer master = MASTERS.start();
                ScriptedAgent agent = ScriptedAgent.connect(MASTERS.client(), master.port())) {
            agent.register("cpus:4;mem:1024");
            ScriptedOperator operator = new ScriptedOperator(MASTERS.client(), master.port(), format);
            assertThat(status(operator)).isEqualTo(ClusterStatus.getDefaultInstance());
            try (ScriptedScheduler scheduler =
                    ScriptedScheduler.subscribe(MASTERS.client(), master.port(), format, framework())) {
                await().until(() -> !scheduler.offers().isEmpty());
                Offer first = scheduler.offers().get(0);
                scheduler.call(MasterServerTest.accept(first, MasterServerTest.task("t", first, "cpus:1;mem:32")));
                await().until(() -> agent.launched().size() == 1);

                assertAnswer(operator.call(schedule(window(HOST))), 200, "");
                assertThat(operator.read(Call.Type.GET_MAINTENANCE_SCHEDULE)
                                .getGetMaintenanceSchedule()
                                .getSchedule()
                                .getWindowsList())
                        .containsExactly(window(HOST).build());
                await().until(() -> scheduler.events(Event.Type.INVERSE_OFFERS).size() == 1);
                InverseOffer asked = inverseOffer(scheduler);
                assertThat(asked.getUnavailability()).isEqualTo(window(HOST).getUnavailability());
                await().until(() -> scheduler.offers().stream().anyMatch(Offer::hasUnavailability));
                assertThat(operator.read(Call.Type.GET_FRAMEWORKS)
                                .getGetFrameworks()
                                .getFrameworks(0)
                                .getInverseOffersList())
                        .containsExactly(asked);

                assertThat(scheduler
                                .call(io.paddock.proto.v1.scheduler.Call.newBuilder()
                                        .setType(io.paddock.proto.v1.scheduler.Call.Type.ACCEPT_INVERSE_OFFERS)
                                        .setAcceptInverseOffers(
                                                io.paddock.proto.v1.scheduler.Call.AcceptInverseOffers.newBuilder()
                                                        .addInverseOfferIds(asked.getId())
                                                        .setFilters(Filters.newBuilder()
                                                                .setRefuseSeconds(3600))))
                                .statusCode())
                        .isEqualTo(202);
                await().untilAsserted(() -> assertThat(
                                status(operator).getDrainingMachines(0).getStatusesList())
                        .singleElement()
                        .satisfies(answer -> {
                            assertThat(answer.getStatus()).isEqualTo(InverseOfferStatus.Status.ACCEPT);
                            assertThat(answer.getFrameworkId()).isEqualTo(scheduler.frameworkId());
                        }));

                assertAnswer(
                        operator.call(Call.newBuilder()
                                .setType(Call.Type.DRAIN_AGENT)
                                .setDrainAgent(Call.DrainAgent.newBuilder().setAgentId(first.getAgentId()))),
                        400,
                        "in the maintenance schedule");
                assertAnswer(operator.call(down(HOST)), 200, "");
                await().until(() -> agent.received(ToAgent.MessageCase.SHUTDOWN).size() == 1);
                await().until(() -> scheduler.updates().stream().anyMatch(u -> u.getState() == TaskState.TASK_LOST));
                assertThat(status(operator).getDownMachinesList())
                        .containsExactly(
                                MachineID.newBuilder().setHostname(HOST).build());
            }
            try (ScriptedAgent back = ScriptedAgent.connect(MASTERS.client(), master.port())) {
                back.register("cpus:4;mem:1024");
                await().until(() -> back.received(ToAgent.MessageCase.REFUSED).size() == 1);
            }
            assertAnswer(operator.call(up(HOST)), 200, "");
            assertThat(status(operator)).isEqualTo(ClusterStatus.getDefaultInstance());
            try (ScriptedAgent back = ScriptedAgent.connect(MASTERS.client(), master.port())) {
                back.register("cpus:4;mem:1024");
                await().until(() ->
                        back.received(ToAgent.MessageCase.REGISTERED).size() == 1);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void eachRefusalNamesItsField(WireFormat format) throws Exception {
        try (MasterServer master = MASTERS.start()) {
            ScriptedOperator operator = new ScriptedOperator(MASTERS.client(), master.port(), format);
            String windows = "update_maintenance_schedule.schedule.windows";
            for (Call.Type type : List.of(
                    Call.Type.UPDATE_MAINTENANCE_SCHEDULE, Call.Type.START_MAINTENANCE, Call.Type.STOP_MAINTENANCE)) {
                assertAnswer(operator.call(Call.newBuilder().setType(type)), 400, "expecting it to be present");
            }
            assertAnswer(operator.call(schedule(window())), 400, windows + "[0].machine_ids: must not be empty");
            assertAnswer(operator.call(schedule(window(""))), 400, "hostname or ip must be set");
            assertAnswer(operator.call(schedule(window("a"), window("A"))), 400, "[1].machine_ids[0]: machine 'A'");
            Window.Builder unreadable = window("a");
            unreadable.getMachineIdsBuilder(0).setIp("10.0.0.x");
            assertAnswer(operator.call(schedule(unreadable)), 400, "ip '10.0.0.x' is not an address");
            Window.Builder backwards = window("a");
            backwards.getUnavailabilityBuilder().getDurationBuilder().setNanoseconds(-1);
            assertAnswer(operator.call(schedule(backwards)), 400, windows + "[0].unavailability.duration");
            assertAnswer(operator.call(down("a")), 400, "machine 'a' is not in the maintenance schedule");
            assertAnswer(operator.call(down("")), 400, "start_maintenance.machines[0]: hostname or ip must be set");
            Call.Builder twice = down("a");
            twice.getStartMaintenanceBuilder().addMachinesBuilder().setHostname("A");
            assertAnswer(operator.call(twice), 400, "start_maintenance.machines[1]: machine 'A' is given twice");
            Call.Builder none = down("a");
            none.getStartMaintenanceBuilder().clearMachines();
            assertAnswer(operator.call(none), 400, "start_maintenance.machines: must not be empty");
            none = up("a");
            none.getStopMaintenanceBuilder().clearMachines();
            assertAnswer(operator.call(none), 400, "stop_maintenance.machines: must not be empty");
            assertAnswer(operator.call(schedule(window("a"))), 200, "");
            assertAnswer(operator.call(up("a")), 400, "machine 'a' is not down");
            assertAnswer(operator.call(down("a")), 200, "");
            assertAnswer(operator.call(down("a")), 400, "machine 'a' is down already");
            assertAnswer(operator.call(schedule()), 400, "machine 'a' is down and cannot leave the schedule");
        }
    }

    @Test
    void theOlderEndpointsDoTheSame() throws Exception {
        try (MasterServer master = MASTERS.start()) {
            ScriptedOperator operator = new ScriptedOperator(MASTERS.client(), master.port(), WireFormat.JSON);
            assertThat(operator.get("/maintenance/schedule")).hasToString("{\"windows\":[]}");
            assertThat(operator.get("/master/maintenance/status"))
                    .hasToString("{\"draining_machines\":[],\"down_machines\":[]}");
            String windows =
                    "{\"windows\":[{\"machine_ids\":[{\"hostname\":\"h\",\"ip\":\"10.0.0.1\"}],\"unavailability\":"
                            + "{\"start\":{\"nanoseconds\":1900000000000000000},\"duration\":{\"nanoseconds\":3600000000000}}}]}";
            assertAnswer(operator.curl("POST", "/maintenance/schedule", windows), 200, "");
            assertThat(operator.get("/maintenance/schedule")).hasToString(windows);
            assertThat(operator.get("/maintenance/status"))
                    .hasToString(
                            "{\"draining_machines\":[{\"id\":{\"hostname\":\"h\",\"ip\":\"10.0.0.1\"}}],\"down_machines\":[]}");
            String machine = "[{\"hostname\":\"h\",\"ip\":\"10.0.0.1\"}]";
            assertAnswer(operator.curl("POST", "/machine/down", "{}"), 400, "body: expected a JSON array");
            assertAnswer(
                    operator.curl("POST", "/machine/down", "[{\"hostname\":\"x\"}]"), 400, "machine 'x' is not in");
            assertAnswer(operator.curl("POST", "/master/machine/down", machine), 200, "");
            assertThat(operator.get("/maintenance/status"))
                    .hasToString(
                            "{\"draining_machines\":[],\"down_machines\":[{\"hostname\":\"h\",\"ip\":\"10.0.0.1\"}]}");
            assertAnswer(operator.curl("POST", "/machine/up", machine), 200, "");
            assertThat(operator.get("/maintenance/schedule")).hasToString("{\"windows\":[]}");
            assertAnswer(operator.curl("POST", "/maintenance/schedule", "[]"), 400, "");
            assertAnswer(operator.curl("DELETE", "/maintenance/schedule", ""), 405, "");
        }
    }

    @Test
    void theNextLeaderFindsTheScheduleInZooKeeper(@TempDir Path dir) throws Exception {
        try (EmbeddedZooKeeper zooKeeper = EmbeddedZooKeeper.start(dir, "127.0.0.1", 0)) {
            String zk = "zk://127.0.0.1:" + zooKeeper.port() + "/mesos";
            try (MasterServer first = MASTERS.start(flags -> flags.zk = zk)) {
                ScriptedOperator operator = new ScriptedOperator(MASTERS.client(), first.port(), WireFormat.JSON);
                assertAnswer(operator.call(schedule(window(HOST), window("b"))), 200, "");
                assertAnswer(operator.call(down("b")), 200, "");
            }
            try (MasterServer next = MASTERS.start(flags -> flags.zk = zk);
                    ScriptedAgent agent = ScriptedAgent.connect(MASTERS.client(), next.port())) {
                ScriptedOperator operator = new ScriptedOperator(MASTERS.client(), next.port(), WireFormat.PROTOBUF);
                await().untilAsserted(() -> assertThat(operator.read(Call.Type.GET_MAINTENANCE_SCHEDULE)
                                .getGetMaintenanceSchedule()
                                .getSchedule()
                                .getWindowsList())
                        .containsExactly(window(HOST).build(), window("b").build()));
                assertThat(status(operator).getDownMachinesList())
                        .extracting(MachineID::getHostname)
                        .containsExactly("b");
                agent.register("cpus:4;mem:1024");
                try (ScriptedScheduler scheduler =
                        ScriptedScheduler.subscribe(MASTERS.client(), next.port(), WireFormat.JSON, framework())) {
                    await().until(() -> !scheduler.offers().isEmpty());
                    assertThat(scheduler.offers().get(0).getUnavailability())
                            .isEqualTo(window(HOST).getUnavailability());
                }
            }
        }
    }
}
