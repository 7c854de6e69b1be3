package io.paddock.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.Rejection;
import io.paddock.master.core.MasterEffect.Answer;
import io.paddock.master.core.snapshot.AgentView;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.Register;
import io.paddock.proto.link.Reregister;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.DurationInfo;
import io.paddock.proto.v1.Filters;
import io.paddock.proto.v1.InverseOffer;
import io.paddock.proto.v1.MachineID;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OfferID;
import io.paddock.proto.v1.Task;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.TimeInfo;
import io.paddock.proto.v1.Unavailability;
import io.paddock.proto.v1.allocator.InverseOfferStatus;
import io.paddock.proto.v1.allocator.InverseOfferStatus.Status;
import io.paddock.proto.v1.maintenance.ClusterStatus;
import io.paddock.proto.v1.maintenance.Schedule;
import io.paddock.proto.v1.maintenance.Window;
import io.paddock.proto.v1.master.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Maintenance in the master: schedules, inverse offers, machines down and up, and the next leader. */
class MaintenanceTest {
    private static final String RESOURCES = "cpus:4;mem:1024";
    private final MasterHarness master = new MasterHarness();

    /** @param text host name, {@code /ip} or both */
    private static MachineID machine(String text) {
        String[] parts = text.split("/", -1);
        MachineID.Builder id = MachineID.newBuilder();
        if (!parts[0].isEmpty()) {
            id.setHostname(parts[0]);
        }
        if (parts.length > 1) {
            id.setIp(parts[1]);
        }
        return id.build();
    }

    private static List<MachineID> machines(String... texts) {
        return Arrays.stream(texts).map(MaintenanceTest::machine).toList();
    }

    private static Unavailability hours(int start, int duration) {
        return Unavailability.newBuilder()
                .setStart(TimeInfo.newBuilder()
                        .setNanoseconds((MasterHarness.START.getEpochSecond() + start * 3600L) * 1_000_000_000L))
                .setDuration(DurationInfo.newBuilder().setNanoseconds(duration * 3600L * 1_000_000_000L))
                .build();
    }

    private static Window window(int start, String... ids) {
        return Window.newBuilder()
                .addAllMachineIds(machines(ids))
                .setUnavailability(hours(start, 1))
                .build();
    }

    private Answer schedule(Window... windows) {
        return master.operate(Call.newBuilder()
                .setType(Call.Type.UPDATE_MAINTENANCE_SCHEDULE)
                .setUpdateMaintenanceSchedule(Call.UpdateMaintenanceSchedule.newBuilder()
                        .setSchedule(Schedule.newBuilder().addAllWindows(List.of(windows)))));
    }

    private Answer start(String... ids) {
        return master.operate(Call.newBuilder()
                .setType(Call.Type.START_MAINTENANCE)
                .setStartMaintenance(Call.StartMaintenance.newBuilder().addAllMachines(machines(ids))));
    }

    private Answer stop(String... ids) {
        return master.operate(Call.newBuilder()
                .setType(Call.Type.STOP_MAINTENANCE)
                .setStopMaintenance(Call.StopMaintenance.newBuilder().addAllMachines(machines(ids))));
    }

    private static void assertDone(Answer answer) {
        assertThat(answer).isEqualTo(Answer.DONE);
    }

    private static void assertRefused(Answer answer, String message) {
        assertThat(answer.rejection()).isNotNull();
        assertThat(answer.rejection().code()).isEqualTo(Rejection.Code.INVALID);
        assertThat(answer.rejection().message()).contains(message);
    }

    private List<InverseOffer> inverseOffers(String stream) {
        return master.events(stream, Event.Type.INVERSE_OFFERS).stream()
                .flatMap(e -> e.getInverseOffers().getInverseOffersList().stream())
                .toList();
    }

    private ClusterStatus status() {
        return master.snapshot().maintenance().status();
    }

    private List<Status> answers() {
        return status().getDrainingMachinesList().stream()
                .flatMap(m -> m.getStatusesList().stream())
                .map(InverseOfferStatus::getStatus)
                .toList();
    }

