package io.paddock.master.core;

import static io.paddock.master.core.MasterHarness.call;
import static io.paddock.master.core.MasterHarness.frameworkInfo;
import static io.paddock.master.core.MasterHarness.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.Rejection;
import io.paddock.master.core.MasterEffect.Answer;
import io.paddock.master.core.MasterEffect.Outcome;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.registry.FrameworkRecord;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** SUBSCRIBE, resubscription, loss of the stream, removal, UPDATE_FRAMEWORK. */
@SuppressWarnings("deprecation") // frameworks without MULTI_ROLE use the role field
class SubscriptionTest {
    private final MasterHarness master = new MasterHarness();

    static Stream<Arguments> badDescriptions() {
        return Stream.of(
                bad("role", info -> info.setRole("a")),
                bad("roles[1]", info -> info.addRoles("web")),
                bad("roles[1]", info -> info.addRoles("a//b")),
                bad("roles", info -> info.clearCapabilities()),
                bad("role", info -> info.clearCapabilities().clearRoles().setRole("a b")),
                bad("failover_timeout", info -> info.setFailoverTimeout(-1e18)),
                bad("failover_timeout", info -> info.setFailoverTimeout(Double.NaN)),
                bad("failover_timeout", info -> info.setFailoverTimeout(1e18)),
                bad("principal", info -> info.setPrincipal("other")));
    }

    private static Arguments bad(String field, UnaryOperator<FrameworkInfo.Builder> change) {
        return Arguments.of(field, change);
    }

