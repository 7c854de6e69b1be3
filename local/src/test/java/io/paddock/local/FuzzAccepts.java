package io.paddock.local;

import io.paddock.common.resources.Disk;
import io.paddock.common.resources.Quantity;
import io.paddock.common.resources.Reservation;
import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.Filters;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OperationID;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.Value;
import io.paddock.proto.v1.scheduler.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;

/** Good ACCEPTs: some operations, each possible with what the offer holds and the ones before it have made. */
final class FuzzAccepts {
    private static final int MOST_TASKS_ALIVE = 8;
    private static final double SMALL_DISK_MB = 8;

    private final Random random;
    private final FuzzWorld world;
    private int count;

    FuzzAccepts(Random random, FuzzWorld world) {
        this.random = random;
        this.world = world;
    }

    Call.Builder accept(Offer offer) {
        Call.Builder call = Call.newBuilder().setType(Call.Type.ACCEPT);
        Call.Accept.Builder accept = call.getAcceptBuilder().addOfferIds(offer.getId());
        accept.setFilters(Filters.newBuilder().setRefuseSeconds(0));
        Basket basket = new Basket(ResourceMessages.fromMessages(offer.getResourcesList()), offer);
        for (int i = random.nextInt(3); i >= 0; i--) {
            basket.operate();
        }
        return call.setAccept(accept.addAllOperations(basket.operations));
    }

    /** What is left of the offer, and what was done with it so far. */
    private final class Basket {
        private final Offer offer;
        private final String role;
        private final List<Offer.Operation> operations = new ArrayList<>();
        private Resources left;
        private boolean launches;

        Basket(Resources left, Offer offer) {
            this.left = left;
            this.offer = offer;
            this.role = offer.getAllocationInfo().getRole();
        }

        void operate() {
            switch (random.nextInt(12)) {
                case 0, 1, 2 -> launch();
                case 3 -> launchGroup();
                case 4, 5, 6 -> reserve();
                case 7 -> unreserve();
                case 8, 9 -> create();
                case 10 -> destroy();
                default -> resize();
            }
        }

        private Offer.Operation.Builder operation(Offer.Operation.Type type) {
            return Offer.Operation.newBuilder()
                    .setType(type)
                    .setId(OperationID.newBuilder().setValue("op-" + count++));
        }

        /** Some of the first resources of a kind; empty where there is not enough. */
        private Resources some(Predicate<ResourceKey> kind, double amount) {
            for (Map.Entry<ResourceKey, Quantity> e : left.amounts().entrySet()) {
                if (kind.test(e.getKey())
                        && e.getValue() instanceof Quantity.Scalar scalar
                        && scalar.value() >= amount) {
                    return Resources.of(e.getKey(), Quantity.Scalar.of(amount));
                }
            }
            return Resources.EMPTY;
        }

        private Resources plain(String name, double amount) {
            return some(key -> key.name().equals(name) && key.disk() == null, amount);
        }

        private List<Resource> take(Resources... parts) {
            List<Resource> taken = new ArrayList<>();
            for (Resources part : parts) {
                left = left.minus(part);
                taken.addAll(ResourceMessages.toMessages(part));
            }
            return taken;
        }

        private boolean isFull() {
            return plain("cpus", 0.5).isEmpty()
                    || plain("mem", 128).isEmpty()
                    || plain("disk", 32).isEmpty()
                    || world.alive().size() > MOST_TASKS_ALIVE;
        }

        private TaskInfo.Builder task() {
            String id = "task-" + count++;
            TaskInfo.Builder task = TaskInfo.newBuilder()
                    .setName(id)
                    .setTaskId(TaskID.newBuilder().setValue(id))
                    .setAgentId(offer.getAgentId())
                    .addAllResources(take(plain("cpus", 0.1), plain("mem", 32)))
                    .setCommand(CommandInfo.newBuilder().setValue(random.nextInt(3) == 0 ? "true" : "exec sleep 1000"));
            task.getKillPolicyBuilder().getGracePeriodBuilder().setNanoseconds(1_000_000_000L);
            return task;
        }

        private void launch() {
            if (isFull()) {
                reserve();
                return;
            }
            TaskInfo.Builder task = task();
            Resources volume = volume();
            if (!volume.isEmpty() && random.nextBoolean()) {
                task.addAllResources(take(volume));
            }
            if (random.nextInt(3) == 0) {
                task.clearCommand()
                        .setExecutor(ExecutorInfo.newBuilder()
                                .setExecutorId(ExecutorID.newBuilder().setValue(FuzzWorld.EXECUTOR))
                                .setFrameworkId(world.frameworkId())
                                .setCommand(CommandInfo.newBuilder().setValue("exec sleep 1000")));
            }
            Offer.Operation.Builder operation = Offer.Operation.newBuilder().setType(Offer.Operation.Type.LAUNCH);
            operation.getLaunchBuilder().addTaskInfos(task);
            operations.add(operation.build());
            launches = true;
        }

