package io.paddock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.client.SchedulerDriver;
import io.paddock.client.core.TaskSpec;
import io.paddock.client.testkit.InMemoryMaster;
import io.paddock.proto.v1.Offer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunSchedulerTest {
    @Test
    void anAgentThatSpeaksHttpsIsAskedInIt() {
        assertThat(placeOf("https").agentAddress()).isEqualTo("https://secure:5051");
        assertThat(placeOf("http").agentAddress()).isEqualTo("secure:5051");
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
        TaskSpec needsNothing = TaskSpec.command("t", "true").cpus(0).mem(0);
        RunScheduler scheduler = new RunScheduler(needsNothing, () -> {}, 1, Duration.ZERO, reason -> {});
        try (InMemoryMaster master = InMemoryMaster.start();
                SchedulerDriver driver = SchedulerDriver.start(master.address(), "test", scheduler)) {
            scheduler.offers(driver, List.of(offer.build()));
        }
        return scheduler.place();
    }
}
