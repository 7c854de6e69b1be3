package io.paddock.master.core.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.master.core.allocator.Explanation.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who wastes offers gets fewer at a time; who uses them is not held up. */
class AllowanceTest {
    private static final Duration OFFER_TIMEOUT = Duration.ofMinutes(2);

    private final Scene scene = new Scene();

    private void letExpire(List<Allocation> offers) {
        var madeAt = scene.now;
        scene.pass(OFFER_TIMEOUT);
        offers.forEach(offer -> scene.end(offer, OfferEnd.EXPIRED, madeAt, 0));
    }

    @Test
    void whoAnswersNothingIsOfferedHalfAsManyAgentsEachTime() {
        scene.framework("silent", "*");
        scene.agents(100, "cpus:4;mem:1000");
        List<Integer> counts = new ArrayList<>();
        for (int round = 0; round < 9; round++) {
            List<Allocation> offers = scene.offers();
            counts.add(offers.size());
            letExpire(offers);
        }
        assertThat(counts).containsExactly(100, 50, 25, 12, 6, 3, 1, 1, 1);
    }

    @Test
    void whatASilentSchedulerMayNotHaveIsThereForTheNextWhoComes() {
        scene.framework("silent", "a");
        scene.agents(100, "cpus:4;mem:1000");
        letExpire(scene.offers());
        assertThat(scene.offers()).as("half of what it had").hasSize(50);
        assertThat(scene.allocator.hasWork()).isFalse();
        assertThat(scene.allocator.why("silent", "a", scene.now).findings())
                .extracting(Explanation.Finding::reason)
                .containsExactly(Reason.UNANSWERED_OFFERS);
        scene.framework("busy", "b");
        assertThat(scene.offersTo("busy")).as("need not wait for any offer").hasSize(50);
    }

    @Test
    void whoAcceptsIsTrustedAgain() {
        scene.framework("slow", "*");
        scene.agents(100, "cpus:4;mem:1000");
        for (int round = 0; round < 7; round++) {
            letExpire(scene.offers());
        }
        List<Integer> counts = new ArrayList<>();
        for (int round = 0; round < 8; round++) {
            scene.pass(Duration.ofSeconds(1));
            List<Allocation> offers = scene.offers();
            counts.add(offers.size());
            if (!offers.isEmpty()) {
                scene.use(offers.get(0), "cpus:4;mem:1000", 0);
                scene.endAll(offers.subList(1, offers.size()), OfferEnd.DECLINED, 0);
            }
        }
        assertThat(counts)
                .as("one agent; it launches, so that nothing binds it any more; it is alone, so that it gets all")
                .containsExactly(1, 99, 98, 97, 96, 95, 94, 93);
    }

    /** "worker" uses two of ten agents; "idle" has nothing and so would always come first. */
    private void workerAndIdle() {
        scene.framework("worker", "w");
        scene.agents(10, "cpus:4;mem:1000");
        List<Allocation> all = scene.offers();
        all.subList(0, 2).forEach(offer -> scene.use(offer, "cpus:4;mem:1000", 0));
        scene.endAll(all.subList(2, 10), OfferEnd.TAKEN_BACK, 0);
        scene.framework("idle", "i");
    }

    @Test
    void decliningWithoutAFilterDoesNotKeepOthersFromTheirOffers() {
        workerAndIdle();
        List<Integer> toWorker = new ArrayList<>();
        for (int round = 0; round < 5; round++) {
            List<Allocation> offers = scene.offers();
            toWorker.add((int) offers.stream()
                    .filter(offer -> offer.frameworkId().equals("worker"))
                    .count());
            scene.pass(Duration.ofMillis(5));
            var madeAt = scene.now.minusMillis(5);
            for (Allocation offer : offers) {
                boolean idle = offer.frameworkId().equals("idle");
                scene.end(offer, idle ? OfferEnd.DECLINED_FOR_NOW : OfferEnd.TAKEN_BACK, madeAt, 0);
            }
        }
        assertThat(toWorker)
                .as("worker holds 2 agents, so idle is entitled to the first ones; it halves what it is offered first")
                .containsExactly(3, 6, 7, 8, 8);
        scene.pass(Duration.ofSeconds(1));
        assertThat(scene.offersTo("idle"))
                .as("one again in its turn, after a second")
                .hasSize(1);
    }

    @Test
    void decliningWithAFilterLeavesOneAgentInTurn() {
        workerAndIdle();
        for (int round = 0; round < 8; round++) {
            List<Allocation> offers = scene.offers();
            for (Allocation offer : offers) {
                boolean idle = offer.frameworkId().equals("idle");
                scene.end(offer, idle ? OfferEnd.DECLINED : OfferEnd.TAKEN_BACK, idle ? 1 : 0);
            }
            scene.pass(Duration.ofSeconds(2));
        }
        List<Allocation> offers = scene.offers();
        assertThat(offers).hasSize(8);
        assertThat(offers).filteredOn(o -> o.frameworkId().equals("idle")).hasSize(1);
        scene.endAll(offers, OfferEnd.TAKEN_BACK, 0);
        scene.allocator.revive("idle", List.of());
        assertThat(scene.offersTo("idle"))
                .as("it says that it needs something: its fair part")
                .hasSizeGreaterThan(4);
    }

    @Test
    void aWasteIsCountedOnceForAllOffersMadeBefore() {
        Allowance allowance = new Allowance();
        for (int i = 0; i < 100; i++) {
            allowance.offered(1000);
        }
        for (int i = 0; i < 60; i++) {
            allowance.ended(OfferEnd.DECLINED, 1000, 2000);
        }
        assertThat(allowance.most()).isEqualTo(50);
        allowance.offered(3000);
        allowance.ended(OfferEnd.ACCEPTED, 3000, 4000);
        assertThat(allowance.most()).isEqualTo(100);
        allowance.ended(OfferEnd.DECLINED, 1000, 5000);
        assertThat(allowance.most()).as("made before the one that was accepted").isEqualTo(100);
        assertThat(allowance.outstanding()).isEqualTo(39);
    }
}
