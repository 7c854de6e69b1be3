package io.paddock.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.client.core.OfferRoom;
import io.paddock.client.core.TaskSpec;
import io.paddock.client.testkit.TaskScript;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Statuses of tasks reach the scheduler, and are acknowledged when it has taken them. */
class DriverStatusesTest extends DriverUnderTest {
    @ParameterizedTest
    @EnumSource(Encoding.class)
    void runsATaskToItsEndAndAcknowledgesEveryStatus(Encoding encoding) {
        master.script(task -> TaskScript.finishesAfter(Duration.ofMillis(10)));
        master.addAgent("h1", "cpus:2;mem:256");
        scheduler.next = TaskSpec.command("t", "true");
        start(options().withConnection(options().connection().withEncoding(encoding)));
        eventually().until(() -> scheduler.statuses.contains("t TASK_FINISHED"));
        assertThat(scheduler.statuses).containsExactly("t TASK_STARTING", "t TASK_RUNNING", "t TASK_FINISHED");
        eventually().until(() -> master.unacknowledged() == 0);
    }

    @Test
    void aStatusThatTheSchedulerDidNotTakeIsNotAcknowledged() {
        master.addAgent("h1", "cpus:2;mem:256");
        scheduler.fail = true;
        scheduler.next = TaskSpec.command("t", "true");
        start(options());
        eventually().until(() -> scheduler.statuses.contains("t TASK_STARTING"));
        scheduler.fail = false;
        assertThat(master.calls(Call.Type.ACKNOWLEDGE)).isEmpty();
        master.cutStreams();
        eventually().until(() -> scheduler.statuses.contains("t TASK_RUNNING"));
    }

    @Test
    void explicitAcknowledgementsAreLeftToTheScheduler() {
        master.addAgent("h1", "cpus:2;mem:256");
        scheduler.next = TaskSpec.command("t", "true");
        start(options().withExplicitAcknowledgements());
        eventually().until(() -> scheduler.statuses.contains("t TASK_STARTING"));
        driver.revive().toCompletableFuture().join();
        assertThat(master.calls(Call.Type.ACKNOWLEDGE)).isEmpty();
        assertThat(master.unacknowledged()).isEqualTo(2);
    }

    /** More statuses at once than the connection lets wait: it reads on when it has acknowledged. */
    @Test
    void noAcknowledgementIsDroppedWhenStatusesComeFasterThanTheyCanBeAcknowledged() {
        int tasks = 300;
        master.script(task -> TaskScript.finishesAfter(Duration.ZERO));
        master.addAgent("h1", "cpus:%d;mem:100000".formatted(tasks));
        AtomicInteger finished = new AtomicInteger();
        List<String> refused = new CopyOnWriteArrayList<>();
        DriverOptions options = options();
        driver = SchedulerDriver.start(
                options.withConnection(options.connection().withMaxQueuedCalls(8)), new Scheduler() {
                    private int launched;

                    @Override
                    public void offers(SchedulerDriver d, List<Offer> offers) {
                        OfferRoom room = OfferRoom.of(offers.get(0));
                        while (launched < tasks
                                && room.add(
                                        TaskSpec.command("t" + launched, "true").cpus(1))) {
                            launched++;
                        }
                        d.launch(room);
                    }

                    @Override
                    public void update(SchedulerDriver d, TaskStatus status) {
                        if (status.getState() == TaskState.TASK_FINISHED) {
                            finished.incrementAndGet();
                        }
                    }

                    @Override
                    public void refused(SchedulerDriver d, Call call, CallRefusedException why) {
                        refused.add(why.getMessage());
                    }
                });
        eventually().until(() -> finished.get() == tasks && master.unacknowledged() == 0);
        assertThat(refused).isEmpty();
    }
}
