package io.paddock.marathon.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.marathon.core.health.HealthResult;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Checks;
import io.paddock.marathon.core.model.Checks.Protocol;
import io.paddock.marathon.core.model.Checks.ReadinessCheck;
import io.paddock.marathon.core.model.PathId;
import io.paddock.proto.v1.TaskState;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What results of checks do, in virtual time. */
class HealthChecksTest {
    private final Set<String> sick = new HashSet<>();
    private final FakeCluster cluster = new FakeCluster(1).agent("a1", "cpus:8;mem:1024;ports:[31000-31099]");

    HealthChecksTest() {
        cluster.answersHealthChecks = task -> !sick.contains(task);
    }

    private Instance only() {
        assertThat(cluster.instances("/web")).hasSize(1);
        return cluster.instances("/web").get(0);
    }

    /** Grace 10 s, interval 5 s, three failures. */
    private void start() {
        cluster.create(Apps.withHealth(Apps.app("/web", 1)));
        cluster.advance(Duration.ofSeconds(3));
    }

    @Test
    void healthIsUnknownUntilTheFirstResult() {
        App app = Apps.withHealth(Apps.app("/web", 1));
        cluster.create(app);
        cluster.advance(Duration.ofMillis(500));
        assertThat(only().healthy()).isNull();
        cluster.advance(Duration.ofSeconds(2));
        assertThat(only().healthy()).isTrue();
    }

    @Test
    void failuresBeforeTheFirstSuccessAreIgnoredWithinTheGracePeriod() {
        cluster.answersHealthChecks = task -> false;
        cluster.create(Apps.withHealth(Apps.app("/web", 1)));
        cluster.advance(Duration.ofSeconds(9));
        assertThat(only().healthy()).isNull();
        assertThat(only().incarnation()).isEqualTo(1);
        cluster.advance(Duration.ofSeconds(5));
        assertThat(only().healthy()).isFalse();
        cluster.advance(Duration.ofSeconds(10));
        assertThat(only().incarnation()).as("killed and started again").isEqualTo(2);
    }

    @Test
    void theThirdFailureInARowKillsAndIsTold() {
        start();
        String task = only().taskId();
        sick.add(task);
        cluster.advance(Duration.ofSeconds(10));
        assertThat(only().healthy()).isFalse();
        assertThat(cluster.runningTasks("/web")).containsExactly(task);
        cluster.advance(Duration.ofSeconds(10));
        assertThat(cluster.runningTasks("/web")).hasSize(1).doesNotContain(task);
        assertThat(cluster.notices).hasAtLeastOneElementOfType(Notice.UnhealthyKilled.class);
        assertThat(cluster.view()
                        .app(PathId.of("/web"))
                        .orElseThrow()
                        .lastFailure()
                        .message())
                .contains("killed after 3 failed health checks");
    }

    @Test
    void aSuccessInBetweenStartsTheCountAnew() {
        start();
        String task = only().taskId();
        for (int i = 0; i < 10; i++) {
            sick.add(task);
            cluster.advance(Duration.ofSeconds(8));
            sick.clear();
            cluster.advance(Duration.ofSeconds(7));
        }
        assertThat(cluster.runningTasks("/web")).containsExactly(task);
    }

    @Test
    void zeroFailuresMeansNeverKilling() {
        cluster.create(Apps.withChecks(
                Apps.app("/web", 1), new Checks(List.of(Apps.check(Protocol.TCP, 0, 5, 0)), null, List.of())));
        cluster.advance(Duration.ofSeconds(3));
        String task = only().taskId();
        sick.add(task);
        cluster.advance(Duration.ofMinutes(5));
        assertThat(cluster.runningTasks("/web")).containsExactly(task);
        assertThat(only().healthy()).isFalse();
    }

    @Test
    void healthIsKnownAfterARestartOfMarathon() {
        start();
        cluster.crashMarathon(Duration.ofSeconds(1));
        cluster.advance(Duration.ofMillis(100));
        assertThat(only().healthy()).isTrue();
        List<HealthResult> results =
                cluster.view().app(PathId.of("/web")).orElseThrow().health().get(only().id());
        assertThat(results).hasSize(1).allMatch(HealthResult::isAlive);
    }

    @Test
    void resultsOfExecutorsAreTakenFromStatuses() {
        cluster.create(Apps.withChecks(
                Apps.app("/web", 1), new Checks(List.of(Apps.check(Protocol.MESOS_HTTP, 0, 5, 3)), null, List.of())));
        cluster.advance(Duration.ofSeconds(3));
        assertThat(cluster.deployments()).as("waits for health").isEqualTo(1);
        cluster.report(only().taskId(), TaskState.TASK_RUNNING, true);
        cluster.advance(Duration.ofMillis(100));
        assertThat(only().healthy()).isTrue();
        assertThat(cluster.deployments()).isZero();
        cluster.report(only().taskId(), TaskState.TASK_RUNNING, false);
        cluster.advance(Duration.ofMillis(100));
        assertThat(only().healthy()).isFalse();
    }

    @Test
    void readinessHoldsADeploymentUp() {
        ReadinessCheck check =
                new ReadinessCheck("ready", Protocol.HTTP, "/ready", "default", 5, 2, List.of(200), true);
        sick.add("all");
        cluster.answersHealthChecks = task -> sick.isEmpty();
        cluster.create(Apps.withChecks(Apps.app("/web", 1), new Checks(List.of(), null, List.of(check))));
        cluster.advance(Duration.ofSeconds(30));
        assertThat(cluster.deployments()).isEqualTo(1);
        assertThat(cluster.view()
                        .app(PathId.of("/web"))
                        .orElseThrow()
                        .readiness()
                        .values())
                .allMatch(r -> !r.ready());
        sick.clear();
        cluster.advance(Duration.ofSeconds(6));
        assertThat(cluster.deployments()).isZero();
    }
}
