package io.paddock.marathon.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.marathon.core.deploy.Progress;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.PathId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Scaling, rolling replacement, order, locks and rollback. */
class DeploymentsTest {
    private final FakeCluster cluster = new FakeCluster(1).agent("a1", "cpus:8;mem:4096;ports:[31000-31999]");

    private App running(App app) {
        cluster.create(app);
        cluster.advance(Duration.ofSeconds(10));
        assertThat(cluster.deployments()).isZero();
        return cluster.view().definition(app.id()).orElseThrow();
    }

    @Test
    void scalesUpAndDownWithoutTouchingTheOthers() {
        App app = running(Apps.app("/web", 2));
        List<String> before = cluster.runningTasks("/web");
        cluster.change(app.withInstances(5), false);
        cluster.advance(Duration.ofSeconds(5));
        assertThat(cluster.runningTasks("/web")).hasSize(5).containsAll(before);

        App five = cluster.view().definition(app.id()).orElseThrow();
        assertThat(five.versionInfo().lastConfigChangeAt())
                .isEqualTo(app.versionInfo().lastConfigChangeAt());
        cluster.change(five.withInstances(2), false);
        cluster.advance(Duration.ofSeconds(5));
        assertThat(cluster.runningTasks("/web")).as("youngest go first").isEqualTo(before);
        assertThat(cluster.deployments()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"1,1,4,4,8", "0.5,0,4,2,4", "1,0,4,4,5", "0,0,4,0,4", "0.25,0.5,4,1,6", "1,1,1,1,2", "0.5,0.5,5,3,7"})
    void rollingReplacementKeepsItsBounds(double min, double over, int n, int floor, int ceiling) {
        App app = running(Apps.withUpgrade(Apps.app("/web", n), min, over));
        assertThat(Progress.floor(app)).isEqualTo(floor);
        List<String> old = cluster.runningTasks("/web");
        List<Integer> healthy = new ArrayList<>();
        List<Integer> alive = new ArrayList<>();
        cluster.afterEachStep = c -> {
            healthy.add((int)
                    c.instances("/web").stream().filter(Instance::isRunning).count());
            alive.add((int) c.instances("/web").stream()
                    .filter(i -> i.condition().isPlaced())
                    .count());
        };
        cluster.change(Apps.withEnv(app, "A", "2"), false);
        cluster.advance(Duration.ofSeconds(20));

        assertThat(cluster.deployments()).isZero();
        assertThat(cluster.runningTasks("/web")).hasSize(n).doesNotContainAnyElementsOf(old);
        assertThat(healthy).allMatch(count -> count >= floor);
        assertThat(alive).allMatch(count -> count <= ceiling);
    }

    @Test
    void replacementWaitsForHealth() {
        cluster.answersHealthChecks = task -> true;
        App app = running(Apps.withHealth(Apps.app("/web", 2)));
        List<String> old = cluster.runningTasks("/web");
        cluster.answersHealthChecks = old::contains;
        cluster.change(Apps.withEnv(app, "A", "2"), false);
        cluster.advance(Duration.ofSeconds(60));
        assertThat(cluster.runningTasks("/web"))
                .as("never fewer healthy than before")
                .containsAll(old);
        assertThat(cluster.deployments()).isEqualTo(1);

        cluster.answersHealthChecks = task -> true;
        cluster.advance(Duration.ofSeconds(60));
        assertThat(cluster.runningTasks("/web")).hasSize(2).doesNotContainAnyElementsOf(old);
        assertThat(cluster.deployments()).isZero();
    }

