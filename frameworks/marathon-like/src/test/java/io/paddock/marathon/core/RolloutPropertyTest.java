package io.paddock.marathon.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.marathon.core.deploy.Action;
import io.paddock.marathon.core.deploy.Progress;
import io.paddock.marathon.core.instance.Condition;
import io.paddock.marathon.core.instance.Goal;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.PathId;
import io.paddock.proto.v1.TaskState;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random changes while tasks crash, fail to start and fail their checks, agents get lost and marathon is killed. At each step:
 * marathon itself never takes the number of healthy instances below the floor, and never has more than the ceiling.
 * When the trouble stops, everything is as wanted.
 */
class RolloutPropertyTest {
    private static final PathId WEB = PathId.of("/web");

    static LongStream seeds() {
        long only = Long.getLong("seed", -1);
        return only >= 0 ? LongStream.of(only) : LongStream.range(0, 60);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void holdsItsBoundsAndConverges(long seed) {
        FakeCluster cluster = new FakeCluster(seed);
        for (int i = 0; i < 3; i++) {
            cluster.agent("a" + i, "cpus:8;mem:8192;ports:[31000-31999]");
        }
        Watch watch = new Watch();
        cluster.afterEachStep = watch::look;
        Set<String> broken = new HashSet<>();
        cluster.startsWell = task -> cluster.random(10) > 0;
        cluster.answersHealthChecks = id -> !broken.contains(id);
        App app = Apps.withHealth(Apps.withUpgrade(
                Apps.app("/web", 1 + cluster.random(6)), cluster.random(5) / 4.0, cluster.random(3) / 2.0));
        cluster.create(app);

        for (int round = 0; round < 25; round++) {
            cluster.advance(Duration.ofMillis(cluster.random(6000)));
            disturb(cluster, broken, round);
        }

        cluster.startsWell = task -> true;
        broken.clear();
        cluster.advance(Duration.ofMinutes(20));
        App wanted = cluster.view().definition(WEB).orElseThrow();
        assertThat(cluster.deployments()).as("deployments end").isZero();
        assertThat(cluster.instances("/web")).hasSize(wanted.instances());
        assertThat(cluster.instances("/web"))
                .allMatch(i -> Progress.isCurrent(wanted, i))
                .allMatch(i -> i.condition() == Condition.RUNNING)
                .allMatch(i -> Boolean.TRUE.equals(i.healthy()));
        assertThat(cluster.runningTasks("/web")).as("no stray tasks").hasSize(wanted.instances());
    }

    private static void disturb(FakeCluster cluster, Set<String> broken, int round) {
        List<String> running = cluster.runningTasks("/web");
        String some = running.isEmpty() ? "" : running.get(cluster.random(running.size()));
        App app = cluster.view().definition(WEB).orElseThrow();
        switch (cluster.random(8)) {
            case 0 -> cluster.change(Apps.withEnv(app, "ROUND", "" + round), cluster.random(2) == 0);
            case 1 -> cluster.change(app.withInstances(1 + cluster.random(6)), cluster.random(2) == 0);
            case 2 -> cluster.crash(some, TaskState.TASK_FAILED);
            case 3 -> broken.add(some);
            case 4 -> cluster.crashMarathon(Duration.ofMillis(cluster.random(3000)));
            case 5 -> cluster.crash(some, TaskState.TASK_GONE);
            case 6 ->
                cluster.view().deployments().keySet().stream()
                        .findFirst()
                        .ifPresent(id -> cluster.ask(new Request.CancelDeployment(id, false)));
            default -> cluster.loseAgent("a" + cluster.random(3));
        }
    }

    /** Compares each step with the one before. */
    private static final class Watch {
        private Map<String, Goal> goals = new HashMap<>();
        private int healthyBefore;
        private int placedBefore;

        void look(FakeCluster cluster) {
            AppView view = cluster.view().apps().get(WEB);
            App app = view == null ? null : view.current();
            if (view == null || app == null) {
                return;
            }
            Map<String, Goal> now = new HashMap<>();
            int healthy = 0;
            int healthySentenced = 0;
            int placed = 0;
            for (Instance i : view.instances()) {
                now.put(i.id(), i.goal());
                boolean good = i.condition() == Condition.RUNNING && Boolean.TRUE.equals(i.healthy());
                boolean sentenced = i.goal() == Goal.DECOMMISSIONED && goals.get(i.id()) == Goal.RUNNING;
                healthy += good && i.killRequestedAt() == null ? 1 : 0;
                healthySentenced += good && sentenced ? 1 : 0;
                placed += i.condition().isPlaced() && !i.condition().isUnreachable() ? 1 : 0;
            }
            boolean replacing = cluster.view().deployments().values().stream()
                    .anyMatch(d -> d.currentAction(WEB)
                            .filter(a -> a.kind() == Action.Kind.RESTART)
                            .isPresent());
            if (healthySentenced > 0) {
                assertThat(healthy)
                        .as("after ending %d healthy instances of %s", healthySentenced, view.instances())
                        .isGreaterThanOrEqualTo(Math.min(Progress.floor(app), healthyBefore));
            }
            if (replacing && placed > placedBefore) {
                assertThat(placed).as("instances at once").isLessThanOrEqualTo(Progress.ceiling(app));
            }
            placedBefore = placed;
            goals = now;
            healthyBefore = healthy;
        }
    }
}
