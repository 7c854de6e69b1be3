package io.paddock.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.client.core.OfferRoom;
import io.paddock.client.core.TaskSpec;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What becomes of offers that a scheduler uses, declines, holds, or does nothing with. */
class DriverOffersTest extends DriverUnderTest {
    @Test
    void whatIsNotUsedIsDeclinedAndWhatIsHeldIsNot() {
        master.addAgent("h1", "cpus:2;mem:256");
        start(options());
        eventually().until(() -> !master.calls(Call.Type.DECLINE).isEmpty());
        assertThat(master.calls(Call.Type.DECLINE)
                        .get(0)
                        .getDecline()
                        .getFilters()
                        .getRefuseSeconds())
                .isEqualTo(5.0);
        scheduler.hold = true;
        driver.revive();
        eventually().until(() -> scheduler.heard.contains("offers 1") && master.openOffers() == 1);
        master.addAgent("h2", "cpus:2;mem:256");
        eventually().until(() -> master.openOffers() == 2);
        assertThat(master.calls(Call.Type.DECLINE)).hasSize(1);
    }

    /** As by the real master: six times takes more than the second in the middle. */
    @Test
    void whoDeclinesAllForNoTimeIsAskedTwiceASecond() {
        master.addAgent("h1", "cpus:2;mem:256");
        List<Long> asked = new CopyOnWriteArrayList<>();
        driver = SchedulerDriver.start(options(), new Scheduler() {
            @Override
            public void offers(SchedulerDriver d, List<Offer> offers) {
                asked.add(System.nanoTime());
                d.decline(offers, Duration.ZERO);
            }
        });
        eventually().until(() -> asked.size() >= 6);
        assertThat(Duration.ofNanos(asked.get(5) - asked.get(0))).isGreaterThan(Duration.ofMillis(990));
    }

    @Test
    void whoDeclinesForLessThanNoTimeIsAskedAgainAfterTheUsualTime() {
        master.addAgent("h1", "cpus:2;mem:256");
        AtomicInteger asked = new AtomicInteger();
        driver = SchedulerDriver.start(options(), new Scheduler() {
            @Override
            public void offers(SchedulerDriver d, List<Offer> offers) {
                asked.incrementAndGet();
                d.decline(offers, Duration.ofSeconds(-1));
            }
        });
        eventually().until(() -> !master.calls(Call.Type.DECLINE).isEmpty());
        Awaitility.await().during(Duration.ofSeconds(2)).until(() -> asked.get() == 1);
    }

    @Test
    void aLaunchOnAnOfferThatIsGoneIsReported() {
        master.addAgent("h1", "cpus:2;mem:256");
        scheduler.hold = true;
        List<Offer> held = new CopyOnWriteArrayList<>();
        driver = SchedulerDriver.start(options(), new Scheduler() {
            @Override
            public void offers(SchedulerDriver d, List<Offer> offers) {
                offers.forEach(d::hold);
                held.addAll(offers);
            }

            @Override
            public void update(SchedulerDriver d, TaskStatus status) {
                scheduler.update(d, status);
            }
        });
        eventually().until(() -> !held.isEmpty());
        master.rescindAll();
        OfferRoom room = OfferRoom.of(held.get(0));
        room.add(TaskSpec.command("late", "true"));
        driver.launch(room);
        eventually().until(() -> scheduler.statuses.contains("late TASK_DROPPED"));
    }
}
