package io.paddock.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.client.core.TaskSpec;
import io.paddock.client.testkit.InMemoryMaster;
import io.paddock.common.Rejection;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How a driver finds the leading master, says who it is, and comes back after whatever ends its subscription. */
class DriverSubscriptionTest extends DriverUnderTest {
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
        start(options(gone.address() + "," + master.address()));
        eventually().until(() -> subscriptions() == 1);
        assertThat(scheduler.heard.get(0)).startsWith("disconnected cannot reach http://" + gone.address());
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
            start(options(silent.address()));
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
    void theSecondDriverOfAFrameworkWins() {
        start(options());
        eventually().until(() -> subscriptions() == 1);
        DriverOptions same = sameFramework();
        try (SchedulerDriver second = SchedulerDriver.start(same, new Recorder())) {
            assertThat(driver.terminated().toCompletableFuture())
                    .failsWithin(Duration.ofSeconds(30))
                    .withThrowableThat()
                    .withMessageContaining("Framework failed over");
            eventually().until(() -> second.frameworkId() != null);
        }
    }
}