    /** A framework with one task on the only agent that offers; @return its id */
    private String withTask(String stream, String resources) {
        String framework = master.subscribed(stream, MasterHarness.frameworkInfo(stream, "r"));
        master.settle();
        Offer offer = master.lastOffer(stream);
        TaskInfo task = MasterHarness.task("t-" + stream, offer, resources).build();
        master.accept(stream, framework, offer, MasterHarness.launch(task));
        master.settle();
        return framework;
    }

    private Answer answer(String stream, String framework, Status status, double refuseSeconds, String... ids) {
        Filters filters = Filters.newBuilder().setRefuseSeconds(refuseSeconds).build();
        List<OfferID> offers = Arrays.stream(ids).map(Ids::offer).toList();
        io.paddock.proto.v1.scheduler.Call.Builder call = status == Status.ACCEPT
                ? MasterHarness.call(framework, io.paddock.proto.v1.scheduler.Call.Type.ACCEPT_INVERSE_OFFERS)
                        .setAcceptInverseOffers(io.paddock.proto.v1.scheduler.Call.AcceptInverseOffers.newBuilder()
                                .addAllInverseOfferIds(offers)
                                .setFilters(filters))
                : MasterHarness.call(framework, io.paddock.proto.v1.scheduler.Call.Type.DECLINE_INVERSE_OFFERS)
                        .setDeclineInverseOffers(io.paddock.proto.v1.scheduler.Call.DeclineInverseOffers.newBuilder()
                                .addAllInverseOfferIds(offers)
                                .setFilters(filters));
        return master.call(stream, call);
    }

    @Test
    void schedulesThatMakeNoSenseAreRefusedAndChangeNothing() {
        String path = "update_maintenance_schedule.schedule.windows";
        assertDone(schedule(window(1, "h1")));
        assertRefused(
                master.operate(Call.newBuilder().setType(Call.Type.UPDATE_MAINTENANCE_SCHEDULE)),
                "update_maintenance_schedule: expecting it to be present");
        assertRefused(schedule(window(1)), path + "[0].machine_ids: must not be empty");
        assertRefused(schedule(window(1, "h2", "")), path + "[0].machine_ids[1]: hostname or ip must be set");
        assertRefused(schedule(window(1, "h2/10.0.0.256")), path + "[0].machine_ids[0]: ip '10.0.0.256' is not");
        assertRefused(schedule(window(1, "h2", "H2")), path + "[0].machine_ids[1]: machine 'H2' is given twice");
        assertRefused(
                schedule(window(1, "h2/10.0.0.1"), window(2, "h3", "h2/10.0.0.1")),
                path + "[1].machine_ids[1]: machine 'h2 / 10.0.0.1' is given twice");
        assertRefused(
                schedule(Window.newBuilder()
                        .addMachineIds(machine("h2"))
                        .setUnavailability(hours(1, -1))
                        .build()),
                path + "[0].unavailability.duration: must not be negative");
        String[] many = new String[10_000];
        Arrays.setAll(many, i -> "machine-" + i + ".example.com/10.0." + i / 256 + "." + i % 256);
        assertRefused(schedule(window(1, many)), "too many machines to be written at once");
        assertThat(master.snapshot().maintenance().schedule().getWindowsList()).containsExactly(window(1, "h1"));
    }

    @Test
    void aScheduleReplacesTheFormerOneInTheOrderGiven() {
        assertDone(schedule(window(2, "z", "a/10.0.0.1"), window(1, "/10.0.0.2")));
        assertThat(master.snapshot().maintenance().schedule().getWindowsList())
                .containsExactly(window(2, "z", "a/10.0.0.1"), window(1, "/10.0.0.2"));
        assertThat(status().getDrainingMachinesCount()).isEqualTo(3);
        assertDone(schedule());
        assertThat(master.snapshot().maintenance().schedule()).isEqualTo(Schedule.getDefaultInstance());
        assertThat(master.store.keySet()).noneMatch(key -> key.startsWith("machines/"));
    }

