package io.paddock.master.core;

import static io.paddock.master.core.MasterHarness.frameworkInfo;
import static io.paddock.master.core.MasterHarness.launch;
import static io.paddock.master.core.MasterHarness.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.resources.Disk;
import io.paddock.common.resources.Quantity;
import io.paddock.common.resources.Reservation;
import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OperationID;
import io.paddock.proto.v1.OperationState;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.TaskGroupInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.Value;
import io.paddock.proto.v1.scheduler.Event;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Several operations in one ACCEPT: the later ones use what the earlier ones made, and one that fails takes nothing from
 * the others.
 */
class OperationChainsTest {
    private static final List<Offer.Operation.Type> KINDS = List.of(
            Offer.Operation.Type.RESERVE,
            Offer.Operation.Type.UNRESERVE,
            Offer.Operation.Type.CREATE,
            Offer.Operation.Type.DESTROY,
            Offer.Operation.Type.GROW_VOLUME,
            Offer.Operation.Type.SHRINK_VOLUME,
            Offer.Operation.Type.LAUNCH,
            Offer.Operation.Type.LAUNCH_GROUP);

    private static final Reservation DB = new Reservation(Reservation.Type.DYNAMIC, "db", null, List.of());

    private final MasterHarness master = new MasterHarness();
    private Resources total;
    private String agent;
    private String id;
    private Offer offer;

    /** An agent with plain disk, disk reserved to db and two volumes, all of it in one offer. */
    @BeforeEach
    void oneOffer() {
        total = Resources.parse("cpus:8;mem:1024;disk:1000")
                .plus(reserved(300))
                .plus(volume("v0", 100))
                .plus(volume("v1", 100));
        master.spoke(
                "l",
                FromAgent.newBuilder()
                        .setReregister(master.reregister("host-l", "cpus:8;mem:1024;disk:1500", "A1")
                                .addAllTotalResources(ResourceMessages.toMessages(total))));
        agent = "A1";
        id = master.subscribed("s", frameworkInfo("f", "db"));
        master.settle();
        offer = master.lastOffer("s");
    }

    private static Resources disk(ResourceKey key, double mb) {
        return Resources.of(key, Quantity.Scalar.of(mb));
    }

    private static Resources reserved(double mb) {
        return disk(ResourceKey.of("disk").withReservations(List.of(DB)), mb);
    }

    private static Resources volume(String name, double mb) {
        return disk(
                ResourceKey.of("disk")
                        .withReservations(List.of(DB))
                        .withDisk(
                                new Disk(new Disk.Persistence(name, null), new Disk.Volume("RW", "data", null), null)),
                mb);
    }

    private static List<Resource> messages(Resources resources) {
        return ResourceMessages.toMessages(resources);
    }

    private static Resource message(Resources resources) {
        return messages(resources).get(0);
    }

    private static Offer.Operation reserve(double mb) {
        return Offer.Operation.newBuilder()
                .setType(Offer.Operation.Type.RESERVE)
                .setReserve(Offer.Operation.Reserve.newBuilder().addAllResources(messages(reserved(mb))))
                .build();
    }

    private static Offer.Operation unreserve(Resources resources) {
        return Offer.Operation.newBuilder()
                .setType(Offer.Operation.Type.UNRESERVE)
                .setUnreserve(Offer.Operation.Unreserve.newBuilder().addAllResources(messages(resources)))
                .build();
    }

    private static Offer.Operation create(Resources volume) {
        return Offer.Operation.newBuilder()
                .setType(Offer.Operation.Type.CREATE)
                .setCreate(Offer.Operation.Create.newBuilder().addAllVolumes(messages(volume)))
                .build();
    }

    private static Offer.Operation destroy(Resources volume) {
        return Offer.Operation.newBuilder()
                .setType(Offer.Operation.Type.DESTROY)
                .setDestroy(Offer.Operation.Destroy.newBuilder().addAllVolumes(messages(volume)))
                .build();
    }

    private static Offer.Operation grow(Resources volume, Resources addition) {
        return Offer.Operation.newBuilder()
                .setType(Offer.Operation.Type.GROW_VOLUME)
                .setGrowVolume(Offer.Operation.GrowVolume.newBuilder()
                        .setVolume(message(volume))
                        .setAddition(message(addition)))
                .build();
    }

    private static Offer.Operation shrink(Resources volume, double mb) {
        return Offer.Operation.newBuilder()
                .setType(Offer.Operation.Type.SHRINK_VOLUME)
                .setShrinkVolume(Offer.Operation.ShrinkVolume.newBuilder()
                        .setVolume(message(volume))
                        .setSubtract(Value.Scalar.newBuilder().setValue(mb)))
                .build();
    }

