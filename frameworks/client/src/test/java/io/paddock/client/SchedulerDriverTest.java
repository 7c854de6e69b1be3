package io.paddock.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.client.core.OfferRoom;
import io.paddock.client.core.TaskSpec;
import io.paddock.client.testkit.InMemoryMaster;
import io.paddock.client.testkit.TaskScript;
import io.paddock.common.Rejection;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.MasterInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SchedulerDriverTest {
    private final InMemoryMaster master = InMemoryMaster.start(Duration.ofSeconds(2));
    private final Recorder scheduler = new Recorder();
    private SchedulerDriver driver;

    /** Launches one task if it is told to, and writes down what it hears. */
    private static final class Recorder implements Scheduler {
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
    private static ConditionFactory eventually() {
        return Awaitility.await().atMost(Duration.ofSeconds(30));
    }

    private DriverOptions options() {
        DriverOptions options = DriverOptions.of(master.address(), "test");
        return options.withConnection(options.connection().withBackoff(Duration.ofMillis(20), Duration.ofMillis(100)))
                .withReconcileBackoff(Duration.ofMillis(50), Duration.ofMillis(200));
    }

    private void start(DriverOptions options) {
        driver = SchedulerDriver.start(options, scheduler);
    }

    @AfterEach
    void stop() {
        if (driver != null) {
            driver.close();
        }
        master.close();
    }

    private void launch(String id) {
        eventually().until(() -> subscriptions() == 1);
        scheduler.next = TaskSpec.command(id, "true");
        driver.revive();
        eventually().until(() -> scheduler.statuses.contains(id + " TASK_RUNNING") && master.unacknowledged() == 0);
    }

    private long subscriptions() {
        return scheduler.heard.stream().filter(h -> h.startsWith("subscribed")).count();
    }

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

    @Test
    void comesBackAfterALostStreamWithItsIdAndReconcilesItsTasks() {
        master.addAgent("h1", "cpus:2;mem:256");
        start(options());
        launch("t");
        FrameworkID id = driver.frameworkId();
        scheduler.statuses.clear();
        master.cutStreams();
        eventually().until(() -> subscriptions() == 2);
        assertThat(driver.frameworkId()).isEqualTo(id);
        eventually().until(() -> scheduler.statuses.contains("t TASK_RUNNING"));
        eventually()
                .untilAsserted(() -> assertThat(master.calls(Call.Type.RECONCILE))
                        .anySatisfy(call -> assertThat(call.getReconcile().getTasksList())
                                .extracting(t -> t.getTaskId().getValue())
                                .containsExactly("t")));
        assertThat(master.tasks()).containsEntry("t", TaskState.TASK_RUNNING);
    }

    @Test
    void noticesThatHeartbeatsStopped() {
        try (InMemoryMaster silent = InMemoryMaster.start(Duration.ofMillis(200))) {
            silent.heartbeats(false);
            DriverOptions options = options();
            start(options.withConnection(
                    ConnectionOptions.to(silent.address()).withBackoff(Duration.ofMillis(20), Duration.ofMillis(100))));
            eventually().until(() -> scheduler.heard.stream().anyMatch(h -> h.contains("not even a heartbeat")));
            eventually().until(() -> subscriptions() > 1);
        }
    }

    @Test
    void aLostCallEndsTheSubscriptionSoThatTasksAreReconciled() {
        master.addAgent("h1", "cpus:2;mem:256");
        start(options());
        launch("t");
        eventually().until(() -> subscriptions() == 1);
        master.loseNext(Call.Type.ACCEPT);
        scheduler.next = TaskSpec.command("lost", "true");
        driver.revive();
        eventually().until(() -> subscriptions() == 2);
        assertThat(scheduler.heard).anyMatch(h -> h.startsWith("refused ACCEPT got no answer"));
        assertThat(scheduler.heard).anyMatch(h -> h.startsWith("disconnected calls were lost: "));
        eventually().until(() -> scheduler.statuses.contains("lost TASK_GONE"));
    }

    /** The outcome of what a gateway answered so is not known, and a master that answers so leads no more. */
    @Test
    void anUnavailableMasterEndsTheSubscriptionSoThatTasksAreReconciled() {
        start(options());
        eventually().until(() -> subscriptions() == 1);
        master.refuse(Rejection.unavailable("No leader elected"));
        driver.revive();
        eventually().until(() -> scheduler.heard.contains("refused REVIVE was answered 503: No leader elected"));
        eventually().until(() -> scheduler.heard.contains("disconnected REVIVE was answered 503: No leader elected"));
        master.refuse(null);
        eventually().until(() -> subscriptions() == 2);
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
    void survivesAMasterFailoverAndAsksUntilTheAgentsAreBack() {
        master.addAgent("h1", "cpus:2;mem:256");
        start(options());
        launch("t");
        scheduler.statuses.clear();
        master.failover(false);
        eventually().until(() -> subscriptions() == 2);
        int asked = master.calls(Call.Type.RECONCILE).size();
        eventually().until(() -> master.calls(Call.Type.RECONCILE).size() > asked + 2);
        assertThat(scheduler.statuses).isEmpty();
        master.agentsRegister();
        eventually().until(() -> scheduler.statuses.contains("t TASK_RUNNING"));
    }

    @Test
    void followsAStandbyAndWaitsOutA503() {
        try (InMemoryMaster leader = InMemoryMaster.start()) {
            master.refuse(Rejection.unavailable("No leader elected"));
            start(options());
            eventually().until(() -> scheduler.heard.stream().anyMatch(h -> h.contains("503: No leader elected")));
            master.redirectTo(leader.address());
            eventually().until(() -> subscriptions() == 1);
            assertThat(leader.frameworks()).hasSize(1);
        }
    }

    @Test
    void triesTheNextOfSeveralAddressesWhenOneDoesNotAnswer() {
        InMemoryMaster gone = InMemoryMaster.start();
        gone.close();
        DriverOptions options = options();
        start(options.withConnection(ConnectionOptions.to(gone.address() + "," + master.address())
                .withBackoff(Duration.ofMillis(20), Duration.ofMillis(100))));
        eventually().until(() -> subscriptions() == 1);
        assertThat(scheduler.heard.get(0)).startsWith("disconnected cannot reach http://" + gone.address());
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
    void givesUpWhenTheMasterWantsNoMore() {
        master.require(new Credential("me", "secret"));
        start(options());
        assertThat(driver.terminated().toCompletableFuture())
                .failsWithin(Duration.ofSeconds(30))
                .withThrowableThat()
                .withMessageContaining("SUBSCRIBE was answered 401");
        assertThat(scheduler.heard).containsExactly("error SUBSCRIBE was answered 401");
    }

    @Test
    void saysWhoItIs() {
        Credential credential = new Credential("me", "secret");
        master.require(credential);
        start(options().withConnection(options().connection().withCredential(credential)));
        eventually().until(() -> subscriptions() == 1);
        assertThat(master.frameworks().get(0).getPrincipal()).isEqualTo("me");
        assertThat(credential.toString()).doesNotContain("secret=secret");
    }

    @Test
    void theSecondDriverOfAFrameworkWins() {
        start(options());
        eventually().until(() -> subscriptions() == 1);
        DriverOptions same = options()
                .withFramework(options().framework().toBuilder()
                        .setId(driver.frameworkId())
                        .build());
        try (SchedulerDriver second = SchedulerDriver.start(same, new Recorder())) {
            assertThat(driver.terminated().toCompletableFuture())
                    .failsWithin(Duration.ofSeconds(30))
                    .withThrowableThat()
                    .withMessageContaining("Framework failed over");
            eventually().until(() -> second.frameworkId() != null);
        }
    }

    @Test
    void stoppingWithFailoverLeavesTasksAndTeardownDoesNot() {
        master.addAgent("h1", "cpus:2;mem:256");
        start(options());
        launch("t");
        DriverOptions same = options()
                .withFramework(options().framework().toBuilder()
                        .setId(driver.frameworkId())
                        .build());
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