    @Test
    void machinesGoDownAndUpOnlyInTurn() {
        assertRefused(start("h1"), "start_maintenance.machines[0]: machine 'h1' is not in the maintenance schedule");
        assertRefused(start(), "start_maintenance.machines: must not be empty");
        assertRefused(stop("h1"), "stop_maintenance.machines[0]: machine 'h1' is not down");
        assertDone(schedule(window(1, "h1", "h2"), window(2, "h3")));
        assertRefused(stop("h1"), "machine 'h1' is not down");
        assertRefused(start("h1", "H1"), "start_maintenance.machines[1]: machine 'H1' is given twice");
        assertDone(start("H1"));
        assertThat(status().getDownMachinesList()).containsExactly(machine("h1"));
        assertThat(status().getDrainingMachinesCount()).isEqualTo(2);
        assertRefused(start("h2", "h1"), "start_maintenance.machines[1]: machine 'h1' is down already");
        assertThat(status().getDownMachinesCount()).isEqualTo(1);
        assertRefused(schedule(window(1, "h2")), "machine 'h1' is down and cannot leave the schedule");
        assertDone(schedule(window(4, "h1")));
        assertThat(status().getDownMachinesList()).containsExactly(machine("h1"));
        assertDone(stop("h1"));
        assertThat(master.snapshot().maintenance().schedule()).isEqualTo(Schedule.getDefaultInstance());
    }

    @Test
    void offersAreRescindedAndComeAgainWithTheTimeOfTheMaintenance() {
        master.register("l1", RESOURCES);
        master.register("l2", RESOURCES);
        master.subscribed("s1", MasterHarness.frameworkInfo("f", "r"));
        master.settle();
        assertThat(master.offers("s1")).hasSize(2).noneMatch(Offer::hasUnavailability);
        assertDone(schedule(window(1, "HOST-L1")));
        assertThat(master.events("s1", Event.Type.RESCIND)).hasSize(1);
        master.settle();
        assertThat(master.offers("s1")).hasSize(3);
        assertThat(master.lastOffer("s1").getUnavailability()).isEqualTo(hours(1, 1));
        master.settle();
        assertThat(inverseOffers("s1")).hasSize(1);
        assertDone(schedule(window(1, "host-l1", "elsewhere")));
        assertThat(master.events("s1", Event.Type.RESCIND)).hasSize(1);
        assertDone(schedule());
        master.settle();
        assertThat(master.events("s1", Event.Type.RESCIND)).hasSize(2);
        assertThat(master.lastOffer("s1").hasUnavailability()).isFalse();
        assertThat(master.events("s1", Event.Type.RESCIND_INVERSE_OFFER)).hasSize(1);
        assertThat(inverseOffers("s1")).hasSize(1);
    }

    @Test
    void frameworksThatUseAnAgentAreAskedToLeaveItAndTheirAnswersAreKept() {
        String agent = master.register("l1", RESOURCES);
        String one = withTask("s1", "cpus:1;mem:128");
        String two = withTask("s2", "cpus:1;mem:128");
        master.subscribed("s3", MasterHarness.frameworkInfo("idle"));
        assertDone(schedule(window(1, "host-l1")));
        master.settle();
        InverseOffer asked = inverseOffers("s1").get(0);
        assertThat(asked.getFrameworkId().getValue()).isEqualTo(one);
        assertThat(asked.getAgentId().getValue()).isEqualTo(agent);
        assertThat(asked.getUnavailability()).isEqualTo(hours(1, 1));
        assertThat(asked.getUrl().getAddress().getHostname()).isEqualTo("host-l1");
        assertThat(asked.getResourcesList()).isEmpty();
        assertThat(inverseOffers("s2")).hasSize(1);
        assertThat(inverseOffers("s3")).isEmpty();
        assertThat(answers()).containsExactly(Status.UNKNOWN, Status.UNKNOWN);
        assertThat(master.snapshot().maintenance().inverseOffers()).hasSize(2);

        assertThat(answer("s1", one, Status.ACCEPT, 3600, asked.getId().getValue()))
                .isEqualTo(Answer.ACCEPTED);
        String other = inverseOffers("s2").get(0).getId().getValue();
        answer("s1", one, Status.ACCEPT, 3600, other, "unknown");
        assertThat(answers()).containsExactly(Status.ACCEPT, Status.UNKNOWN);
        answer("s2", two, Status.DECLINE, 5, other);
        assertThat(answers()).containsExactly(Status.ACCEPT, Status.DECLINE);
        assertThat(master.snapshot().maintenance().inverseOffers()).isEmpty();
        // Nothing was moved by an answer.
        assertThat(master.agent(agent).tasks()).hasSize(2);

        master.advance(Duration.ofSeconds(4));
        assertThat(inverseOffers("s2")).hasSize(1);
        master.advance(Duration.ofSeconds(2));
        assertThat(inverseOffers("s2")).hasSize(2);
        assertThat(inverseOffers("s1")).hasSize(1);
        master.call("s1", MasterHarness.call(one, io.paddock.proto.v1.scheduler.Call.Type.REVIVE));
        master.settle();
        assertThat(inverseOffers("s1")).hasSize(2);
    }