    private Offer.Operation launchWith(String task, Resources resources) {
        return launch(task(task, offer, "cpus:1;mem:32")
                .addAllResources(messages(resources))
                .build());
    }

    private Offer.Operation launchGroup(String task, String resources) {
        return Offer.Operation.newBuilder()
                .setType(Offer.Operation.Type.LAUNCH_GROUP)
                .setLaunchGroup(Offer.Operation.LaunchGroup.newBuilder()
                        .setExecutor(ExecutorInfo.newBuilder()
                                .setType(ExecutorInfo.Type.DEFAULT)
                                .setExecutorId(ExecutorID.newBuilder().setValue("pod-" + task))
                                .addAllResources(messages(Resources.parse("cpus:0.1;mem:32;disk:10"))))
                        .setTaskGroup(TaskGroupInfo.newBuilder().addTasks(task(task, offer, resources))))
                .build();
    }

    /** A good operation; those of different numbers use different resources. */
    private Offer.Operation good(Offer.Operation.Type kind, int number) {
        return switch (kind) {
            case RESERVE -> reserve(10 + number);
            case UNRESERVE -> unreserve(reserved(10 + number));
            case CREATE -> create(volume("n" + number, 10));
            case DESTROY -> destroy(volume("v" + number, 100));
            case GROW_VOLUME -> grow(volume("v" + number, 100), reserved(5));
            case SHRINK_VOLUME -> shrink(volume("v" + number, 100), 5);
            case LAUNCH -> launchWith("t" + number, Resources.EMPTY);
            case LAUNCH_GROUP -> launchGroup("g" + number, "cpus:1;mem:32");
            default -> throw new IllegalArgumentException(kind.name());
        };
    }

    /** Asks for more than there is. */
    private Offer.Operation bad(Offer.Operation.Type kind) {
        return switch (kind) {
            case RESERVE -> reserve(10_000);
            case UNRESERVE -> unreserve(reserved(10_000));
            case CREATE -> create(volume("huge", 10_000));
            case DESTROY -> destroy(volume("none", 100));
            case GROW_VOLUME -> grow(volume("v0", 100), reserved(10_000));
            case SHRINK_VOLUME -> shrink(volume("v0", 100), 10_000);
            case LAUNCH -> launch(task("bad", offer, "cpus:100;mem:32").build());
            case LAUNCH_GROUP -> launchGroup("bad", "cpus:100;mem:32");
            default -> throw new IllegalArgumentException(kind.name());
        };
    }

    private static Offer.Operation named(Offer.Operation operation, String name) {
        boolean launches = EnumSet.of(Offer.Operation.Type.LAUNCH, Offer.Operation.Type.LAUNCH_GROUP)
                .contains(operation.getType());
        return launches
                ? operation
                : operation.toBuilder()
                        .setId(OperationID.newBuilder().setValue(name))
                        .build();
    }

    /** What the agent was told, by kind of operation; a launch is LAUNCH or LAUNCH_GROUP. */
    private List<Offer.Operation.Type> sent() {
        List<Offer.Operation.Type> sent = new ArrayList<>();
        for (ToAgent m : master.sent("l")) {
            if (m.hasApplyOperation()) {
                sent.add(m.getApplyOperation().getInfo().getType());
            } else if (m.hasRunTasks()) {
                sent.add(
                        m.getRunTasks().hasGroupExecutor()
                                ? Offer.Operation.Type.LAUNCH_GROUP
                                : Offer.Operation.Type.LAUNCH);
            }
        }
        return sent;
    }

    /** What was told to the framework: operation ids and task ids with their messages. */
    private Map<String, String> refused() {
        Map<String, String> refused = new TreeMap<>();
        master.events("s", Event.Type.UPDATE_OPERATION_STATUS).forEach(e -> {
            var status = e.getUpdateOperationStatus().getStatus();
            assertThat(status.getState()).isEqualTo(OperationState.OPERATION_ERROR);
            refused.put(status.getOperationId().getValue(), status.getMessage());
        });
        master.updates("s").forEach(status -> {
            assertThat(status.getState()).isEqualTo(TaskState.TASK_ERROR);
            refused.put(status.getTaskId().getValue(), status.getMessage());
        });
        return refused;
    }

    /** Nothing was lost or made: all disk is somewhere, and used, offered and free make up the total. */
    private void booksAreRight() {
        Resources now = master.agent(agent).total();
        assertThat(now.scalar("disk")).isEqualTo(1500);
        assertThat(now.scalar("cpus")).isEqualTo(8);
        Resources sum = master.agent(agent)
                .used()
                .unallocated()
                .plus(master.agent(agent).offered().unallocated())
                .plus(master.core().free(agent));
        assertThat(sum).isEqualTo(now);
    }

