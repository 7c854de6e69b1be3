package io.paddock.master.core.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.resources.Resources;
import io.paddock.master.core.allocator.Explanation.Reason;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A stream of small tasks against a framework that needs much at once. */
class HoldsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** A framework "small" with eight tasks of a cpu on each agent, of which the oldest ends every second. */
    private static final class Stream {
        final Scene scene;
        /** Running small tasks, the oldest first. */
        final ArrayDeque<Allocation> tasks = new ArrayDeque<>();

        Stream(Scene scene) {
            this.scene = scene;
            scene.framework("small", "s");
            scene.agents(3, "cpus:8;mem:800");
            step();
            assertThat(tasks).hasSize(24);
        }

        /** Whatever is offered to "small" becomes tasks of one cpu each. */
        List<Allocation> step() {
            List<Allocation> offers = scene.offers();
            for (Allocation offer : offers) {
                if (offer.frameworkId().equals("small")) {
                    scene.allocator.offerEnded("small", "s", OfferEnd.ACCEPTED, scene.now, scene.now);
                    long cpus = offer.resources().thousandths("cpus") / 1000;
                    for (int i = 0; i < cpus; i++) {
                        tasks.add(new Allocation("small", "s", offer.agentId(), Resources.parse("cpus:1;mem:100")));
                    }
                }
            }
            return offers.stream().filter(o -> !o.frameworkId().equals("small")).toList();
        }

        void endOldest() {
            Allocation task = tasks.remove();
            scene.giveBack(task, task.resources(), 0);
        }

        /** Ends a task a second until somebody else than "small" is offered something; answers after how many seconds. */
        int secondsUntilOffered(int atMost) {
            for (int second = 0; second < atMost; second++) {
                endOldest();
                scene.pass(Duration.ofSeconds(1));
                if (!step().isEmpty()) {
                    return second;
                }
            }
            return atMost;
        }
    }

    private final Scene scene = new Scene();
    private final Stream stream = new Stream(scene);

    @Test
    void withoutAHoldTheLargeOneWaitsForEverAndWithItNot() {
        scene.choosy("large", "l", "cpus:6;mem:600");
        assertThat(stream.secondsUntilOffered(28))
                .as("before the patience ends")
                .isEqualTo(28);
        assertThat(scene.allocator.agentsHeld()).isZero();
        int waited = stream.secondsUntilOffered(60);
        assertThat(waited)
                .as("each agent's tasks end within 24 s, so six of one agent soon")
                .isLessThan(27);
        assertThat(scene.allocator.agentsHeld()).as("served: the hold is over").isZero();
    }

    @Test
    void withoutPatienceItIsNeverServed() {
        // The same stream, without the rule: what the test above would see if holds did nothing.
        Allocator plain = new Allocator(new AllocatorOptions(
                AllocatorOptions.defaults(1).minAllocatable(), true, Set.of(), null, Duration.ZERO, Set.of(), 1));
        assertThat(plain.nextDeadline()).isEmpty();
        Scene without = new Scene(plain);
        Stream endless = new Stream(without);
        without.choosy("large", "l", "cpus:6;mem:600");
        assertThat(endless.secondsUntilOffered(300)).isEqualTo(300);
    }

    @Test
    void oneAgentIsHeldTheOneThatLacksLeast() {
        scene.choosy("large", "l", "cpus:6;mem:600");
        scene.offers();
        assertThat(scene.allocator.nextDeadline()).contains(scene.now.plus(PATIENCE));
        scene.allocator.suppress("small", List.of());
        stream.tasks.stream()
                .filter(task -> task.agentId().equals("agent001"))
                .limit(3)
                .forEach(task -> scene.giveBack(task, task.resources(), 0));
        scene.pass(PATIENCE);
        scene.offers();
        assertThat(scene.allocator.agentsHeld()).isEqualTo(1);
        scene.allocator.revive("small", List.of());
        assertThat(scene.offers())
                .as("three cpus are free on agent001, kept for large")
                .isEmpty();
        assertThat(scene.allocator.why("small", "s", scene.now).findings())
                .extracting(Explanation.Finding::reason)
                .contains(Reason.HELD_FOR_LARGE_OFFER);
        scene.pass(PATIENCE.multipliedBy(10));
        assertThat(scene.offers())
                .as("the agent did not get free in time: others may have it")
                .hasSize(1);
    }

    @Test
    void aHoldEndsWithTheNeed() {
        scene.choosy("large", "l", "cpus:6;mem:600");
        scene.offers();
        scene.pass(PATIENCE);
        scene.offers();
        assertThat(scene.allocator.agentsHeld()).isEqualTo(1);
        scene.allocator.suppress("large", List.of());
        assertThat(scene.allocator.agentsHeld()).isZero();
        scene.allocator.revive("large", List.of());
        scene.offers();
        scene.pass(PATIENCE);
        scene.offers();
        assertThat(scene.allocator.agentsHeld()).isEqualTo(1);
        scene.agent("fresh", "cpus:16;mem:4000");
        assertThat(scene.offersTo("large")).hasSize(1);
        assertThat(scene.allocator.agentsHeld()).isZero();
    }

    @Test
    void noMoreThanOneAgentInTwentyIsHeldAndSmallerSharesComeFirst() {
        scene.choosy("rich", "r", "cpus:6;mem:600");
        scene.choosy("poor", "p", "cpus:6;mem:600");
        scene.allocator.allocated("rich", "r", "agent000", Resources.EMPTY);
        scene.agent("more", "cpus:8;mem:800");
        Allocation offer = scene.offers().get(0);
        assertThat(offer.agentId()).isEqualTo("more");
        String first = offer.frameworkId();
        String second = first.equals("rich") ? "poor" : "rich";
        scene.use(offer, "cpus:8;mem:800", 0);
        scene.pass(PATIENCE);
        scene.offers();
        scene.pass(PATIENCE);
        scene.offers();
        assertThat(scene.allocator.agentsHeld()).as("four agents: one hold").isEqualTo(1);
        int waited = stream.secondsUntilOffered(60);
        assertThat(waited).isLessThan(60);
        assertThat(scene.allocator.share(second.substring(0, 1)))
                .as("%s had less", second)
                .isPositive();
    }

    @Test
    void whatNoAgentCanHaveIsNotWaitedFor() {
        scene.choosy("huge", "h", "cpus:9");
        scene.offers();
        scene.pass(PATIENCE);
        scene.offers();
        assertThat(scene.allocator.agentsHeld()).isZero();
    }

    @Test
    void whoRefusedEnoughDoesNotWait() {
        scene.choosy("large", "l", "cpus:6;mem:600");
        scene.agent("refused", "cpus:7;mem:700");
        scene.endAll(scene.offersTo("large"), OfferEnd.DECLINED, 3600);
        scene.allocator.suppress("small", List.of());
        assertThat(scene.offers())
                .as("seven cpus are free, but large does not want them")
                .isEmpty();
        scene.pass(PATIENCE.multipliedBy(2));
        scene.offers();
        assertThat(scene.allocator.agentsHeld()).isZero();
    }
}