    @Test
    void aFrameworkThatOnlyHoldsAnOfferIsAskedAndNotAgainWithoutIt() {
        master.register("l1", RESOURCES);
        String id = master.subscribed("s1", MasterHarness.frameworkInfo("f", "r"));
        master.subscribed("s2", MasterHarness.frameworkInfo("withoutOffer", "r"));
        assertDone(schedule(window(1, "host-l1")));
        master.settle();
        master.settle();
        assertThat(inverseOffers("s1")).hasSize(1);
        assertThat(inverseOffers("s2")).isEmpty();
        answer("s1", id, Status.DECLINE, 5, inverseOffers("s1").get(0).getId().getValue());
        master.call(
                "s1",
                MasterHarness.call(id, io.paddock.proto.v1.scheduler.Call.Type.DECLINE)
                        .setDecline(io.paddock.proto.v1.scheduler.Call.Decline.newBuilder()
                                .addOfferIds(master.lastOffer("s1").getId())
                                .setFilters(Filters.newBuilder().setRefuseSeconds(3600))));
        master.advance(Duration.ofSeconds(60));
        assertThat(inverseOffers("s1")).hasSize(1);
        assertThat(inverseOffers("s2")).hasSize(1);
    }

    @Test
    void aFrameworkThatBeginsToUseADrainingAgentIsAskedToo() {
        master.register("l1", RESOURCES);
        assertDone(schedule(window(1, "host-l1")));
        withTask("s1", RESOURCES);
        assertThat(inverseOffers("s1")).hasSize(1);
    }

    @Test
    void whatWasAskedIsRescindedWhenTheScheduleChangesAndAskedAgainAtTheNewTime() {
        master.register("l1", RESOURCES);
        withTask("s1", "cpus:1;mem:128");
        assertDone(schedule(window(1, "host-l1")));
        master.settle();
        assertDone(schedule(window(2, "host-l1")));
        assertThat(master.events("s1", Event.Type.RESCIND_INVERSE_OFFER))
                .extracting(e -> e.getRescindInverseOffer().getInverseOfferId())
                .containsExactly(inverseOffers("s1").get(0).getId());
        master.settle();
        assertThat(inverseOffers("s1")).hasSize(2);
        assertThat(inverseOffers("s1").get(1).getUnavailability()).isEqualTo(hours(2, 1));
        assertDone(schedule());
        assertThat(master.events("s1", Event.Type.RESCIND_INVERSE_OFFER)).hasSize(2);
        master.settle();
        assertThat(inverseOffers("s1")).hasSize(2);
    }