    static Stream<Arguments> pairs() {
        return KINDS.stream().flatMap(first -> KINDS.stream().map(second -> Arguments.of(first, second)));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void twoGoodOnesAreBothDoneInOrder(Offer.Operation.Type first, Offer.Operation.Type second) {
        master.accept("s", id, offer, named(good(first, 0), "first"), named(good(second, 1), "second"));
        assertThat(refused()).isEmpty();
        assertThat(sent()).containsExactly(first, second);
        booksAreRight();
        master.settle();
        booksAreRight();
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void oneThatFailsTakesNothingFromTheNext(Offer.Operation.Type first, Offer.Operation.Type second) {
        master.accept("s", id, offer, named(bad(first), "bad"), named(good(second, 1), "second"));
        assertThat(refused().keySet()).containsExactly("bad");
        assertThat(sent()).containsExactly(second);
        booksAreRight();
    }

    /** A chain, which of its operations are told to the agent, and what is said of the others. */
    private record Chain(List<Offer.Operation> operations, List<Integer> sent, Map<String, String> refused) {}

    private Map<String, Chain> chains() {
        Map<String, Chain> chains = new TreeMap<>();
        chains.put("reserve, create, launch", all(reserve(50), create(volume("new", 350)), uses("new", 350)));
        chains.put("reserve, unreserve", all(reserve(50), unreserve(reserved(350))));
        chains.put("unreserve, reserve", all(unreserve(reserved(300)), reserve(1300)));
        chains.put(
                "create, destroy, create",
                all(create(volume("new", 10)), destroy(volume("new", 10)), create(volume("new", 20))));
        chains.put("destroy, create again", all(destroy(volume("v0", 100)), create(volume("v0", 400))));
        chains.put(
                "destroy, unreserve, reserve, create, launch",
                all(
                        destroy(volume("v0", 100)),
                        unreserve(reserved(400)),
                        reserve(50),
                        create(volume("v0", 50)),
                        uses("v0", 50)));
        chains.put(
                "create, grow, shrink",
                all(create(volume("new", 10)), grow(volume("new", 10), reserved(10)), shrink(volume("new", 20), 5)));
        chains.put("shrink, create from what is over", all(shrink(volume("v0", 100), 50), create(volume("n", 350))));

        chains.put(
                "unreserve, launch on it",
                some(
                        List.of(0),
                        Map.of("t", "more resources"),
                        unreserve(reserved(300)),
                        launchWith("t", reserved(1))));
        chains.put(
                "unreserve, create on it",
                some(List.of(0), Map.of("1", "not in the offers"), unreserve(reserved(300)), create(volume("new", 1))));
        chains.put(
                "create, unreserve below it",
                some(List.of(0), Map.of("1", "not in the offers"), create(volume("new", 300)), unreserve(reserved(1))));
        chains.put(
                "unreserve a volume", some(List.of(), Map.of("0", "destroy it first"), unreserve(volume("v0", 100))));
        chains.put(
                "destroy a part of it", some(List.of(), Map.of("0", "not in the offers"), destroy(volume("v0", 50))));
        chains.put("launch with a part of it", some(List.of(), Map.of("t", "more resources"), uses("v0", 50)));
        chains.put(
                "create twice",
                some(List.of(0), Map.of("1", "already used"), create(volume("new", 1)), create(volume("new", 1))));
        chains.put(
                "destroy, launch with it",
                some(List.of(0), Map.of("t", "more resources"), destroy(volume("v0", 100)), uses("v0", 100)));
        chains.put(
                "launch with it, destroy",
                some(List.of(0), Map.of("1", "not in the offers"), uses("v0", 100), destroy(volume("v0", 100))));
        chains.put(
                "launch with it, grow",
                some(
                        List.of(0),
                        Map.of("1", "not in the offers"),
                        uses("v0", 100),
                        grow(volume("v0", 100), reserved(1))));
        chains.put(
                "grow, launch with it",
                some(
                        List.of(0),
                        Map.of("t", "resized in the same call"),
                        grow(volume("v0", 100), reserved(1)),
                        uses("v0", 101)));
        chains.put(
                "shrink, launch with it",
                some(
                        List.of(0),
                        Map.of("t", "resized in the same call"),
                        shrink(volume("v0", 100), 1),
                        uses("v0", 99)));
        chains.put("grow one, launch with another", all(grow(volume("v0", 100), reserved(1)), uses("v1", 100)));
        chains.put(
                "what rests on a failure fails too, the rest does not",
                some(
                        List.of(3),
                        Map.of("0", "not in the offers", "1", "not in the offers", "t", "more resources"),
                        reserve(5000),
                        create(volume("new", 5000)),
                        uses("new", 5000),
                        launchWith("u", Resources.EMPTY)));
        return chains;
    }

    private static Chain all(Offer.Operation... operations) {
        List<Integer> every =
                Stream.iterate(0, i -> i + 1).limit(operations.length).toList();
        return some(every, Map.of(), operations);
    }

    private static Chain some(List<Integer> sent, Map<String, String> refused, Offer.Operation... operations) {
        List<Offer.Operation> named = new ArrayList<>();
        for (int i = 0; i < operations.length; i++) {
            named.add(named(operations[i], String.valueOf(i)));
        }
        return new Chain(named, sent, refused);
    }

    private Offer.Operation uses(String volume, double mb) {
        return launchWith("t", volume(volume, mb));
    }

    @Test
    void laterOperationsSeeWhatEarlierOnesMade() {
        for (String name : List.copyOf(chains().keySet())) {
            OperationChainsTest fresh = new OperationChainsTest();
            fresh.oneOffer();
            fresh.run(name);
        }
    }

    private void run(String name) {
        Chain chain = chains().get(name);
        master.accept("s", id, offer, chain.operations().toArray(Offer.Operation[]::new));
        assertThat(sent())
                .as(name)
                .isEqualTo(chain.sent().stream()
                        .map(i -> chain.operations().get(i).getType())
                        .toList());
        assertThat(refused().keySet()).as(name).isEqualTo(new TreeMap<>(chain.refused()).keySet());
        chain.refused()
                .forEach((what, why) -> assertThat(refused().get(what)).as(name).contains(why));
        booksAreRight();
    }

    static Stream<Arguments> refusals() {
        Resources mount = disk(
                ResourceKey.of("disk")
                        .withReservations(List.of(DB))
                        .withDisk(new Disk(
                                new Disk.Persistence("m", null),
                                new Disk.Volume("RW", "data", null),
                                new Disk.Source("MOUNT", "/mnt", null, null, null))),
                100);
        ResourceKey v0 = volume("v0", 100).amounts().firstKey();
        Resources sharedVolume =
                disk(new ResourceKey("disk", v0.reservations(), v0.disk(), false, true, null, null), 100);
        Offer.Operation moved = reserve(1).toBuilder()
                .setReserve(Offer.Operation.Reserve.newBuilder()
                        .addAllSource(messages(Resources.parse("disk:1")))
                        .addAllResources(messages(reserved(1))))
                .build();
        Resources plain = Resources.parse("disk:1");
        Offer.Operation.Builder byNothing = grow(volume("v0", 100), reserved(1)).toBuilder();
        byNothing.getGrowVolumeBuilder().getAdditionBuilder().getScalarBuilder().setValue(0);
        return Stream.of(
                Arguments.of("grow by unreserved disk", grow(volume("v0", 100), plain), "addition"),
                Arguments.of("grow by a volume", grow(volume("v0", 100), volume("v1", 100)), "addition"),
                Arguments.of("grow by nothing", byNothing.build(), "no resources"),
                Arguments.of("grow what is no volume", grow(reserved(10), reserved(1)), "persistence"),
                Arguments.of("grow a mount disk", grow(mount, reserved(1)), "MOUNT"),
                Arguments.of("grow a shared volume", grow(sharedVolume, reserved(1)), "shared"),
                Arguments.of("shrink by nothing", shrink(volume("v0", 100), 0), "must be positive"),
                Arguments.of("shrink by less than nothing", shrink(volume("v0", 100), -1), "must be positive"),
                Arguments.of("shrink to nothing", shrink(volume("v0", 100), 100), "must be less"),
                Arguments.of("shrink a mount disk", shrink(mount, 1), "MOUNT"),
                Arguments.of("shrink one of another size", shrink(volume("v0", 200), 50), "not in the offers"),
                Arguments.of("reserve with a source", moved, "operators only"),
                Arguments.of(
                        "make a disk",
                        Offer.Operation.newBuilder()
                                .setType(Offer.Operation.Type.CREATE_DISK)
                                .setCreateDisk(Offer.Operation.CreateDisk.newBuilder()
                                        .setSource(message(plain))
                                        .setTargetType(Resource.DiskInfo.Source.Type.MOUNT))
                                .build(),
                        "resource provider"),
                Arguments.of(
                        "unmake a disk",
                        Offer.Operation.newBuilder()
                                .setType(Offer.Operation.Type.DESTROY_DISK)
                                .setDestroyDisk(
                                        Offer.Operation.DestroyDisk.newBuilder().setSource(message(plain)))
                                .build(),
                        "resource provider"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusals")
    void aBadOperationIsRefusedWithItsReason(String name, Offer.Operation operation, String why) {
        master.accept("s", id, offer, named(operation, "op"));
        assertThat(refused().get("op")).contains(why);
        assertThat(sent()).isEmpty();
        assertThat(master.agent(agent).total()).isEqualTo(total);
    }
}
