package io.paddock.local;

import com.google.protobuf.ByteString;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.Filters;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OperationStatus;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Calls of a scheduler and of an executor that are good as things stand. */
final class FuzzGoodCalls {
    private final Random random;
    private final FuzzWorld world;
    private final FuzzAccepts accepts;

    FuzzGoodCalls(Random random, FuzzWorld world) {
        this.random = random;
        this.world = world;
        this.accepts = new FuzzAccepts(random, world);
    }

    /** Every type as often as any other, but for what does most and what ends most. */
    Call scheduler() {
        List<Call.Type> types = new ArrayList<>(List.of(Call.Type.values()));
        types.removeAll(List.of(Call.Type.UNKNOWN, Call.Type.TEARDOWN, Call.Type.SUBSCRIBE));
        Call.Type type = random.nextInt(3) == 0 ? Call.Type.ACCEPT : types.get(random.nextInt(types.size()));
        if (random.nextInt(150) == 0) {
            type = random.nextInt(5) == 0 ? Call.Type.TEARDOWN : Call.Type.SUBSCRIBE;
        }
        Call.Builder call = scheduler(type);
        if (call == null) {
            // Nothing of that kind there: better offers.
            call = Call.newBuilder().setType(Call.Type.REVIVE);
        }
        return call.setFrameworkId(world.frameworkId()).build();
    }

    private Call.@Nullable Builder scheduler(Call.Type type) {
        Call.Builder call = Call.newBuilder().setType(type);
        Offer offer = one(world.offers());
        TaskStatus task = one(world.alive());
        switch (type) {
            case ACCEPT -> {
                return offer == null ? null : accepts.accept(offer);
            }
            case DECLINE -> {
                if (offer == null) {
                    return null;
                }
                call.getDeclineBuilder().addOfferIds(offer.getId()).setFilters(filters());
            }
            case ACCEPT_INVERSE_OFFERS, DECLINE_INVERSE_OFFERS -> {
                var inverse = one(world.inverseOffers());
                if (inverse == null) {
                    return null;
                }
                if (type == Call.Type.ACCEPT_INVERSE_OFFERS) {
                    call.getAcceptInverseOffersBuilder()
                            .addInverseOfferIds(inverse.getId())
                            .setFilters(filters());
                } else {
                    call.getDeclineInverseOffersBuilder()
                            .addInverseOfferIds(inverse.getId())
                            .setFilters(filters());
                }
            }
            case KILL, SHUTDOWN, MESSAGE -> {
                if (task == null) {
                    return null;
                }
                toATask(call, task);
            }
            case ACKNOWLEDGE -> {
                TaskStatus status = one(world.unacknowledged());
                if (status == null) {
                    return null;
                }
                call.getAcknowledgeBuilder()
                        .setAgentId(status.getAgentId())
                        .setTaskId(status.getTaskId())
                        .setUuid(status.getUuid());
            }
            case ACKNOWLEDGE_OPERATION_STATUS -> {
                OperationStatus status = one(world.unacknowledgedOperations());
                if (status == null) {
                    return null;
                }
                call.getAcknowledgeOperationStatusBuilder()
                        .setAgentId(status.getAgentId())
                        .setOperationId(status.getOperationId())
                        .setUuid(status.getUuid().getValue());
            }
            case RECONCILE -> {
                call.setReconcile(Call.Reconcile.getDefaultInstance());
                TaskStatus any = one(List.copyOf(world.tasks().values()));
                if (any != null) {
                    call.getReconcileBuilder()
                            .addTasksBuilder()
                            .setTaskId(any.getTaskId())
                            .setAgentId(world.agentId());
                }
            }
            case RECONCILE_OPERATIONS -> {
                call.setReconcileOperations(Call.ReconcileOperations.getDefaultInstance());
                OperationStatus any = one(List.copyOf(world.operations().values()));
                if (any != null) {
                    call.getReconcileOperationsBuilder()
                            .addOperationsBuilder()
                            .setOperationId(any.getOperationId())
                            .setAgentId(world.agentId());
                }
            }
            case REVIVE -> call.getReviveBuilder().addRoles(FuzzWorld.ROLE);
            case SUPPRESS -> call.getSuppressBuilder().addRoles(FuzzWorld.ROLE);
            case REQUEST -> call.getRequestBuilder().addRequestsBuilder().setAgentId(world.agentId());
            case UPDATE_FRAMEWORK -> updateFramework(call);
            case SUBSCRIBE ->
                call.getSubscribeBuilder().setFrameworkInfo(world.update().getFrameworkInfo());
            case TEARDOWN, UNKNOWN -> {}
        }
        return call;
    }

