package io.paddock.master.core;

import static io.paddock.master.core.MasterHarness.capability;
import static io.paddock.master.core.MasterHarness.frameworkInfo;
import static io.paddock.master.core.MasterHarness.launch;
import static io.paddock.master.core.MasterHarness.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.Rejection;
import io.paddock.common.resources.Disk;
import io.paddock.common.resources.Quantity.Scalar;
import io.paddock.common.resources.Reservation;
import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OperationID;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.master.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A persistent volume that several tasks, also of several frameworks, use at once. */
class SharedVolumesTest {
    private static final ResourceKey KEY = new ResourceKey(
            "disk",
            List.of(new Reservation(Reservation.Type.DYNAMIC, "db", null, List.of())),
            new Disk(new Disk.Persistence("v", null), new Disk.Volume("RW", "data", null), null),
            false,
            true,
            null,
            null);
    private static final Resources VOLUME = Resources.of(KEY, Scalar.of(100));
    private static final Resources DISK = VOLUME.mapKeys(
            key -> new ResourceKey("disk", key.reservations(), null, false, false, key.allocationRole(), null));

    /** As long as the rest of an accepted offer is not offered again. */
    private static final Duration FILTER = Duration.ofSeconds(6);

    private final MasterHarness master = new MasterHarness();
    private String first;
    private String second;

    private static FrameworkInfo.Builder sharing(String name) {
        return frameworkInfo(name, "db").addCapabilities(capability(FrameworkInfo.Capability.Type.SHARED_RESOURCES));
    }

    @BeforeEach
    void anAgentWithAVolumeAndTwoFrameworks() {
        master.spoke(
                "l",
                FromAgent.newBuilder()
                        .setReregister(master.reregister("host", "cpus:4;mem:400;disk:100", "A1")
                                .addAllTotalResources(ResourceMessages.toMessages(
                                        Resources.parse("cpus:4;mem:400").plus(VOLUME)))));
        first = master.subscribed("s1", sharing("first"));
        master.settle();
    }

    private static Offer.Operation launching(Offer offer, String id) {
        return launch(task(id, offer, "cpus:1;mem:100")
                .addAllResources(ResourceMessages.toMessages(VOLUME))
                .build());
    }

    private static Offer.Operation destroy() {
        return Offer.Operation.newBuilder()
                .setType(Offer.Operation.Type.DESTROY)
                .setId(OperationID.newBuilder().setValue("destroy"))
                .setDestroy(Offer.Operation.Destroy.newBuilder().addAllVolumes(ResourceMessages.toMessages(VOLUME)))
                .build();
    }

    private static boolean hasVolume(Offer offer) {
        return ResourceMessages.fromMessages(offer.getResourcesList())
                .unallocated()
                .contains(VOLUME);
    }

    private List<String> operationsRefused(String stream) {
        return master.events(stream, Event.Type.UPDATE_OPERATION_STATUS).stream()
                .map(e -> e.getUpdateOperationStatus().getStatus().getMessage())
                .toList();
    }

    private void twoTasksOfTheFirst() {
        Offer offer = master.lastOffer("s1");
        assertThat(hasVolume(offer)).isTrue();
        master.accept("s1", first, offer, launching(offer, "t1"), launching(offer, "t2"));
        assertThat(master.updates("s1")).as("none was refused").isEmpty();
    }

    private void end(String framework, String task) {
        TaskStatus finished = master.status(task, TaskState.TASK_FINISHED);
        master.update("l", framework, finished);
    }

    @Test
    void tasksOfTwoFrameworksUseItAndItCountsOnce() {
        twoTasksOfTheFirst();
        assertThat(master.agent("A1").used().unallocated())
                .isEqualTo(Resources.parse("cpus:2;mem:200").plus(VOLUME));
        assertThat(master.framework(first).used().unallocated())
                .isEqualTo(Resources.parse("cpus:2;mem:200").plus(VOLUME));
        second = master.subscribed("s2", sharing("second"));
        master.settle();
        Offer offer = master.lastOffer("s2");
        assertThat(hasVolume(offer)).as("though two tasks use it").isTrue();
        master.accept("s2", second, offer, launching(offer, "t3"));
        assertThat(master.updates("s2")).isEmpty();
        end(first, "t1");
        end(first, "t2");
        end(second, "t3");
        master.settle();
        assertThat(master.agent("A1").used()).isEqualTo(Resources.EMPTY);
        assertThat(master.agent("A1").offered().unallocated())
                .isEqualTo(Resources.parse("cpus:4;mem:400").plus(VOLUME));
    }

