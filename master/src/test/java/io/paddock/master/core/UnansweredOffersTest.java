package io.paddock.master.core;

import static io.paddock.master.core.MasterHarness.call;
import static io.paddock.master.core.MasterHarness.frameworkInfo;
import static io.paddock.master.core.MasterHarness.launch;
import static io.paddock.master.core.MasterHarness.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.master.core.snapshot.Count;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the master tells the allocator about the ends of offers, seen from outside. */
class UnansweredOffersTest {
    /** Until an offer expires, and until the scheduler may see its agent again. */
    private static final Duration EXPIRY = Duration.ofMinutes(2).plusSeconds(6);

    private final MasterHarness master = new MasterHarness();
    private String framework;

    @BeforeEach
    void eightAgents() {
        for (int i = 0; i < 8; i++) {
            master.register("l" + i, "cpus:4;mem:1024");
        }
        framework = master.subscribed("s", frameworkInfo("f", "web"));
        master.settle();
    }

    private int newOffers(Runnable step) {
        int before = master.offers("s").size();
        step.run();
        return master.offers("s").size() - before;
    }

    @Test
    void aSchedulerThatLetsOffersExpireIsOfferedFewerAgentsUntilItAnswers() {
        assertThat(master.offers("s")).hasSize(8);
        assertThat(newOffers(() -> master.advance(EXPIRY))).isEqualTo(4);
        assertThat(master.events("s", Event.Type.RESCIND)).hasSize(8);
        assertThat(newOffers(() -> master.advance(EXPIRY))).isEqualTo(2);
        Offer offer = master.lastOffer("s");
        int after = newOffers(() -> {
            master.accept(
                    "s",
                    framework,
                    offer,
                    launch(task("t", offer, "cpus:4;mem:1024").build()));
            master.settle();
        });
        assertThat(after).as("it answers: nothing is kept from it").isEqualTo(6);
    }

    @Test
    void whatItLeavesIsThereForWhoComesAndADeclineIsAnAnswer() {
        master.advance(EXPIRY);
        String other = master.subscribed("s2", frameworkInfo("other", "ops"));
        master.settle();
        assertThat(master.offers("s2")).as("at once").hasSize(4);
        Call.Decline.Builder all = Call.Decline.newBuilder();
        master.offers("s2").forEach(offer -> all.addOfferIds(offer.getId()));
        master.call("s2", call(other, Call.Type.DECLINE).setDecline(all));
        master.settle();
        assertThat(master.snapshot().agents().stream()
                        .filter(agent -> agent.offers().isEmpty())
                        .count())
                .as("the silent one is not offered them")
                .isEqualTo(4);
        Call.Decline.Builder one =
                Call.Decline.newBuilder().addOfferIds(master.lastOffer("s").getId());
        int after = newOffers(() -> {
            master.call("s", call(framework, Call.Type.DECLINE).setDecline(one));
            master.settle();
        });
        assertThat(after).as("it is alive").isEqualTo(4);
    }

    @Test
    void thePeriodicCheckRunsAndFindsNothing() {
        Set<Timer.Kind> fired = new HashSet<>();
        master.trace = (event, effects) -> {
            if (event instanceof MasterEvent.TimerFired timer) {
                fired.add(timer.timer().kind());
            }
        };
        master.advance(EXPIRY);
        assertThat(fired).contains(Timer.Kind.ALLOCATION_CHECK);
        assertThat(master.snapshot().tally().of(Count.MISSED_OFFERS)).isZero();
    }

    @Test
    void agentsThatAreNotListedAreNotOffered() {
        master.feed(new MasterEvent.WhitelistChanged(Set.of("host-l1", "host-l2")));
        assertThat(newOffers(() -> master.advance(EXPIRY))).isEqualTo(2);
        master.register("new", "cpus:4;mem:1024");
        assertThat(newOffers(master::settle)).isZero();
        int after = newOffers(() -> {
            master.feed(new MasterEvent.WhitelistChanged(Set.of("host-new")));
            master.call("s", call(framework, Call.Type.REVIVE));
            master.settle();
        });
        assertThat(after)
                .as("its two outstanding offers are half of what it had")
                .isEqualTo(1);
    }
}
