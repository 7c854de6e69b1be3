package io.paddock.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * Runs seeds, each twice. {@code -Dpaddock.seeds=N} sets how many, {@code -Dpaddock.firstSeed=N} where to begin; {@code
 * -Dpaddock.seed=N} with {@code #replay} shows all of one run.
 */
class SimulationTest {
    private static final int SEEDS = Integer.getInteger("paddock.seeds", 200);
    private static final long FIRST = Long.getLong("paddock.firstSeed", 1);

    @Test
    void everySeedKeepsTheInvariantsComesToRestAndRepeats() {
        List<String> failures = new ArrayList<>();
        long steps = 0;
        for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
            Simulation.Result result = Simulation.run(seed, false);
            steps += result.steps();
            if (result.failure() != null) {
                failures.add("seed " + seed + ": " + result.failure().getMessage() + "\n    " + result.replay());
            } else {
                assertThat(Simulation.run(seed, false).hash())
                        .as("seed %d gives another run the second time; %s", seed, result.replay())
                        .isEqualTo(result.hash());
            }
        }
        System.out.println(SEEDS + " seeds from " + FIRST + ", " + steps + " steps");
        assertThat(failures).isEmpty();
    }

    @Test
    void replay() {
        Long seed = Long.getLong("paddock.seed");
        Assumptions.assumeTrue(seed != null, "replays only with -Dpaddock.seed=N");
        Simulation.Result result = Simulation.run(seed, true);
        result.trace().forEach(System.out::println);
        System.out.println("steps " + result.steps() + ", hash " + Long.toHexString(result.hash()) + ", at rest after "
                + result.restedAfter());
        if (result.failure() != null) {
            throw new AssertionError("seed " + seed, result.failure());
        }
    }
}
