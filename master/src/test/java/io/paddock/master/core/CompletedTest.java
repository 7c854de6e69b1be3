package io.paddock.master.core;

import static io.paddock.master.core.MasterHarness.call;
import static io.paddock.master.core.MasterHarness.frameworkInfo;
import static io.paddock.master.core.MasterHarness.launch;
import static io.paddock.master.core.MasterHarness.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.Task;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What is over is remembered for a while: 50 frameworks and 1000 tasks of each if nothing else is said. */
class CompletedTest {
    private final MasterHarness master = new MasterHarness();

    private String subscribe(int number) {
        return master.subscribed("s" + number, frameworkInfo("f" + number, "web"));
    }

    @Test
    void tasksOfARemovedFrameworkAreKilledOnTheBooksAndNobodyIsTold() {
        master.register("l", "cpus:4;mem:1024");
        String id = subscribe(0);
        master.settle();
        Offer offer = master.lastOffer("s0");
        master.accept("s0", id, offer, launch(task("t", offer, "cpus:1;mem:32").build()));
        master.call("s0", call(id, Call.Type.TEARDOWN));
        Task over =
                master.snapshot().completedFrameworks().get(0).completedTasks().get(0);
        assertThat(over.getState()).isEqualTo(TaskState.TASK_KILLED);
        TaskStatus last = over.getStatuses(over.getStatusesCount() - 1);
        assertThat(last.getReason()).isEqualTo(TaskStatus.Reason.REASON_FRAMEWORK_REMOVED);
        assertThat(master.updates("s0")).isEmpty();
    }

    @Test
    void theOldestOfFiftyOneFrameworksIsForgottenAndMayComeBack() {
        String first = subscribe(0);
        master.call("s0", call(first, Call.Type.TEARDOWN));
        for (int i = 1; i <= 50; i++) {
            assertThat(resubscribed("again-" + i, first)).isEqualTo(Event.Type.ERROR);
            master.call("s" + i, call(subscribe(i), Call.Type.TEARDOWN));
        }
        assertThat(master.snapshot().completedFrameworks()).hasSize(50).noneMatch(f -> f.id().equals(first));
        assertThat(resubscribed("back", first)).isEqualTo(Event.Type.SUBSCRIBED);
    }

    private Event.Type resubscribed(String stream, String id) {
        master.subscribe(
                stream,
                MasterHarness.subscribe(frameworkInfo("f", "web")
                                .setId(FrameworkID.newBuilder().setValue(id))
                                .build())
                        .build());
        return master.events(stream).get(0).getType();
    }

    @Test
    void theOldestOfManyTasksIsForgotten() {
        master.register("l", "cpus:4;mem:1024");
        String id = subscribe(0);
        for (int i = 0; i <= 1000; i++) {
            master.advance(Duration.ofSeconds(6));
            Offer offer = master.lastOffer("s0");
            master.accept(
                    "s0",
                    id,
                    offer,
                    launch(task("t" + i, offer, "cpus:1;mem:32").build()));
            master.update(
                    "l",
                    id,
                    master.status("t" + i, TaskState.TASK_FINISHED).toBuilder()
                            .clearUuid()
                            .build());
        }
        assertThat(master.framework(id).completedTasks()).hasSize(1000);
        assertThat(master.framework(id).completedTasks().get(0).getTaskId().getValue())
                .isEqualTo("t1");
    }
}
