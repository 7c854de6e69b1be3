package io.paddock.marathon.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.marathon.core.instance.Condition;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.PathId;
import io.paddock.marathon.core.model.Rollout.Unreachable;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The life of an app without deployments going wrong: launch, failure, delay, lost agents, restarts of marathon. */
class KeepsAppsAliveTest {
    private final FakeCluster cluster = new FakeCluster(1).agent("a1", "cpus:4;mem:1024;ports:[31000-31099]");

    @Test
    void launchesWhatIsWantedAndThenWantsNoOffers() {
        assertThat(cluster.create(Apps.app("/web", 3))).isInstanceOf(Answer.Deploying.class);
        cluster.advance(Duration.ofSeconds(2));

        assertThat(cluster.runningTasks("/web")).hasSize(3);
        assertThat(cluster.instances("/web")).extracting(Instance::condition).containsOnly(Condition.RUNNING);
        assertThat(cluster.deployments()).isZero();
        assertThat(cluster.notices).hasAtLeastOneElementOfType(Notice.DeploymentSucceeded.class);
        assertThat(cluster.calls.get(cluster.calls.size() - 1).getType())
                .isIn(Call.Type.SUPPRESS, Call.Type.ACKNOWLEDGE);
        assertThat(cluster.count(Call.Type.SUPPRESS)).isPositive();
    }

    @Test
    void startsACrashedTaskAgainAsTheSameInstanceAfterItsDelay() {
        cluster.create(Apps.app("/web", 1));
        cluster.advance(Duration.ofSeconds(2));
        String first = cluster.runningTasks("/web").get(0);
        String instance = cluster.instances("/web").get(0).id();

        cluster.crash(first, TaskState.TASK_FAILED);
        cluster.advance(Duration.ofMillis(900));
        assertThat(cluster.runningTasks("/web")).as("backoffSeconds is 1").isEmpty();
        assertThat(cluster.view().apps().get(PathId.of("/web")).waiting()).isEqualTo(1);

        cluster.advance(Duration.ofSeconds(1));
        assertThat(cluster.runningTasks("/web")).containsExactly(instance + "._app.2");
        assertThat(cluster.view()
                        .app(PathId.of("/web"))
                        .orElseThrow()
                        .lastFailure()
                        .taskId())
                .isEqualTo(first);
    }

    @Test
    void waitsLongerAfterEachFailureUntilTheCap() {
        cluster.startsWell = task -> false;
        App app = Apps.app("/bad", 1);
        cluster.create(app);
        cluster.advance(Duration.ofMinutes(10));
        int soon = cluster.launchedEver.size();
        assertThat(soon)
                .as("1 s, 1.15 s, 1.32 s, … sums to 10 minutes after about 32 launches")
                .isBetween(20, 40);

        cluster.advance(Duration.ofHours(2));
        int later = cluster.launchedEver.size();
        cluster.advance(Duration.ofHours(1));
        assertThat(cluster.launchedEver.size() - later)
                .as("one launch in 300 s at most")
                .isBetween(11, 13);
    }

    @Test
    void resetOfTheDelayLaunchesAtOnce() {
        cluster.startsWell = task -> false;
        cluster.create(Apps.app("/bad", 1));
        cluster.advance(Duration.ofMinutes(10));
        cluster.startsWell = task -> true;

        assertThat(cluster.ask(new Request.ResetDelay(PathId.of("/bad")))).isInstanceOf(Answer.Done.class);
        cluster.advance(Duration.ofSeconds(2));
        assertThat(cluster.runningTasks("/bad")).hasSize(1);
    }

    @Test
    void countsFinishedAsFailure() {
        cluster.create(Apps.app("/once", 1));
        cluster.advance(Duration.ofSeconds(2));
        cluster.crash(cluster.runningTasks("/once").get(0), TaskState.TASK_FINISHED);
        cluster.advance(Duration.ofMillis(500));
        assertThat(cluster.runningTasks("/once")).isEmpty();
        cluster.advance(Duration.ofSeconds(2));
        assertThat(cluster.runningTasks("/once")).hasSize(1);
    }

    @Test
    void deletesWithoutLeavingAnything() {
        cluster.create(Apps.app("/web", 3));
        cluster.advance(Duration.ofSeconds(2));
        cluster.ask(new Request.DeleteApp(PathId.of("/web"), true));
        cluster.advance(Duration.ofSeconds(2));

        assertThat(cluster.runningTasks("/web")).isEmpty();
        assertThat(cluster.view().apps()).isEmpty();
        assertThat(cluster.notices).contains(new Notice.AppTerminated(PathId.of("/web")));
    }