    @Test
    void cancellingADeploymentGoesBackAndKeepsWhatStillRuns() {
        App app = running(Apps.withHealth(Apps.app("/web", 3)));
        List<String> old = cluster.runningTasks("/web");
        cluster.answersHealthChecks = old::contains;
        Answer.Deploying answer = (Answer.Deploying) cluster.change(Apps.withEnv(app, "A", "bad"), false);
        cluster.advance(Duration.ofSeconds(15));

        assertThat(cluster.ask(new Request.CancelDeployment(answer.deploymentId(), false)))
                .isInstanceOf(Answer.Deploying.class);
        cluster.advance(Duration.ofSeconds(20));
        assertThat(cluster.runningTasks("/web"))
                .as("the old ones were never ended")
                .isEqualTo(old);
        assertThat(cluster.deployments()).isZero();
        App back = cluster.view().definition(app.id()).orElseThrow();
        assertThat(back.sameConfig(app)).isTrue();
        assertThat(back.version()).isAfter(app.version());
    }

    @Test
    void scalingWithForceInTheMiddleOfAReplacementBringsBothToTheirEnd() {
        App app = running(Apps.withHealth(Apps.app("/web", 3)));
        List<String> old = cluster.runningTasks("/web");
        cluster.answersHealthChecks = old::contains;
        cluster.change(Apps.withEnv(app, "A", "2"), false);
        cluster.advance(Duration.ofSeconds(15));
        assertThat(cluster.deployments()).isEqualTo(1);

        cluster.answersHealthChecks = task -> true;
        App changed = cluster.view().definition(app.id()).orElseThrow();
        assertThat(cluster.change(changed.withInstances(2), true)).isInstanceOf(Answer.Deploying.class);
        cluster.advance(Duration.ofSeconds(60));
        assertThat(cluster.runningTasks("/web")).hasSize(2).doesNotContainAnyElementsOf(old);
        assertThat(cluster.deployments()).isZero();
    }

    @Test
    void cancellingWithForceLeavesTheMix() {
        App app = running(Apps.withHealth(Apps.app("/web", 2)));
        List<String> old = cluster.runningTasks("/web");
        cluster.answersHealthChecks = old::contains;
        Answer.Deploying answer = (Answer.Deploying) cluster.change(Apps.withEnv(app, "A", "bad"), false);
        cluster.advance(Duration.ofSeconds(3));
        assertThat(cluster.ask(new Request.CancelDeployment(answer.deploymentId(), true)))
                .isInstanceOf(Answer.Done.class);
        assertThat(cluster.deployments()).isZero();
        assertThat(cluster.notices).hasAtLeastOneElementOfType(Notice.DeploymentFailed.class);
    }

    @Test
    void aSecondChangeIsRefusedUnlessForced() {
        App app = running(Apps.withHealth(Apps.app("/web", 1)));
        cluster.answersHealthChecks = task -> false;
        Answer.Deploying first = (Answer.Deploying) cluster.change(Apps.withEnv(app, "A", "2"), false);
        App second = cluster.view().definition(app.id()).orElseThrow();

        Answer.Refused refused = (Answer.Refused) cluster.change(Apps.withEnv(second, "A", "3"), false);
        assertThat(refused.refusal().deployments()).containsExactly(first.deploymentId());
        assertThat(cluster.view().definition(app.id()).orElseThrow()).isEqualTo(second);

        cluster.answersHealthChecks = task -> true;
        assertThat(cluster.change(Apps.withEnv(second, "A", "3"), true)).isInstanceOf(Answer.Deploying.class);
        assertThat(cluster.deployments()).isEqualTo(1);
        cluster.advance(Duration.ofSeconds(20));
        assertThat(cluster.deployments()).isZero();
        assertThat(cluster.task(cluster.runningTasks("/web").get(0))
                        .getCommand()
                        .getEnvironment()
                        .getVariablesList())
                .anyMatch(v -> v.getName().equals("A") && v.getValue().equals("3"));
    }

    @Test
    void aChangeMadeFromAnOldVersionIsStale() {
        App app = running(Apps.app("/web", 1));
        cluster.change(app.withInstances(2), false);
        cluster.advance(Duration.ofSeconds(3));
        assertThat(cluster.ask(new Request.ChangeApps(
                        List.of(new Request.ChangeApps.Change(app.withInstances(3), app.version())), false)))
                .isInstanceOf(Answer.Stale.class);
    }