    @Test
    void anAgentThatIsAwayIsNotAskedAboutUntilItIsBackAndAReconnectedFrameworkIsAskedAnew() {
        String agent = master.register("l1", RESOURCES);
        String framework = withTask("s1", "cpus:1;mem:128");
        assertDone(schedule(window(1, "host-l1")));
        master.settle();
        master.feed(new MasterEvent.AgentLinkClosed("l1"));
        assertThat(master.events("s1", Event.Type.RESCIND_INVERSE_OFFER)).hasSize(1);
        master.settle();
        assertThat(inverseOffers("s1")).hasSize(1);
        comesBack("l2", agent, framework);
        master.settle();
        assertThat(inverseOffers("s1")).hasSize(2);

        master.feed(new MasterEvent.SchedulerStreamClosed("s1"));
        assertThat(master.snapshot().maintenance().inverseOffers()).isEmpty();
        master.subscribe(
                "s2",
                MasterHarness.subscribe(MasterHarness.frameworkInfo("s1", "r")
                                .setId(Ids.framework(framework))
                                .build())
                        .build());
        master.settle();
        assertThat(inverseOffers("s2")).hasSize(1);
    }

    private void comesBack(String link, String agent, String framework) {
        Reregister.Builder back = master.reregister("host-l1", RESOURCES, agent);
        master.snapshot().agents().forEach(a -> back.addAllTasks(a.tasks()));
        master.snapshot().frameworks().stream()
                .filter(f -> f.id().equals(framework))
                .forEach(f -> back.addFrameworks(f.info()));
        master.spoke(link, FromAgent.newBuilder().setReregister(back));
    }

    @Test
    void agentsOfAMachineThatGoesDownAreShutDownAndNotLetInUntilItIsUp() {
        String agent = master.register("l1", RESOURCES);
        String framework = withTask("s1", "cpus:1;mem:128");
        assertDone(schedule(window(1, "host-l1")));
        master.settle();
        master.confirmWrites = false;
        assertThat(start("host-l1")).isNull();
        assertThat(master.sent("l1", ToAgent.MessageCase.SHUTDOWN)).isEmpty();
        master.confirmAll();
        assertThat(master.sent("l1", ToAgent.MessageCase.SHUTDOWN)).hasSize(1);
        assertThat(master.closedLinks).contains("l1");
        assertThat(master.events("s1", Event.Type.RESCIND_INVERSE_OFFER)).hasSize(1);
        TaskStatus lost = master.lastUpdate("s1");
        assertThat(lost.getState()).isEqualTo(TaskState.TASK_GONE);
        assertThat(lost.getReason()).isEqualTo(TaskStatus.Reason.REASON_AGENT_REMOVED);
        assertThat(lost.getMessage()).contains("down for maintenance");
        assertThat(master.snapshot().agents()).isEmpty();
        assertThat(master.framework(framework).used().isEmpty()).isTrue();

        assertThat(master.register("l2", RESOURCES)).isNotEmpty();
        master.spoke("l3", FromAgent.newBuilder().setReregister(master.reregister("host-l1", RESOURCES, agent)));
        assertThat(master.sent("l3", ToAgent.MessageCase.REFUSED)
                        .get(0)
                        .getRefused()
                        .getShutdown())
                .isTrue();
        register("l4", "HOST-L1", "");
        assertThat(master.sent("l4", ToAgent.MessageCase.REFUSED)
                        .get(0)
                        .getRefused()
                        .getMessage())
                .contains("'HOST-L1' is down for maintenance");
        assertDone(stop("host-l1"));
        register("l5", "host-l1", "");
        assertThat(master.sent("l5", ToAgent.MessageCase.REGISTERED)).hasSize(1);
    }

    private void register(String link, String hostname, String ip) {
        master.spoke(
                link,
                FromAgent.newBuilder()
                        .setRegister(Register.newBuilder()
                                .setAgent(MasterHarness.agentInfo(hostname, RESOURCES))
                                .setVersion("0.1.0")
                                .setIp(ip)
                                .addAllCapabilities(MasterHarness.capabilities())));
    }

    @Test
    void anAgentIsOnTheMachineThatHasItsNameAndItsAddress() {
        assertDone(schedule(window(1, "both/10.0.0.1"), window(2, "named"), window(3, "/10.0.0.3")));
        register("l1", "both", "10.0.0.1");
        register("l2", "both", "10.0.0.9");
        register("l3", "Named", "10.0.0.8");
        register("l4", "other", "10.0.0.3");
        register("l5", "10.0.0.3", "");
        assertThat(master.snapshot().agents())
                .extracting(AgentView::unavailability)
                .containsExactly(hours(1, 1), null, hours(2, 1), hours(3, 1), hours(3, 1));
    }

