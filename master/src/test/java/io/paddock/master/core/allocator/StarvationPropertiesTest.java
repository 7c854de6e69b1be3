package io.paddock.master.core.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.resources.Quantity.Scalar;
import io.paddock.common.resources.Resources;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Frameworks whose weights are up to a million times apart share a full cluster in which tasks come and go, beside others that
 * decline whatever they see: whoever has nothing is served when the next tasks end; below a role that is entitled to less than
 * one task, its frameworks are so in turn. A failure names the seed.
 */
class StarvationPropertiesTest {
    private static final int SEEDS = 40;
    private static final Duration STEP = Duration.ofMillis(250);
    private static final int STEPS = 1200;
    private static final int LONGEST_TASK_SECONDS = 8;
    /** Until a task ends, and a second for whoever declines and comes first again. */
    private static final Duration LONGEST_TURN = Duration.ofSeconds(LONGEST_TASK_SECONDS + 2);

    private static final Resources TASK = Resources.parse("cpus:1;mem:250");

    private record Made(Allocation offer, Instant at) {}

    private record Running(Allocation offer, Instant until) {}

    /** Five minutes of a cluster. */
    private static final class World {
        private final Random random;
        private final Scene scene;
        private final Map<String, Double> weights = new TreeMap<>();
        private final Map<String, Instant> servedAt = new TreeMap<>();
        /** How many take turns with a worker, itself included. */
        private final Map<String, Integer> turns = new TreeMap<>();

        private final List<Running> running = new ArrayList<>();
        private List<Made> offers = new ArrayList<>();

        World(long seed) {
            random = new Random(seed);
            scene = new Scene(new Allocator(AllocatorOptions.defaults(seed)));
            scene.agents(3 + random.nextInt(4), "cpus:4;mem:1000");
            int workers = 3 + random.nextInt(6);
            for (int i = 0; i < workers; i++) {
                boolean inTeam = random.nextBoolean();
                add("worker" + i, (inTeam ? "team/role" : "role") + i);
                servedAt.put("worker" + i, scene.now);
                turns.put("worker" + i, inTeam ? 0 : 1);
            }
            int team = (int) turns.values().stream().filter(n -> n == 0).count();
            turns.replaceAll((worker, n) -> n == 0 ? team : n);
            int idlers = random.nextInt(4);
            for (int i = 0; i < idlers; i++) {
                add("idle" + i, "idle" + i);
            }
        }

        private void add(String framework, String role) {
            double weight = Math.pow(10, random.nextDouble() * 6 - 3);
            weights.put(role, weight);
            scene.allocator.setWeight(role, weight);
            scene.framework(framework, role);
        }

        /** The workers that waited too long; empty when none did. */
        List<String> starved() {
            List<String> starved = new ArrayList<>();
            for (int step = 0; step < STEPS; step++) {
                scene.pass(STEP);
                endTasks();
                List<Made> made = scene.offers().stream()
                        .map(offer -> new Made(offer, scene.now))
                        .toList();
                offers.forEach(this::answer);
                offers = made;
                running.forEach(task -> servedAt.put(task.offer().frameworkId(), scene.now));
                servedAt.forEach((worker, at) -> {
                    Duration longest = LONGEST_TURN.multipliedBy(turns.get(worker));
                    if (at.plus(longest).isBefore(scene.now) && !starved.contains(worker)) {
                        starved.add(worker);
                    }
                });
            }
            return starved;
        }

        private void endTasks() {
            running.removeIf(task -> {
                boolean ended = !task.until().isAfter(scene.now);
                if (ended) {
                    scene.giveBack(task.offer(), TASK, 0);
                }
                return ended;
            });
        }

        /** Workers fill what they are offered with tasks; the others want nothing, some of them at once again. */
        private void answer(Made made) {
            Allocation offer = made.offer();
            if (!servedAt.containsKey(offer.frameworkId())) {
                boolean filtered = offer.frameworkId().endsWith("0");
                scene.end(offer, filtered ? OfferEnd.DECLINED : OfferEnd.DECLINED_FOR_NOW, made.at(), filtered ? 5 : 0);
                return;
            }
            scene.allocator.offerEnded(offer.frameworkId(), offer.role(), OfferEnd.ACCEPTED, made.at(), scene.now);
            Resources left = offer.resources();
            while (left.contains(TASK)) {
                left = left.minus(TASK);
                int seconds = 1 + random.nextInt(LONGEST_TASK_SECONDS);
                running.add(new Running(offer, scene.now.plusSeconds(seconds)));
            }
            scene.giveBack(offer, left, 0);
        }
    }

    @Test
    void whoeverHasNothingIsServedWhenTheNextTasksEndHoweverSmallItsWeight() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            World world = new World(seed);
            assertThat(world.starved())
                    .as("seed %d, weights %s", seed, world.weights)
                    .isEmpty();
        }
    }

    @Test
    void aWorkerThatStarvesIsFound() {
        World world = new World(1);
        String role = world.weights.containsKey("role0") ? "role0" : "team/role0";
        world.scene.allocator.setQuota(role, new Quota(Map.of(), Map.of("cpus", new Scalar(0), "mem", new Scalar(0))));
        assertThat(world.starved()).containsExactly("worker0");
    }
}