    private void updateFramework(Call.Builder call) {
        Call.UpdateFramework.Builder update = world.update().toBuilder();
        update.getFrameworkInfoBuilder()
                .setFailoverTimeout(1000 + random.nextInt(1000))
                .setName("renamed-" + random.nextInt(10))
                .addRoles("fuzz/child");
        if (random.nextBoolean()) {
            update.addSuppressedRoles("fuzz/child");
        }
        if (random.nextBoolean()) {
            update.getOfferConstraintsBuilder().putRoleConstraints(FuzzWorld.ROLE, constraint());
        }
        call.setUpdateFramework(update);
    }

    private static io.paddock.proto.v1.scheduler.OfferConstraints.RoleConstraints constraint() {
        var role = io.paddock.proto.v1.scheduler.OfferConstraints.RoleConstraints.newBuilder();
        var attribute = role.addGroupsBuilder().addAttributeConstraintsBuilder();
        attribute.getSelectorBuilder().setAttributeName("rack");
        attribute
                .getPredicateBuilder()
                .setNotExists(
                        io.paddock.proto.v1.scheduler.AttributeConstraint.Predicate.NotExists.getDefaultInstance());
        return role.build();
    }

    private void toATask(Call.Builder call, TaskStatus task) {
        switch (call.getType()) {
            case KILL -> {
                call.getKillBuilder().setTaskId(task.getTaskId());
                if (random.nextBoolean()) {
                    call.getKillBuilder().setAgentId(task.getAgentId());
                }
                if (random.nextBoolean()) {
                    call.getKillBuilder()
                            .getKillPolicyBuilder()
                            .getGracePeriodBuilder()
                            .setNanoseconds(1_000_000);
                }
            }
            case SHUTDOWN ->
                call.getShutdownBuilder().setAgentId(task.getAgentId()).setExecutorId(task.getExecutorId());
            default ->
                call.getMessageBuilder()
                        .setAgentId(task.getAgentId())
                        .setExecutorId(task.getExecutorId())
                        .setData(bytes(random.nextInt(50)));
        }
    }

    private Filters filters() {
        return Filters.newBuilder().setRefuseSeconds(random.nextInt(3) / 10.0).build();
    }

    private ByteString bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }

    /** A call of the executor that the test speaks for; null while there is none. */
    io.paddock.proto.v1.executor.@Nullable Call executor() {
        if (!world.hasExecutor()) {
            return null;
        }
        var call = io.paddock.proto.v1.executor.Call.newBuilder()
                .setFrameworkId(world.frameworkId())
                .setExecutorId(ExecutorID.newBuilder().setValue(FuzzWorld.EXECUTOR));
        TaskID task = one(world.executorsTasks());
        switch (random.nextInt(20)) {
            case 0 ->
                call.setType(io.paddock.proto.v1.executor.Call.Type.SUBSCRIBE)
                        .setSubscribe(io.paddock.proto.v1.executor.Call.Subscribe.getDefaultInstance());
            case 1, 2, 3 -> call.setType(io.paddock.proto.v1.executor.Call.Type.HEARTBEAT);
            case 4, 5, 6, 7 -> {
                call.setType(io.paddock.proto.v1.executor.Call.Type.MESSAGE);
                call.getMessageBuilder().setData(bytes(random.nextInt(50)));
            }
            default -> {
                call.setType(io.paddock.proto.v1.executor.Call.Type.UPDATE);
                call.getUpdateBuilder()
                        .setStatus(TaskStatus.newBuilder()
                                .setTaskId(
                                        task == null
                                                ? TaskID.newBuilder()
                                                        .setValue("none")
                                                        .build()
                                                : task)
                                .setState(random.nextInt(4) == 0 ? TaskState.TASK_FINISHED : TaskState.TASK_RUNNING)
                                .setSource(TaskStatus.Source.SOURCE_EXECUTOR)
                                .setUuid(bytes(16)));
            }
        }
        return call.build();
    }

    private <T> @Nullable T one(List<T> list) {
        return list.isEmpty() ? null : list.get(random.nextInt(list.size()));
    }
}