        private void launchGroup() {
            if (isFull()) {
                return;
            }
            Offer.Operation.Builder operation = Offer.Operation.newBuilder().setType(Offer.Operation.Type.LAUNCH_GROUP);
            operation
                    .getLaunchGroupBuilder()
                    .getExecutorBuilder()
                    .setType(ExecutorInfo.Type.DEFAULT)
                    .setExecutorId(ExecutorID.newBuilder().setValue("pod-" + count++))
                    .setFrameworkId(world.frameworkId())
                    .addAllResources(take(plain("cpus", 0.1), plain("mem", 32), plain("disk", SMALL_DISK_MB)));
            for (int i = random.nextInt(2); i >= 0; i--) {
                operation.getLaunchGroupBuilder().getTaskGroupBuilder().addTasks(task());
            }
            operations.add(operation.build());
            launches = true;
        }

        private void reserve() {
            Resources free = some(
                    key -> key.reservations().isEmpty()
                            && key.disk() == null
                            && (key.name().equals("cpus") || key.name().equals("disk")),
                    random.nextBoolean() ? 0.1 : SMALL_DISK_MB);
            if (free.isEmpty()) {
                return;
            }
            take(free);
            Resources reserved = free.mapKeys(key ->
                    key.withReservations(List.of(new Reservation(Reservation.Type.DYNAMIC, role, null, List.of()))));
            Offer.Operation.Builder operation = operation(Offer.Operation.Type.RESERVE);
            operation.getReserveBuilder().addAllResources(ResourceMessages.toMessages(reserved));
            operations.add(operation.build());
            left = left.plus(reserved);
        }

        private void unreserve() {
            Resources reserved = left.filter(key -> !key.reservations().isEmpty() && key.disk() == null);
            if (reserved.isEmpty()) {
                reserve();
                return;
            }
            Map.Entry<ResourceKey, Quantity> first =
                    reserved.amounts().entrySet().iterator().next();
            Resources one = Resources.of(first.getKey(), first.getValue());
            take(one);
            Offer.Operation.Builder operation = operation(Offer.Operation.Type.UNRESERVE);
            operation.getUnreserveBuilder().addAllResources(ResourceMessages.toMessages(one));
            operations.add(operation.build());
            left = left.plus(one.mapKeys(key -> key.withReservations(List.of())));
        }

        private Resources reservedDisk(double mb) {
            return some(key -> key.name().equals("disk") && !key.reservations().isEmpty() && key.disk() == null, mb);
        }

        private Resources volume() {
            for (Map.Entry<ResourceKey, Quantity> e : left.amounts().entrySet()) {
                if (e.getKey().isIndivisible() && !e.getKey().shared()) {
                    return Resources.of(e.getKey(), e.getValue());
                }
            }
            return Resources.EMPTY;
        }

        private void create() {
            Resources disk = reservedDisk(SMALL_DISK_MB / 2);
            if (disk.isEmpty()) {
                reserve();
                return;
            }
            take(disk);
            Resources volume = disk.mapKeys(key -> key.withDisk(new Disk(
                    new Disk.Persistence("volume-" + count++, null), new Disk.Volume("RW", "data", null), null)));
            Offer.Operation.Builder operation = operation(Offer.Operation.Type.CREATE);
            operation.getCreateBuilder().addAllVolumes(ResourceMessages.toMessages(volume));
            operations.add(operation.build());
            left = left.plus(volume);
        }

        private void destroy() {
            Resources volume = volume();
            if (volume.isEmpty()) {
                create();
                return;
            }
            take(volume);
            Offer.Operation.Builder operation = operation(Offer.Operation.Type.DESTROY);
            operation.getDestroyBuilder().addAllVolumes(ResourceMessages.toMessages(volume));
            operations.add(operation.build());
            left = left.plus(volume.mapKeys(key -> key.withDisk(null)));
        }

        /** What is resized must not be launched with in the same call, so it is taken. */
        private void resize() {
            Resources volume = volume();
            if (volume.isEmpty() || launches) {
                create();
                return;
            }
            ResourceKey plain = volume.amounts().firstKey().withDisk(null);
            Resources addition = some(plain::equals, 1);
            Resource message = ResourceMessages.toMessages(volume).get(0);
            if (addition.isEmpty() && message.getScalar().getValue() <= 1) {
                create();
                return;
            }
            take(volume);
            if (addition.isEmpty()) {
                Offer.Operation.Builder shrink = operation(Offer.Operation.Type.SHRINK_VOLUME);
                shrink.getShrinkVolumeBuilder()
                        .setVolume(message)
                        .setSubtract(Value.Scalar.newBuilder().setValue(1));
                operations.add(shrink.build());
                return;
            }
            take(addition);
            Offer.Operation.Builder grow = operation(Offer.Operation.Type.GROW_VOLUME);
            grow.getGrowVolumeBuilder()
                    .setVolume(message)
                    .setAddition(ResourceMessages.toMessages(addition).get(0));
            operations.add(grow.build());
        }
    }
}