    @Test
    void replacesInstancesOnALostAgentAndKillsThemWhenTheyComeBack() {
        cluster.agent("a2", "cpus:4;mem:1024;ports:[31000-31099]");
        App app = Apps.withRollout(
                Apps.app("/web", 2), Apps.rollout(Apps.app("/x", 1).rollout().upgrade(), new Unreachable(10, 60)));
        cluster.create(app);
        cluster.advance(Duration.ofSeconds(2));
        Instance lost = cluster.instances("/web").stream()
                .filter(i -> i.agent().id().equals("a1"))
                .findFirst()
                .orElseThrow();

        cluster.loseAgent("a1");
        cluster.advance(Duration.ofSeconds(5));
        assertThat(cluster.instances("/web")).hasSize(2);
        cluster.advance(Duration.ofSeconds(10));
        assertThat(cluster.instances("/web"))
                .as("a replacement after inactiveAfter")
                .hasSize(3);
        cluster.advance(Duration.ofSeconds(60));
        assertThat(cluster.instances("/web")).extracting(Instance::id).doesNotContain(lost.id());

        cluster.report(lost.taskId(), TaskState.TASK_RUNNING, null);
        cluster.advance(Duration.ofSeconds(2));
        assertThat(cluster.runningTasks("/web")).hasSize(2).doesNotContain(lost.taskId());
    }

    @Test
    void waitsForLostInstancesForEverWhenTheStrategyIsDisabled() {
        App app = Apps.withRollout(
                Apps.app("/web", 1), Apps.rollout(Apps.app("/x", 1).rollout().upgrade(), null));
        cluster.create(app);
        cluster.advance(Duration.ofSeconds(2));
        String task = cluster.runningTasks("/web").get(0);
        cluster.loseAgent("a1");
        cluster.advance(Duration.ofDays(1));
        assertThat(cluster.instances("/web")).extracting(Instance::condition).containsExactly(Condition.UNREACHABLE);

        cluster.report(task, TaskState.TASK_RUNNING, null);
        cluster.advance(Duration.ofSeconds(1));
        assertThat(cluster.instances("/web")).extracting(Instance::condition).containsExactly(Condition.RUNNING);
    }

    @Test
    void aRestartOfMarathonLaunchesNothingTwiceAndLosesNothing() {
        cluster.create(Apps.app("/web", 3));
        cluster.advance(Duration.ofSeconds(2));
        List<String> before = cluster.runningTasks("/web");

        cluster.crashMarathon(Duration.ofSeconds(3));
        cluster.advance(Duration.ofMinutes(30));
        assertThat(cluster.runningTasks("/web")).isEqualTo(before);
        assertThat(cluster.launchedEver).hasSize(3);
    }

    @Test
    void tasksThatEndedWhileMarathonWasAwayAreStartedAgain() {
        cluster.create(Apps.app("/web", 3));
        cluster.advance(Duration.ofSeconds(2));
        String ended = cluster.runningTasks("/web").get(1);

        cluster.runsAfter = Duration.ofMillis(100);
        cluster.afterEachStep = c -> {};
        cluster.crashMarathon(Duration.ZERO);
        cluster.crash(ended, TaskState.TASK_FAILED);
        cluster.advance(Duration.ofSeconds(5));
        assertThat(cluster.runningTasks("/web")).hasSize(3).doesNotContain(ended);
    }

    @Test
    void anInstanceStoredButNeverLaunchedIsFoundOutAndLaunched() {
        cluster.writeTakes = Duration.ofMillis(50);
        cluster.create(Apps.app("/web", 1));
        for (int i = 0; i < 500 && cluster.instances("/web").get(0).condition() != Condition.PROVISIONED; i++) {
            cluster.advance(Duration.ofMillis(1));
        }
        cluster.advance(Duration.ofMillis(20));
        assertThat(cluster.launchedEver).as("the launch waits for the store").isEmpty();

        cluster.crashMarathon(Duration.ofSeconds(1));
        cluster.advance(Duration.ofSeconds(5));
        assertThat(cluster.runningTasks("/web")).hasSize(1);
        assertThat(cluster.instances("/web")).hasSize(1);
    }

    @Test
    void unknownTasksAreKilled() {
        cluster.create(Apps.app("/web", 1));
        cluster.advance(Duration.ofSeconds(2));
        cluster.ask(new Request.KillTasks(List.of("nobody"), false, false, false));
        long kills = cluster.count(Call.Type.KILL);
        String task = cluster.runningTasks("/web").get(0);
        cluster.ask(
                new Request.KillTasks(List.of(cluster.instances("/web").get(0).id()), false, true, false));
        cluster.advance(Duration.ofSeconds(3));
        assertThat(cluster.count(Call.Type.KILL)).isEqualTo(kills + 1);
        assertThat(cluster.runningTasks("/web")).hasSize(1).doesNotContain(task);
        assertThat(cluster.instances("/web").get(0).incarnation())
                .as("a new instance")
                .isEqualTo(1);
    }

    @Test
    void killAndScaleRemovesExactlyThatInstance() {
        cluster.create(Apps.app("/web", 3));
        cluster.advance(Duration.ofSeconds(2));
        Instance victim = cluster.instances("/web").get(1);
        assertThat(cluster.ask(new Request.KillTasks(List.of(victim.id()), true, false, false)))
                .isInstanceOf(Answer.Deploying.class);
        cluster.advance(Duration.ofSeconds(3));
        assertThat(cluster.runningTasks("/web")).hasSize(2).doesNotContain(victim.taskId());
        assertThat(cluster.view().definition(PathId.of("/web")).orElseThrow().instances())
                .isEqualTo(2);
    }
}
