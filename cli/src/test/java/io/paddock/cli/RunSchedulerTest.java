package io.paddock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.client.Scheduler;
import io.paddock.client.SchedulerDriver;
import io.paddock.client.core.TaskSpec;
import io.paddock.client.testkit.InMemoryMaster;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunSchedulerTest {
    @Test
    void anAgentThatSpeaksHttpsIsAskedInIt() {
        assertThat(placeOf("https").agentAddress()).isEqualTo("https://secure:5051");
        assertThat(placeOf("http").agentAddress()).isEqualTo("secure:5051");
    }

    private static RunScheduler scheduler() {
        TaskSpec needsNothing = TaskSpec.command("t", "true").cpus(0).mem(0);
        return new RunScheduler(needsNothing, () -> {}, 1, Duration.ZERO, reason -> {});
    }

    private static RunScheduler.Place placeOf(String scheme) {
        Offer.Builder offer = Offer.newBuilder();
        offer.getIdBuilder().setValue("o");
        offer.getFrameworkIdBuilder().setValue("f");
        offer.getAgentIdBuilder().setValue("a");
        offer.setHostname("secure");
        offer.getUrlBuilder()
                .setScheme(scheme)
                .getAddressBuilder()
                .setHostname("secure")
                .setPort(5051);
        RunScheduler scheduler = scheduler();
        try (InMemoryMaster master = InMemoryMaster.start();
                SchedulerDriver driver = SchedulerDriver.start(master.address(), "test", scheduler)) {
            scheduler.offers(driver, List.of(offer.build()));
        }
        return scheduler.place();
    }

    @Test
    void whatHasRunHasStartedAlsoWhenItIsOver() {
        TaskStatus.Builder status = TaskStatus.newBuilder();
        status.getTaskIdBuilder().setValue("t");
        try (InMemoryMaster master = InMemoryMaster.start();
                SchedulerDriver driver = SchedulerDriver.start(master.address(), "test", new Scheduler() {})) {
            RunScheduler ran = scheduler();
            ran.update(driver, status.setState(TaskState.TASK_RUNNING).build());
            ran.update(driver, status.setState(TaskState.TASK_FAILED).build());
            assertThat(ran.hasStarted()).isTrue();
            RunScheduler failed = scheduler();
            failed.update(driver, status.setState(TaskState.TASK_FAILED).build());
            assertThat(failed.hasStarted()).isFalse();
        }
    }
}
