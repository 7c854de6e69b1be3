package io.paddock.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.client.core.OfferRoom;
import io.paddock.client.core.TaskSpec;
import io.paddock.client.testkit.InMemoryMaster;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.MasterInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;

/** A driver, a scheduler that writes down what it hears, and a master in memory. */
abstract class DriverUnderTest {
    final InMemoryMaster master = InMemoryMaster.start(Duration.ofSeconds(2));
    final Recorder scheduler = new Recorder();
    SchedulerDriver driver;

    /** Launches one task if it is told to, and writes down what it hears. */
    static final class Recorder implements Scheduler {
        final List<String> heard = new CopyOnWriteArrayList<>();
        final List<String> statuses = new CopyOnWriteArrayList<>();
        final AtomicInteger inside = new AtomicInteger();
        volatile TaskSpec next;
        volatile boolean hold;
        volatile boolean fail;

        @Override
        public void subscribed(SchedulerDriver driver, FrameworkID id, MasterInfo info) {
            heard.add("subscribed " + id.getValue());
        }

        @Override
        public void offers(SchedulerDriver driver, List<Offer> offers) {
            assertThat(inside.incrementAndGet()).isEqualTo(1);
            heard.add("offers " + offers.size());
            for (Offer offer : offers) {
                OfferRoom room = OfferRoom.of(offer);
                if (next != null && room.add(next)) {
                    next = null;
                    driver.launch(room);
                } else if (hold) {
                    driver.hold(offer);
                }
            }
            inside.decrementAndGet();
        }

        @Override
        public void update(SchedulerDriver driver, TaskStatus status) {
            assertThat(inside.incrementAndGet()).isEqualTo(1);
            statuses.add(status.getTaskId().getValue() + " " + status.getState());
            inside.decrementAndGet();
            if (fail) {
                throw new IllegalStateException("cannot take it");
            }
        }

        @Override
        public void disconnected(SchedulerDriver driver, String reason, Duration retryAfter) {
            heard.add("disconnected " + reason);
        }

        @Override
        public void refused(SchedulerDriver driver, Call call, CallRefusedException why) {
            heard.add("refused " + why.getMessage());
        }

        @Override
        public void error(SchedulerDriver driver, String message) {
            heard.add("error " + message);
        }
    }

    /** Patient, because a busy machine is slow. */
    static ConditionFactory eventually() {
        return Awaitility.await().atMost(Duration.ofSeconds(30));
    }

    DriverOptions options() {
        return options(master.address());
    }

    /** @param masters where to look for the leading one */
    DriverOptions options(String masters) {
        DriverOptions options = DriverOptions.of(masters, "test");
        return options.withConnection(options.connection().withBackoff(Duration.ofMillis(20), Duration.ofMillis(100)))
                .withReconcileBackoff(Duration.ofMillis(50), Duration.ofMillis(200));
    }

    /** Of the framework that the driver is, or was. */
    DriverOptions sameFramework() {
        DriverOptions options = options();
        return options.withFramework(
                options.framework().toBuilder().setId(driver.frameworkId()).build());
    }

    void start(DriverOptions options) {
        driver = SchedulerDriver.start(options, scheduler);
    }

    @AfterEach
    void stop() {
        if (driver != null) {
            driver.close();
        }
        master.close();
    }

    void launch(String id) {
        eventually().until(() -> subscriptions() == 1);
        scheduler.next = TaskSpec.command(id, "true");
        driver.revive();
        eventually().until(() -> scheduler.statuses.contains(id + " TASK_RUNNING") && master.unacknowledged() == 0);
    }

    long subscriptions() {
        return scheduler.heard.stream().filter(h -> h.startsWith("subscribed")).count();
    }
}
