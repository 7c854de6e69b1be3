package io.paddock.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.master.core.snapshot.AgentView;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random agents, schedulers and, for every other seed, an operator that do anything allowed, in any order, with broken links, lost frames, slow writes
 * and changing masters. After every step the books must add up; when everything has calmed down nothing may be held any more.
 */
class MasterInvariantsTest {
    private final List<RandomAgent> agents = new ArrayList<>();
    private final List<RandomScheduler> schedulers = new ArrayList<>();
    private final MasterHarness master = new MasterHarness();
    private final AtomicInteger names = new AtomicInteger();
    private RandomOperator operator;
    private Random random;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void theBooksAlwaysAddUp(long seed) {
        run(seed, 1000);
    }

    @Test
    void theBooksAddUpForASeedOfTheDay() {
        long seed = Long.getLong("seed", System.currentTimeMillis() / 86_400_000);
        System.out.println("seed " + seed);
        run(seed, 1500);
    }

    private void run(long seed, int steps) {
        random = new Random(seed);
        operator = new RandomOperator(
                master, List.of("host0", "host1", "host2", "host3"), List.of("web", "role-f0", "role-f1", "role-f2"));
        for (int i = 0; i < 4; i++) {
            agents.add(new RandomAgent(master, random, names, "host" + i));
        }
        for (int i = 0; i < 3; i++) {
            schedulers.add(new RandomScheduler(master, random, names, "f" + i));
        }
        for (int step = 0; step < steps; step++) {
            int what = random.nextInt(100);
            try {
                if (seed % 2 == 0 && random.nextInt(15) == 0) {
                    operator.act(random);
                }
                act(what);
                receive(0.02);
                check();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ", step " + step + ", action " + what + ": " + e, e);
            }
        }
        calmDown(seed);
    }

    private void act(int what) {
        RandomAgent agent = agents.get(random.nextInt(agents.size()));
        RandomScheduler scheduler = schedulers.get(random.nextInt(schedulers.size()));
        if (what < 8) {
            agent.connect();
        } else if (what < 10) {
            agent.breakLink();
        } else if (what < 16) {
            scheduler.subscribe();
        } else if (what < 18 && scheduler.isConnected()) {
            scheduler.breakStream();
        } else if (what < 45) {
            scheduler.answerOffer();
        } else if (what < 65) {
            agent.runTask();
        } else if (what < 75) {
            scheduler.acknowledge();
        } else if (what < 78) {
            scheduler.kill();
        } else if (what < 80 && scheduler.isConnected()) {
            scheduler.call(Call.Type.REVIVE);
        } else if (what < 93) {
            boolean longTime = random.nextInt(25) == 0;
            master.advance(longTime ? Duration.ofMinutes(12) : Duration.ofMillis(random.nextInt(20_000)));
        } else if (what < 95) {
            master.confirmWrites = random.nextBoolean();
            if (master.confirmWrites) {
                master.confirmAll();
            }
        } else if (what == 95) {
            failOver();
        } else if (what == 96 && scheduler.isConnected() && random.nextInt(4) == 0) {
            scheduler.call(Call.Type.TEARDOWN);
        } else if (what == 97 && agent.isConnected() && random.nextInt(4) == 0) {
            agent.leave();
        } else if (what == 98) {
            agent.resend();
        }
    }

    private void failOver() {
        master.failOver("m" + (100 + names.getAndIncrement()));
        agents.forEach(RandomAgent::lost);
        schedulers.forEach(RandomScheduler::lost);
        master.confirmWrites = true;
    }

    private void receive(double lossRate) {
        agents.forEach(agent -> agent.receive(lossRate));
        schedulers.forEach(RandomScheduler::receive);
    }

    private void check() {
        ClusterSnapshot snapshot = master.snapshot();
        Books.check(snapshot, agent -> master.core().free(agent));
        operator.check(snapshot);
    }

    /** No more faults: all come back, all tasks end, and then nothing is held. */
    private void calmDown(long seed) {
        master.confirmAll();
        operator.undo();
        for (int round = 0; round < 30; round++) {
            agents.forEach(RandomAgent::connect);
            schedulers.stream().filter(s -> !s.isConnected()).forEach(RandomScheduler::subscribe);
            receive(0);
            for (RandomAgent agent : agents) {
                agent.resend();
                agent.finishTasks();
            }
            receive(0);
            for (RandomScheduler scheduler : schedulers) {
                scheduler.acknowledgeAll();
                scheduler.forgetOffers();
            }
            receive(0);
            check();
            master.advance(Duration.ofMinutes(1));
        }
        for (AgentView agent : master.snapshot().agents()) {
            assertThat(agent.tasks())
                    .as("seed %d: tasks left on %s", seed, agent.id())
                    .isEmpty();
            assertThat(agent.used().isEmpty())
                    .as("seed %d: used on %s", seed, agent.id())
                    .isTrue();
        }
        assertThat(master.snapshot().agents()).as("seed %d", seed).hasSize(agents.size());
    }
}