    @Test
    void anAgentInTheScheduleIsNotDrainedBesides() {
        String agent = master.register("l1", RESOURCES);
        assertDone(schedule(window(1, "host-l1")));
        assertRefused(
                master.operate(Call.newBuilder()
                        .setType(Call.Type.DRAIN_AGENT)
                        .setDrainAgent(Call.DrainAgent.newBuilder()
                                .setAgentId(AgentID.newBuilder().setValue(agent)))),
                "is on a machine in the maintenance schedule");
    }

    @Test
    void theNextLeaderKeepsTheScheduleAsksAgainAndKeepsDownMachinesOut() {
        String agent = master.register("l1", RESOURCES);
        String framework = withTask("s1", RESOURCES);
        String gone = master.register("l2", RESOURCES);
        assertDone(schedule(window(1, "host-l1", "host-l2")));
        assertDone(start("host-l2"));
        List<Task> tasks = master.agent(agent).tasks();
        assertThat(tasks).hasSize(1);
        master.failOver("m2");
        assertThat(status().getDownMachinesList()).containsExactly(machine("host-l2"));
        assertThat(status().getDrainingMachinesList()).hasSize(1);
        master.subscribe(
                "s2",
                MasterHarness.subscribe(MasterHarness.frameworkInfo("s1", "r")
                                .setId(Ids.framework(framework))
                                .build())
                        .build());
        master.spoke(
                "l3",
                FromAgent.newBuilder()
                        .setReregister(
                                master.reregister("host-l1", RESOURCES, agent).addAllTasks(tasks)));
        master.settle();
        assertThat(inverseOffers("s2")).hasSize(1);
        master.spoke("l4", FromAgent.newBuilder().setReregister(master.reregister("host-l2", RESOURCES, gone)));
        assertThat(master.sent("l4", ToAgent.MessageCase.REFUSED)).hasSize(1);
    }

    @Test
    void tasksOfAnUnreachableAgentThatComesToADownMachineAreUnreachableNoMore() {
        String agent = master.register("l1", RESOURCES);
        String framework = withTask("s1", RESOURCES);
        master.feed(new MasterEvent.AgentLinkClosed("l1"));
        master.advance(Duration.ofMinutes(11));
        assertThat(master.lastUpdate("s1").getState()).isEqualTo(TaskState.TASK_UNREACHABLE);
        assertDone(schedule(window(1, "host-l1")));
        assertDone(start("host-l1"));
        master.spoke("l2", FromAgent.newBuilder().setReregister(master.reregister("host-l1", RESOURCES, agent)));
        assertThat(master.snapshot().unreachableAgents()).isEmpty();
        master.call(
                "s1",
                MasterHarness.call(framework, io.paddock.proto.v1.scheduler.Call.Type.RECONCILE)
                        .setReconcile(io.paddock.proto.v1.scheduler.Call.Reconcile.newBuilder()
                                .addTasks(io.paddock.proto.v1.scheduler.Call.Reconcile.Task.newBuilder()
                                        .setTaskId(Ids.task("t-s1"))
                                        .setAgentId(Ids.agent(agent)))));
        assertThat(master.lastUpdate("s1").getState()).isEqualTo(TaskState.TASK_UNKNOWN);
    }

    @Test
    void anAgentThatIsAwaitedWhileItsMachineGoesDownIsForgottenWhenItComes() {
        String agent = master.register("l1", RESOURCES);
        assertDone(schedule(window(1, "host-l1")));
        master.failOver("m2");
        assertDone(start("host-l1"));
        assertThat(master.snapshot().recoveredAgents()).hasSize(1);
        master.spoke("l2", FromAgent.newBuilder().setReregister(master.reregister("host-l1", RESOURCES, agent)));
        assertThat(master.sent("l2", ToAgent.MessageCase.REFUSED)).hasSize(1);
        assertThat(master.snapshot().recoveredAgents()).isEmpty();
        assertThat(master.store.keySet()).noneMatch(key -> key.startsWith("agents/"));
    }
}
