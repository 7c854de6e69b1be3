package io.paddock.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.Rejection;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.MasterInfo;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Calls of a scheduler, up to those that end it. */
class DriverCallsTest extends DriverUnderTest {
    @Test
    void aRefusalIsExplained() {
        start(options());
        eventually().until(() -> subscriptions() == 1);
        master.refuse(Rejection.invalid("task_id: must not be empty"));
        driver.kill(TaskID.newBuilder().setValue("").build());
        eventually().until(() -> scheduler.heard.contains("refused KILL was answered 400: task_id: must not be empty"));
    }

    @Test
    void aCallWithoutASubscriptionFailsAtOnce() {
        master.refuse(Rejection.unavailable("not yet"));
        start(options());
        assertThat(driver.revive().toCompletableFuture())
                .failsWithin(Duration.ofSeconds(30))
                .withThrowableThat()
                .withMessageContaining("REVIVE was not sent: there is no subscription at the moment");
    }

    /** A scheduler may be in the middle of something when it makes a call. */
    @Test
    void aRefusalIsNotToldInTheMiddleOfAnotherCallback() {
        CompletableFuture<Boolean> overlapped = new CompletableFuture<>();
        AtomicBoolean inside = new AtomicBoolean();
        DriverOptions options = options();
        driver = SchedulerDriver.start(
                options.withConnection(options.connection().withMaxQueuedCalls(1)), new Scheduler() {
                    @Override
                    public void subscribed(SchedulerDriver driver, FrameworkID id, MasterInfo info) {
                        inside.set(true);
                        driver.revive();
                        driver.revive();
                        inside.set(false);
                    }

                    @Override
                    public void refused(SchedulerDriver driver, Call call, CallRefusedException why) {
                        overlapped.complete(inside.get());
                    }
                });
        assertThat(overlapped).succeedsWithin(Duration.ofSeconds(30)).isEqualTo(false);
    }

    @Test
    void callsMadeJustBeforeItIsStoppedAreStillSent() {
        start(options());
        eventually().until(() -> subscriptions() == 1);
        for (int i = 0; i < 500; i++) {
            driver.kill(TaskID.newBuilder().setValue("t" + i).build());
        }
        driver.stop(true);
        driver.join();
        assertThat(master.calls(Call.Type.KILL)).hasSize(500);
        assertThat(scheduler.heard).noneMatch(h -> h.startsWith("refused"));
    }

    @Test
    void stoppingWithFailoverLeavesTasksAndTeardownDoesNot() {
        master.addAgent("h1", "cpus:2;mem:256");
        start(options());
        launch("t");
        DriverOptions same = sameFramework();
        driver.stop(true);
        driver.join();
        eventually().until(() -> master.frameworks().isEmpty());
        assertThat(master.tasks()).containsEntry("t", TaskState.TASK_RUNNING);
        scheduler.statuses.clear();
        start(same);
        eventually().until(() -> scheduler.statuses.contains("t TASK_RUNNING"));
        driver.stop(false);
        driver.join();
        assertThat(master.tasks()).containsEntry("t", TaskState.TASK_KILLED);
    }
}
