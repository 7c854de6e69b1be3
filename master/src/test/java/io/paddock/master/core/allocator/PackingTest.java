package io.paddock.master.core.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.resources.Resources;
import io.paddock.master.core.allocator.Explanation.Reason;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Where small tasks land when their role is packed, and when it is not. */
class PackingTest {
    private static final Resources TASK = Resources.parse("cpus:1;mem:100");

    /** Launches one task of a cpu on every offer, until that many run; answers the agents used with their tasks. */
    private static Map<String, Integer> launch(Scene scene, int tasks) {
        Map<String, Integer> perAgent = new TreeMap<>();
        for (int launched = 0; launched < tasks; ) {
            scene.pass(Duration.ofMillis(10));
            List<Allocation> offers = scene.offersTo("batch");
            assertThat(offers).as("after %d tasks", launched).isNotEmpty();
            for (Allocation offer : offers) {
                if (launched < tasks) {
                    launched++;
                    scene.use(offer, "cpus:1;mem:100", 0);
                    perAgent.merge(offer.agentId(), 1, Integer::sum);
                } else {
                    scene.end(offer, OfferEnd.DECLINED, 5);
                }
            }
        }
        return perAgent;
    }

    @Test
    void sixteenTasksOfAPackedRoleFillTwoAgents() {
        Scene packed = new Scene("batch");
        packed.framework("batch", "batch/nightly");
        packed.agents(20, "cpus:8;mem:800");
        assertThat(launch(packed, 16).values()).as("of 20 agents two are used").containsExactly(8, 8);

        Scene spread = new Scene();
        spread.framework("batch", "batch/nightly");
        spread.agents(20, "cpus:8;mem:800");
        assertThat(launch(spread, 16)).as("one offer is one task on one agent").hasSize(16);
    }

    @Test
    void theFullestAgentComesFirst() {
        Scene scene = new Scene("batch");
        scene.framework("service", "web");
        scene.framework("batch", "batch");
        scene.allocator.suppress("batch", List.of());
        scene.agents(5, "cpus:8;mem:800");
        int used = 0;
        for (Allocation offer : scene.offers().stream()
                .sorted(Comparator.comparing(Allocation::agentId))
                .toList()) {
            scene.use(offer, "cpus:" + (++used) + ";mem:10", 3600);
        }
        scene.allocator.revive("batch", List.of());
        assertThat(scene.offersTo("batch")).extracting(Allocation::agentId).containsExactly("agent004");
    }

    @Test
    void uselessRestsAreSkippedInStepsThatDouble() {
        Scene scene = new Scene("batch");
        scene.framework("service", "web");
        scene.framework("batch", "batch");
        scene.allocator.suppress("batch", List.of());
        scene.agents(100, "cpus:8;mem:800");
        List<Allocation> all = scene.offers();
        all.subList(0, 90).forEach(offer -> scene.use(offer, "cpus:7.5;mem:10", 3600));
        all.subList(90, 100).forEach(offer -> scene.end(offer, OfferEnd.DECLINED, 3600));
        scene.allocator.revive("batch", List.of());
        int rounds = 0;
        List<Allocation> offers = scene.offersTo("batch");
        while (offers.get(0).resources().scalar("cpus") < 1) {
            rounds++;
            scene.pass(Duration.ofMillis(10));
            var madeAt = scene.now.minusMillis(10);
            offers.forEach(offer -> scene.end(offer, OfferEnd.DECLINED, madeAt, 5));
            offers = scene.offersTo("batch");
        }
        assertThat(rounds)
                .as("1 + 2 + 6 + 81 rests; each declined offer doubles the step")
                .isLessThan(8);
        assertThat(offers).as("unused agents one at a time all the same").hasSize(1);
        assertThat(scene.allocator.why("batch", "batch", scene.now).findings())
                .extracting(Explanation.Finding::reason)
                .contains(Reason.PACKED, Reason.REFUSED);
    }

    @Test
    void aPackedRoleTakesItsTurnByShare() {
        Scene scene = new Scene("batch");
        scene.framework("batch", "batch");
        scene.framework("web", "web");
        Map<String, Integer> taken = new TreeMap<>();
        for (int i = 0; i < 20; i++) {
            scene.pass(Duration.ofMillis(10));
            scene.agent("agent" + i, "cpus:8;mem:800");
            for (Allocation offer : scene.offers()) {
                scene.use(offer, "cpus:8;mem:800", 0);
                taken.merge(offer.frameworkId(), 1, Integer::sum);
            }
        }
        assertThat(taken).containsExactly(Map.entry("batch", 10), Map.entry("web", 10));
    }

    @Test
    void whatIsUsedIsAMultipleOfATaskAndNoAgentIsOverfull() {
        Scene scene = new Scene("batch");
        scene.framework("batch", "batch");
        scene.agents(20, "cpus:8;mem:800");
        Map<String, Integer> perAgent = launch(scene, 100);
        assertThat(perAgent.values()).allMatch(tasks -> tasks <= 8);
        perAgent.forEach((agent, tasks) -> {
            Resources held = Resources.EMPTY;
            for (int i = 0; i < tasks; i++) {
                held = held.plus(TASK);
            }
            assertThat(scene.allocator.free(agent).plus(held)).isEqualTo(Resources.parse("cpus:8;mem:800"));
        });
        assertThat(perAgent.values().stream().filter(tasks -> tasks == 8).count())
                .as("all but those of the last step are full: %s", perAgent)
                .isGreaterThanOrEqualTo(11);
    }
}