    @ParameterizedTest
    @MethodSource("badDescriptions")
    void aBadDescriptionIsRejectedNamingTheField(String field, UnaryOperator<FrameworkInfo.Builder> change) {
        FrameworkInfo info = change.apply(frameworkInfo("f", "web")).build();
        Answer answer = master.subscribe("s", null, "me", subscribe(info).build());
        assertThat(answer.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(answer.rejection().code()).isEqualTo(Rejection.Code.INVALID);
        assertThat(answer.rejection().message()).contains("framework_info." + field);
        assertThat(master.snapshot().frameworks()).isEmpty();
        assertThat(master.store).isEmpty();
    }

    @Test
    void aStreamIdOrDifferentIdsAreRejected() {
        FrameworkInfo info = frameworkInfo("f", "web").build();
        assertThat(master.subscribe("s", "given", null, subscribe(info).build()).outcome())
                .isEqualTo(Outcome.REJECTED);
        Call onlyOuter = subscribe(info)
                .setFrameworkId(FrameworkID.newBuilder().setValue("x"))
                .build();
        assertThat(master.subscribe("s", onlyOuter).outcome()).isEqualTo(Outcome.REJECTED);
        Call suppressedForeign = subscribe(info).build().toBuilder()
                .setSubscribe(Call.Subscribe.newBuilder().setFrameworkInfo(info).addSuppressedRoles("other"))
                .build();
        assertThat(master.subscribe("s", suppressedForeign).rejection().message())
                .contains("suppressed_roles[0]");
        assertThat(master.snapshot().frameworks()).isEmpty();
    }

    @Test
    void aNewFrameworkIsDurableBeforeItIsTold() {
        master.confirmWrites = false;
        master.subscribe("s", subscribe(frameworkInfo("f", "web").build()).build());
        assertThat(master.events("s")).isEmpty();
        master.confirmAll();
        assertThat(master.events("s"))
                .extracting(Event::getType)
                .containsExactly(Event.Type.SUBSCRIBED, Event.Type.HEARTBEAT);
        assertThat(master.events("s").get(0).getSubscribed().getFrameworkId().getValue())
                .isEqualTo("m1-0000");
        assertThat(master.events("s").get(0).getSubscribed().getHeartbeatIntervalSeconds())
                .isEqualTo(15.0);
        assertThat(master.store).containsKey("frameworks/m1-0000");
    }

    @Test
    void aSchedulerGoneBeforeItLearntItsIdLeavesNothing() {
        master.confirmWrites = false;
        master.subscribe("s", subscribe(frameworkInfo("f", "web").build()).build());
        master.feed(new MasterEvent.SchedulerStreamClosed("s"));
        master.confirmAll();
        assertThat(master.snapshot().frameworks()).isEmpty();
        assertThat(master.store).isEmpty();
    }

    @Test
    void aSchedulerThatCameBackOnAnotherStreamLosesNothingWithTheFirst() {
        Call again = subscribe(frameworkInfo("f", "web")
                        .setId(FrameworkID.newBuilder().setValue("old-0007"))
                        .build())
                .build();
        master.confirmWrites = false;
        master.subscribe("s1", again);
        master.subscribe("s2", again);
        master.feed(new MasterEvent.SchedulerStreamClosed("s1"));
        master.confirmAll();
        assertThat(master.framework("old-0007").connected()).isTrue();
        assertThat(master.store).containsKey("frameworks/old-0007");
    }

    /** A master elected later would count from it, however long the framework was there meanwhile. */
    @Test
    void aFrameworkThatIsThereHasNoDeadline() throws Exception {
        FrameworkInfo.Builder info = frameworkInfo("f", "web").setFailoverTimeout(3600);
        String id = master.subscribed("s1", info);
        info.setId(FrameworkID.newBuilder().setValue(id)).setName("g");
        master.confirmWrites = false;
        master.subscribe("s2", subscribe(info.build()).build());
        master.feed(new MasterEvent.SchedulerStreamClosed("s1"));
        master.confirmAll();
        assertThat(master.framework(id).connected()).isTrue();
        FrameworkRecord record = FrameworkRecord.parseFrom(master.store.get("frameworks/" + id));
        assertThat(record.hasDeadline()).isFalse();
        assertThat(record.getInfo().getName()).isEqualTo("g");
    }

    @Test
    void aSchedulerThatComesBackWhileItsFrameworkIsRemovedIsToldSo() {
        FrameworkInfo.Builder info = frameworkInfo("f", "web").setFailoverTimeout(0);
        String id = master.subscribed("s1", info);
        info.setId(FrameworkID.newBuilder().setValue(id)).setName("g");
        master.confirmWrites = false;
        master.subscribe("s2", subscribe(info.build()).build());
        master.feed(new MasterEvent.SchedulerStreamClosed("s1"));
        master.confirmAll();
        assertThat(master.events("s2")).extracting(Event::getType).containsExactly(Event.Type.ERROR);
        assertThat(master.store).isEmpty();
    }

    @Test
    void theAuthenticatedPrincipalIsFilledIn() {
        master.subscribe(
                "s", null, "me", subscribe(frameworkInfo("f", "web").build()).build());
        assertThat(master.framework("m1-0000").info().getPrincipal()).isEqualTo("me");
        assertThat(master.call("s", "other", call("m1-0000", Call.Type.REVIVE)).outcome())
                .isEqualTo(Outcome.REJECTED);
        assertThat(master.call("s", "me", call("m1-0000", Call.Type.REVIVE)).outcome())
                .isEqualTo(Outcome.ACCEPTED);
    }

    @Test
    void heartbeatsComeEvery15Seconds() {
        master.subscribed("s", frameworkInfo("f", "web"));
        master.advance(Duration.ofSeconds(46));
        assertThat(master.events("s", Event.Type.HEARTBEAT)).hasSize(4);
    }

    @Test
    void theNewestSubscriptionWinsAndOffersAreDiscardedSilently() {
        master.register("l", "cpus:4;mem:1024");
        String id = master.subscribed("s1", frameworkInfo("f", "web"));
        master.settle();
        assertThat(master.offers("s1")).hasSize(1);
        master.subscribed(
                "s2", frameworkInfo("f2", "web").setId(FrameworkID.newBuilder().setValue(id)));
        Event last = master.events("s1").get(master.events("s1").size() - 1);
        assertThat(last.getError().getMessage()).isEqualTo("Framework failed over");
        assertThat(master.closedStreams).containsExactly("s1");
        assertThat(master.events("s1", Event.Type.RESCIND)).isEmpty();
        assertThat(master.framework(id).info().getName()).isEqualTo("f2");
        master.settle();
        assertThat(master.offers("s2")).hasSize(1);
        assertThat(master.call("s1", call(id, Call.Type.REVIVE)).rejection().message())
                .contains("stream ID");
        master.feed(new MasterEvent.SchedulerStreamClosed("s1"));
        assertThat(master.framework(id).connected()).isTrue();
    }

    @Test
    void userAndCheckpointStayAndAnotherPrincipalIsAnError() {
        FrameworkInfo.Builder info =
                frameworkInfo("f", "web").setPrincipal("me").setCheckpoint(true);
        String id = master.subscribed("s1", info);
        info.setId(FrameworkID.newBuilder().setValue(id));
        master.subscribed("s2", info.setUser("nobody").setCheckpoint(false));
        assertThat(master.framework(id).info().getUser()).isEqualTo("root");
        assertThat(master.framework(id).info().getCheckpoint()).isTrue();
        master.subscribe("s3", subscribe(info.setPrincipal("you").build()).build());
        assertThat(master.events("s3")).extracting(Event::getType).containsExactly(Event.Type.ERROR);
        assertThat(master.closedStreams).contains("s3");
        assertThat(master.framework(id).connected()).isTrue();
    }

    @Test
    void aLostFrameworkIsRemovedAfterItsFailoverTimeout() {
        String link = "l";
        master.register(link, "cpus:4;mem:1024");
        String id = master.subscribed("s", frameworkInfo("f", "web"));
        master.settle();
        Offer offer = master.lastOffer("s");
        master.accept(
                "s",
                id,
                offer,
                MasterHarness.launch(
                        MasterHarness.task("t", offer, "cpus:1;mem:32").build()));
        master.feed(new MasterEvent.SchedulerStreamClosed("s"));
        assertThat(master.framework(id).connected()).isFalse();
        assertThat(master.call("s", call(id, Call.Type.REVIVE)).rejection().code())
                .isEqualTo(Rejection.Code.FORBIDDEN);
        master.advance(Duration.ofSeconds(59));
        assertThat(master.snapshot().frameworks()).hasSize(1);
        master.advance(Duration.ofSeconds(2));
        assertThat(master.snapshot().frameworks()).isEmpty();
        var completed = master.snapshot().completedFrameworks().get(0);
        assertThat(completed.completedTasks().get(0).getState()).isEqualTo(TaskState.TASK_KILLED);
        assertThat(completed.unregisteredAt()).isNotNull();
        assertThat(master.sent(link, io.paddock.proto.link.ToAgent.MessageCase.SHUTDOWN_FRAMEWORK))
                .hasSize(1);
        assertThat(master.agent("m1-S0").used().isEmpty()).isTrue();
        assertThat(master.store).doesNotContainKey("frameworks/" + id);

        master.subscribe(
                "s2",
                subscribe(frameworkInfo("f", "web")
                                .setId(FrameworkID.newBuilder().setValue(id))
                                .build())
                        .build());
        assertThat(master.events("s2").get(0).getError().getMessage()).isEqualTo("Framework has been removed");
        master.update(link, id, master.status("t", TaskState.TASK_KILLED));
        assertThat(master.sent(link, io.paddock.proto.link.ToAgent.MessageCase.ACKNOWLEDGE))
                .as("the agent may forget the update of a removed framework")
                .hasSize(1);
    }

    @Test
    void comingBackInTimeStopsTheClock() {
        String id = master.subscribed("s", frameworkInfo("f", "web"));
        master.feed(new MasterEvent.SchedulerStreamClosed("s"));
        master.advance(Duration.ofSeconds(50));
        master.subscribed(
                "s2", frameworkInfo("f", "web").setId(FrameworkID.newBuilder().setValue(id)));
        master.advance(Duration.ofSeconds(500));
        assertThat(master.framework(id).connected()).isTrue();
    }

    @Test
    void withoutFailoverTimeoutALostFrameworkIsRemovedAtOnce() {
        master.subscribed("s", frameworkInfo("f", "web").clearFailoverTimeout());
        master.feed(new MasterEvent.SchedulerStreamClosed("s"));
        assertThat(master.snapshot().frameworks()).isEmpty();
        assertThat(master.store).isEmpty();
    }

    @Test
    void anUnknownIdIsTakenBack() {
        String id = master.subscribed(
                "s", frameworkInfo("f", "web").setId(FrameworkID.newBuilder().setValue("old-0007")));
        assertThat(id).isEqualTo("old-0007");
    }

    @Test
    void aFrameworkCanChangeWithoutLosingItsStream() {
        master.register("l", "cpus:4;mem:1024");
        String id = master.subscribed("s", frameworkInfo("f", "web"));
        FrameworkInfo known = master.framework(id).info();
        Answer done = master.call(
                "s",
                call(id, Call.Type.UPDATE_FRAMEWORK)
                        .setUpdateFramework(Call.UpdateFramework.newBuilder()
                                .setFrameworkInfo(known.toBuilder().setName("g").addRoles("db"))
                                .addSuppressedRoles("web")));
        assertThat(done.outcome()).isEqualTo(Outcome.DONE);
        master.settle();
        assertThat(master.framework(id).roles()).containsExactly("web", "db");
        assertThat(master.lastOffer("s").getAllocationInfo().getRole()).isEqualTo("db");
        for (FrameworkInfo.Builder change : new FrameworkInfo.Builder[] {
            known.toBuilder().setUser("x"),
            known.toBuilder().setCheckpoint(true),
            known.toBuilder().setPrincipal("x"),
            known.toBuilder().setId(FrameworkID.newBuilder().setValue("x"))
        }) {
            Answer refused = master.call(
                    "s",
                    call(id, Call.Type.UPDATE_FRAMEWORK)
                            .setUpdateFramework(
                                    Call.UpdateFramework.newBuilder().setFrameworkInfo(change)));
            assertThat(refused.outcome()).isEqualTo(Outcome.REJECTED);
        }
        assertThat(master.framework(id).info().getName()).isEqualTo("g");
    }

    @Test
    void aFrameworkThatIsBeingRemovedIsNotWrittenAnew() {
        String id = master.subscribed("s", frameworkInfo("f", "web").setFailoverTimeout(3600));
        FrameworkInfo known = master.framework(id).info();
        master.confirmWrites = false;
        master.operate(io.paddock.proto.v1.master.Call.newBuilder()
                .setType(io.paddock.proto.v1.master.Call.Type.TEARDOWN)
                .setTeardown(io.paddock.proto.v1.master.Call.Teardown.newBuilder()
                        .setFrameworkId(FrameworkID.newBuilder().setValue(id))));
        Answer late = master.call(
                "s",
                call(id, Call.Type.UPDATE_FRAMEWORK)
                        .setUpdateFramework(Call.UpdateFramework.newBuilder()
                                .setFrameworkInfo(known.toBuilder().setName("g"))));
        master.confirmAll();
        assertThat(master.store).isEmpty();
        assertThat(late.outcome()).isEqualTo(Outcome.REJECTED);
    }

    @Test
    void withoutMultiRoleThereIsNoAllocationInfo() {
        master.register("l", "cpus:4;mem:1024");
        String id = master.subscribed(
                "s", FrameworkInfo.newBuilder().setUser("root").setName("old").setFailoverTimeout(1));
        master.settle();
        Offer offer = master.lastOffer("s");
        assertThat(offer.hasAllocationInfo()).isFalse();
        assertThat(offer.getResourcesList()).allSatisfy(r -> {
            assertThat(r.hasAllocationInfo()).isFalse();
            assertThat(r.getRole()).isEqualTo("*");
        });
        master.accept(
                "s",
                id,
                offer,
                MasterHarness.launch(
                        MasterHarness.task("t", offer, "cpus:1;mem:32").build()));
        assertThat(master.agent("m1-S0")
                        .tasks()
                        .get(0)
                        .getResources(0)
                        .getAllocationInfo()
                        .getRole())
                .isEqualTo("*");
        master.accept(
                "s",
                id,
                offer,
                MasterHarness.launch(
                        MasterHarness.task("t2", offer, "cpus:1;mem:32").build()));
        assertThat(master.lastUpdate("s").getState())
                .as("a framework without PARTITION_AWARE knows LOST only")
                .isEqualTo(TaskState.TASK_LOST);
    }

    @Test
    void aFrameworkWithoutRolesGetsNoOffers() {
        master.register("l", "cpus:4;mem:1024");
        String id = master.subscribed("s", frameworkInfo("f"));
        master.call("s", call(id, Call.Type.REVIVE));
        master.settle();
        assertThat(master.offers("s")).isEmpty();
    }

    @Test
    void anUnknownAgentMessageIsIgnored() {
        master.spoke("nobody", FromAgent.newBuilder());
        assertThat(master.snapshot().agents()).isEmpty();
    }
}
