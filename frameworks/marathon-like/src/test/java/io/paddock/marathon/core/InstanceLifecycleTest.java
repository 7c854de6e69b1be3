package io.paddock.marathon.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.TransitionTable.Edge;
import io.paddock.marathon.core.instance.Condition;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Rollout.Unreachable;
import io.paddock.proto.v1.TaskState;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Every state the master can report in every condition an instance can be in: what is declared happens, what is not is
 * ignored. Proves on the way that each declared transition is visited.
 */
class InstanceLifecycleTest {
    private final Set<Edge<Condition>> visited = new LinkedHashSet<>();

    /** How to bring a fresh instance into a condition, from PROVISIONED. */
    private static List<TaskState> wayTo(Condition condition) {
        return switch (condition) {
            case PROVISIONED -> List.of();
            case STAGING -> List.of(TaskState.TASK_STAGING);
            case STARTING -> List.of(TaskState.TASK_STARTING);
            case RUNNING -> List.of(TaskState.TASK_RUNNING);
            case KILLING -> List.of(TaskState.TASK_KILLING);
            case UNREACHABLE, UNREACHABLE_INACTIVE -> List.of(TaskState.TASK_RUNNING, TaskState.TASK_UNREACHABLE);
            default -> throw new AssertionError(condition);
        };
    }

    private FakeCluster clusterWith(Condition condition) {
        FakeCluster cluster = new FakeCluster(1).agent("a1", "cpus:8;mem:1024;ports:[31000-31099]");
        cluster.runsAfter = Duration.ofDays(1);
        App app = Apps.withRollout(
                Apps.app("/web", 1),
                Apps.rollout(
                        Apps.app("/web", 1).rollout().upgrade(),
                        condition == Condition.UNREACHABLE_INACTIVE ? new Unreachable(1, 1000) : null));
        cluster.create(app);
        cluster.afterEachStep = c -> {};
        cluster.advance(Duration.ofMillis(500));
        String task = cluster.instances("/web").get(0).taskId();
        for (TaskState state : wayTo(condition)) {
            cluster.report(task, state, null);
            cluster.advance(Duration.ofMillis(100));
        }
        if (condition == Condition.UNREACHABLE_INACTIVE) {
            cluster.advance(Duration.ofSeconds(2));
        }
        return cluster;
    }

    @Test
    void everyReportInEveryCondition() {
        visited.add(new Edge<>(Condition.SCHEDULED, Condition.PROVISIONED));
        visited.add(new Edge<>(Condition.UNREACHABLE, Condition.UNREACHABLE_INACTIVE));
        for (Condition from : Condition.values()) {
            if (!from.isPlaced()) {
                continue;
            }
            for (TaskState report : TaskState.values()) {
                check(from, report);
            }
        }
        assertThat(visited).containsExactlyInAnyOrderElementsOf(Condition.LIFECYCLE.edges());
    }

    private void check(Condition from, TaskState report) {
        FakeCluster cluster = clusterWith(from);
        Instance before = cluster.instances("/web").get(0);
        assertThat(before.condition()).isEqualTo(from);
        Condition to = Tasks.condition(report);
        cluster.report(before.taskId(), report, null);
        cluster.advance(Duration.ofMillis(20));
        List<Instance> left = cluster.instances("/web").stream()
                .filter(i -> i.id().equals(before.id()))
                .toList();
        boolean tooEarly = from == Condition.PROVISIONED && report == TaskState.TASK_UNKNOWN;
        if (tooEarly || !Condition.LIFECYCLE.allows(from, to)) {
            assertThat(left)
                    .as("%s in %s", report, from)
                    .extracting(Instance::condition)
                    .containsExactly(from);
        } else if (to.isTerminal()) {
            visited.add(new Edge<>(from, to));
            visited.add(new Edge<>(to, Condition.SCHEDULED));
            assertThat(left)
                    .as("%s in %s", report, from)
                    .allMatch(i -> i.condition() == Condition.SCHEDULED || i.incarnation() == before.incarnation() + 1);
        } else {
            visited.add(new Edge<>(from, to));
            assertThat(left)
                    .as("%s in %s", report, from)
                    .extracting(Instance::condition)
                    .containsExactly(to);
        }
        if (tooEarly) {
            cluster.crashMarathon(Duration.ofMillis(10));
            cluster.report(before.taskId(), report, null);
            cluster.advance(Duration.ofMillis(50));
            visited.add(new Edge<>(from, Condition.UNKNOWN));
        }
    }
}
