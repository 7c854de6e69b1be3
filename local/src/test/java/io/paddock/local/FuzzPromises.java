package io.paddock.local;

import static org.awaitility.Awaitility.await;

import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OperationState;
import io.paddock.proto.v1.OperationStatus;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.core.ConditionTimeoutException;

/**
 * What an accepted ACCEPT promises: every task in it is told about, every operation with an id too, and those of a call that nobody
 * mutated do what they should, unless their offer was gone.
 */
final class FuzzPromises {
    private record Promise(String kind, boolean good, Call call) {}

    private final FuzzWorld world;
    private final FuzzCoverage coverage;
    private final Map<String, Promise> tasks = new LinkedHashMap<>();
    private final Map<String, Promise> operations = new LinkedHashMap<>();
    private int removals;

    FuzzPromises(FuzzWorld world, FuzzCoverage coverage) {
        this.world = world;
        this.coverage = coverage;
    }

    void accepted(Call call, boolean good) {
        forgetIfRemoved();
        for (Offer.Operation operation : call.getAccept().getOperationsList()) {
            String kind = operation.getType().name();
            List<TaskInfo> launched = List.of();
            if (operation.getType() == Offer.Operation.Type.LAUNCH) {
                launched = operation.getLaunch().getTaskInfosList();
            } else if (operation.getType() == Offer.Operation.Type.LAUNCH_GROUP) {
                launched = operation.getLaunchGroup().getTaskGroup().getTasksList();
            } else if (operation.hasId() && operation.getType() != Offer.Operation.Type.UNKNOWN) {
                operations.putIfAbsent(operation.getId().getValue(), new Promise(kind, good, call));
            }
            for (TaskInfo task : launched) {
                // an executor that a mutated call started first is another than the one meant here
                boolean sure =
                        good && !task.getExecutor().getExecutorId().getValue().equals(FuzzWorld.EXECUTOR);
                tasks.putIfAbsent(task.getTaskId().getValue(), new Promise(kind, sure, call));
            }
        }
    }

    private void forgetIfRemoved() {
        if (removals != world.removals()) {
            removals = world.removals();
            tasks.clear();
            operations.clear();
        }
    }

    /** Waits until everything was told about, and says what was not, or was not good. */
    void check(List<String> wrong) {
        try {
            await().atMost(Duration.ofSeconds(30))
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(20))
                    .until(this::isKept);
        } catch (ConditionTimeoutException e) {
            tasks.forEach((id, promise) -> {
                if (!isTold(world.tasks().get(id), promise)) {
                    wrong.add("of task " + id + " is told " + world.tasks().get(id) + " after " + promise);
                }
            });
            operations.forEach((id, promise) -> {
                if (!isTold(world.operations().get(id))) {
                    wrong.add("nothing was told about operation " + id + " of " + promise);
                }
            });
        }
        tasks.forEach((id, promise) -> {
            TaskStatus status = world.tasks().getOrDefault(id, TaskStatus.getDefaultInstance());
            coverage.countEffect(promise.kind(), status.getState().name());
            if (promise.good() && status.getState() == TaskState.TASK_ERROR) {
                wrong.add("a good task became " + status + " of " + promise);
            }
        });
        operations.forEach((id, promise) -> {
            OperationStatus status = world.operations().getOrDefault(id, OperationStatus.getDefaultInstance());
            coverage.countEffect(promise.kind(), status.getState().name());
            if (promise.good()
                    && status.getState() != OperationState.OPERATION_FINISHED
                    && status.getState() != OperationState.OPERATION_DROPPED) {
                wrong.add("a good operation became " + status + " of " + promise);
            }
        });
        tasks.clear();
        operations.clear();
    }

    private boolean isKept() {
        world.catchUp();
        world.acknowledgeAll();
        world.hasExecutor();
        forgetIfRemoved();
        return tasks.entrySet().stream().allMatch(e -> isTold(world.tasks().get(e.getKey()), e.getValue()))
                && operations.keySet().stream()
                        .allMatch(id -> isTold(world.operations().get(id)));
    }

    /** A good task is told about only when it runs or has ended. */
    private static boolean isTold(TaskStatus status, Promise promise) {
        return status != null
                && !(promise.good()
                        && (status.getState() == TaskState.TASK_STAGING
                                || status.getState() == TaskState.TASK_STARTING));
    }

    private static boolean isTold(OperationStatus status) {
        return status != null && status.getState() != OperationState.OPERATION_PENDING;
    }
}