    @Test
    void dependenciesComeFirst() {
        Request.ChangeGroup group = new Request.ChangeGroup(
                new GroupUpdate(
                        PathId.of("/shop"),
                        List.of(
                                Apps.withDependencies(Apps.app("/shop/web", 1), "/shop/api"),
                                Apps.withDependencies(Apps.app("/shop/api", 1), "/shop/db"),
                                Apps.app("/shop/db", 1)),
                        null,
                        null,
                        null,
                        null,
                        null),
                true,
                false,
                false);
        assertThat(cluster.ask(group)).isInstanceOf(Answer.Deploying.class);
        List<String> order = new ArrayList<>();
        cluster.afterEachStep = c -> c.launchedEver.stream()
                .map(id -> id.substring(0, id.indexOf('.')))
                .filter(app -> !order.contains(app))
                .forEach(order::add);
        cluster.advance(Duration.ofSeconds(10));
        assertThat(order).containsExactly("shop_db", "shop_api", "shop_web");
        assertThat(cluster.deployments()).isZero();
    }

    @Test
    void cyclesAreRefused() {
        Answer answer = cluster.ask(new Request.ChangeGroup(
                new GroupUpdate(
                        PathId.of("/g"),
                        List.of(
                                Apps.withDependencies(Apps.app("/g/a", 1), "/g/b"),
                                Apps.withDependencies(Apps.app("/g/b", 1), "/g/a")),
                        null,
                        null,
                        null,
                        null,
                        null),
                true,
                false,
                false));
        assertThat(answer).isInstanceOf(Answer.Refused.class);
        assertThat(cluster.view().apps()).isEmpty();
        assertThat(cluster.view().groups()).containsOnlyKeys(PathId.ROOT);
    }

    @Test
    void restartReplacesEverythingThoughNothingChanged() {
        running(Apps.app("/web", 3));
        List<String> old = cluster.runningTasks("/web");
        cluster.ask(new Request.RestartApp(PathId.of("/web"), false));
        cluster.advance(Duration.ofSeconds(10));
        assertThat(cluster.runningTasks("/web")).hasSize(3).doesNotContainAnyElementsOf(old);
    }

    @Test
    void nothingChangedIsADeploymentWithoutSteps() {
        App app = running(Apps.app("/web", 1));
        Answer.Deploying answer = (Answer.Deploying) cluster.change(app, false);
        assertThat(cluster.deployments()).isZero();
        assertThat(cluster.view().definition(app.id()).orElseThrow()).isEqualTo(app);
        assertThat(answer.apps()).containsExactly(app);
    }

    @Test
    void aDeploymentGoesOnAfterARestartOfMarathon() {
        App app = running(Apps.withUpgrade(Apps.app("/web", 6), 0.5, 0));
        List<String> old = cluster.runningTasks("/web");
        cluster.change(Apps.withEnv(app, "A", "2"), false);
        cluster.advance(Duration.ofMillis(700));
        assertThat(cluster.deployments()).isEqualTo(1);
        cluster.crashMarathon(Duration.ofSeconds(2));
        cluster.advance(Duration.ofSeconds(30));
        assertThat(cluster.deployments()).isZero();
        assertThat(cluster.runningTasks("/web")).hasSize(6).doesNotContainAnyElementsOf(old);
    }

    @Test
    void servicePortsAreUniqueAndKept() {
        App a = running(Apps.app("/a", 1));
        App b = running(Apps.app("/b", 1));
        assertThat(a.networking().portDefinitions().get(0).port()).isEqualTo(10000);
        assertThat(b.networking().portDefinitions().get(0).port()).isEqualTo(10001);
        cluster.change(Apps.withEnv(Apps.app("/a", 1), "A", "2"), false);
        cluster.advance(Duration.ofSeconds(5));
        assertThat(cluster.view().definition(a.id()).orElseThrow().networking()).isEqualTo(a.networking());
    }
}