    @Test
    void itIsNotDestroyedWhileATaskUsesIt() {
        twoTasksOfTheFirst();
        master.advance(FILTER);
        Offer rest = master.lastOffer("s1");
        assertThat(hasVolume(rest)).isTrue();
        master.accept("s1", first, rest, destroy());
        assertThat(operationsRefused("s1"))
                .singleElement()
                .asString()
                .contains("in use by task 't1' of framework " + first);
        assertThat(destroyByOperator()).isEqualTo(Rejection.Code.CONFLICT);
        end(first, "t1");
        end(first, "t2");
        master.settle();
        assertThat(destroyByOperator()).isNull();
        assertThat(master.agent("A1").total())
                .isEqualTo(Resources.parse("cpus:4;mem:400").plus(DISK));
    }

    private Rejection.Code destroyByOperator() {
        var answer = master.operate(Call.newBuilder()
                .setType(Call.Type.DESTROY_VOLUMES)
                .setDestroyVolumes(Call.DestroyVolumes.newBuilder()
                        .setAgentId(AgentID.newBuilder().setValue("A1"))
                        .addAllVolumes(ResourceMessages.toMessages(VOLUME))));
        return answer.rejection() == null ? null : answer.rejection().code();
    }

    @Test
    void destroyingItTakesTheOffersOfOthersBack() {
        Offer all = master.lastOffer("s1");
        second = master.subscribed("s2", sharing("second"));
        master.accept("s1", first, all, launch(task("t", all, "cpus:1;mem:100").build()));
        master.settle();
        Offer toSecond = master.lastOffer("s2");
        assertThat(hasVolume(toSecond)).isTrue();
        master.call("s2", MasterHarness.call(second, io.paddock.proto.v1.scheduler.Call.Type.SUPPRESS));
        end(first, "t");
        master.advance(FILTER);
        Offer toFirst = master.lastOffer("s1");
        assertThat(hasVolume(toFirst)).isTrue();
        master.accept("s1", first, toFirst, destroy());
        assertThat(operationsRefused("s1")).isEmpty();
        assertThat(master.events("s2", Event.Type.RESCIND))
                .extracting(e -> e.getRescind().getOfferId())
                .containsExactly(toSecond.getId());
        assertThat(master.agent("A1").total())
                .isEqualTo(Resources.parse("cpus:4;mem:400").plus(DISK));
        master.advance(FILTER);
        assertThat(master.agent("A1").offered().unallocated())
                .as("all of it to the first: the second is suppressed")
                .isEqualTo(Resources.parse("cpus:4;mem:400").plus(DISK));
    }

    @Test
    void onlyWhoKnowsSharedResourcesMayCreateThem() {
        master.spoke(
                "l2",
                FromAgent.newBuilder()
                        .setReregister(master.reregister("host2", "cpus:4;mem:400;disk:100", "A2")
                                .addAllTotalResources(ResourceMessages.toMessages(
                                        Resources.parse("cpus:4;mem:400").plus(DISK)))));
        String old = master.subscribed("s3", frameworkInfo("old", "db"));
        master.call("s1", MasterHarness.call(first, io.paddock.proto.v1.scheduler.Call.Type.SUPPRESS));
        master.settle();
        Offer offer = master.lastOffer("s3");
        master.accept(
                "s3",
                old,
                offer,
                Offer.Operation.newBuilder()
                        .setType(Offer.Operation.Type.CREATE)
                        .setId(OperationID.newBuilder().setValue("create"))
                        .setCreate(
                                Offer.Operation.Create.newBuilder().addAllVolumes(ResourceMessages.toMessages(VOLUME)))
                        .build());
        assertThat(operationsRefused("s3")).singleElement().asString().contains("SHARED_RESOURCES");
    }
}
