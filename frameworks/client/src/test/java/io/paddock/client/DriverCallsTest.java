package io.paddock.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.Rejection;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Duration;
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
