package io.paddock.batch.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.TransitionTable.Edge;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The life of a run: created, launched, tried again, stopped, over. */
class RunsTest {
    private final Story story = Story.subscribed();

    @Test
    void aRunIsCreatedQueuedLaunchedAndSucceeds() {
        story.create(Story.job("a"));
        Answer.OneRun created = (Answer.OneRun) story.ask(new Request.StartRun("a", RunOverrides.NONE));
        assertThat(created.run().phase()).as("as Metronome answers it").isEqualTo(RunPhase.INITIAL);
        String run = created.run().run().id();
        assertThat(run).isEqualTo("20260301120030" + "00001");
        assertThat(story.callTypes()).containsExactly(Call.Type.SUPPRESS, Call.Type.REVIVE);

        List<TaskInfo> tasks = story.offer(4, 1024);
        assertThat(tasks).extracting(task -> task.getTaskId().getValue()).containsExactly("a_" + run + ".1");
        assertThat(story.view("a").activeRuns().get(0).phase()).isEqualTo(RunPhase.STARTING);
        story.status("a_" + run + ".1", TaskState.TASK_STARTING);
        story.status("a_" + run + ".1", TaskState.TASK_RUNNING);
        assertThat(story.view("a").activeRuns().get(0).phase()).isEqualTo(RunPhase.ACTIVE);

        assertThat(story.status("a_" + run + ".1", TaskState.TASK_FINISHED))
                .extracting(Call::getType)
                .containsExactly(Call.Type.ACKNOWLEDGE);
        JobView view = story.view("a");
        assertThat(view.activeRuns()).isEmpty();
        assertThat(view.job().past().successCount()).isEqualTo(1);
        assertThat(view.job().past().lastSuccessAt()).isEqualTo(story.now());
        assertThat(view.finishedRuns()).extracting(FinishedRun::id).containsExactly(run);
    }

    static Stream<Arguments> ends() {
        return Stream.of(
                Arguments.of(Story.job("a"), TaskState.TASK_FAILED, RunPhase.FAILED),
                Arguments.of(Story.job("a"), TaskState.TASK_KILLED, RunPhase.FAILED),
                Arguments.of(Story.job("a"), TaskState.TASK_GONE, RunPhase.FAILED),
                Arguments.of(Story.job("a"), TaskState.TASK_ERROR, RunPhase.FAILED),
                Arguments.of(Story.job("a"), TaskState.TASK_DROPPED, RunPhase.STARTING),
                Arguments.of(Story.job("a"), TaskState.TASK_UNREACHABLE, RunPhase.ACTIVE),
                Arguments.of(Story.retrying("a", null), TaskState.TASK_FAILED, RunPhase.STARTING),
                Arguments.of(Story.retrying("a", null), TaskState.TASK_GONE_BY_OPERATOR, RunPhase.STARTING),
                Arguments.of(Story.retrying("a", 60L), TaskState.TASK_FAILED, RunPhase.STARTING),
                Arguments.of(Story.retrying("a", 5L), TaskState.TASK_FAILED, RunPhase.FAILED),
                Arguments.of(Story.retrying("a", null), TaskState.TASK_ERROR, RunPhase.FAILED));
    }

    @ParameterizedTest
    @MethodSource("ends")
    void whatBecomesOfARunWhoseTaskEnds(JobSpec job, TaskState state, RunPhase expected) {
        String task = story.running(job);
        story.pass(Duration.ofSeconds(10));
        story.status(task, state);
        JobView view = story.view("a");
        RunPhase phase = view.activeRuns().isEmpty()
                ? RunPhase.FAILED
                : view.activeRuns().get(0).phase();
        assertThat(phase).isEqualTo(expected);
        assertThat(view.job().past().failureCount()).isEqualTo(expected == RunPhase.FAILED ? 1 : 0);
    }

    @Test
    void retriesWaitLongerAndLonger() {
        story.running(Story.retrying("a", null));
        String run = story.view("a").activeRuns().get(0).run().id();
        Duration[] pauses = {Duration.ZERO, Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(4)};
        for (int failures = 1; failures <= 4; failures++) {
            story.status("a_" + run + "." + failures, TaskState.TASK_FAILED);
            Duration pause = pauses[failures - 1];
            if (!pause.isZero()) {
                assertThat(story.offer(4, 1024)).isEmpty();
                assertThat(story.waiting("a"))
                        .startsWith("waits until " + story.now().plus(pause) + " before try " + (failures + 1));
                story.pass(pause);
            }
            assertThat(story.offer(4, 1024)).hasSize(1);
            story.status("a_" + run + "." + (failures + 1), TaskState.TASK_RUNNING);
        }
        story.status("a_" + run + ".5", TaskState.TASK_FINISHED);
        assertThat(story.view("a").finishedRuns().get(0).attempts()).isEqualTo(5);
    }

    @Test
    void stoppingKillsTheTaskAndFailsTheRun() {
        String task = story.running(Story.retrying("a", null));
        String run = story.view("a").activeRuns().get(0).run().id();
        story.ask(new Request.StopRun("a", run));
        assertThat(story.lastCall().getType()).isEqualTo(Call.Type.KILL);
        int before = story.calls().size();
        story.pass(Duration.ofSeconds(31));
        assertThat(story.calls().subList(before, story.calls().size()))
                .as("nothing heard: killed again")
                .extracting(Call::getType)
                .containsExactly(Call.Type.KILL);
        story.status(task, TaskState.TASK_KILLED);
        assertThat(story.view("a").activeRuns()).as("no retry").isEmpty();
        assertThat(story.view("a").finishedRuns().get(0).reason()).isEqualTo("stopped by request");
    }

    @Test
    void stoppingAQueuedRunFailsItAtOnce() {
        story.create(Story.job("a"));
        String run = story.start("a");
        Answer.OneRun stopped = (Answer.OneRun) story.ask(new Request.StopRun("a", run));
        assertThat(stopped.run().phase()).isEqualTo(RunPhase.FAILED);
        assertThat(story.lastCall().getType()).isEqualTo(Call.Type.SUPPRESS);
        assertThat(Story.refusal(story.ask(new Request.StopRun("a", run))).kind())
                .isEqualTo(Refusal.Kind.UNKNOWN_RUN);
    }

    @Test
    void refusalsChangeNothing() {
        story.create(Story.job("a"));
        story.create(Story.job("b", "a"));
        story.start("a");
        Map<Request, Refusal.Kind> refused = Map.of(
                new Request.CreateJob(Story.job("a"), null), Refusal.Kind.CONFLICT,
                new Request.CreateJob(Story.job("x", "nobody"), null), Refusal.Kind.UNPROCESSABLE,
                new Request.CreateJob(Story.job("x", "x"), null), Refusal.Kind.UNPROCESSABLE,
                new Request.UpdateJob(Story.job("a", "b"), false, null), Refusal.Kind.UNPROCESSABLE,
                new Request.UpdateJob(Story.job("x"), false, null), Refusal.Kind.UNKNOWN_JOB,
                new Request.AddSchedule("b", Story.schedule(false)), Refusal.Kind.UNPROCESSABLE,
                new Request.ReplaceSchedule("a", Story.schedule(false)), Refusal.Kind.UNKNOWN_SCHEDULE,
                new Request.DeleteJob("a", true), Refusal.Kind.CONFLICT,
                new Request.StopRun("a", "nope"), Refusal.Kind.UNKNOWN_RUN,
                new Request.StartRun("nope", RunOverrides.NONE), Refusal.Kind.UNKNOWN_JOB);
        JobView before = story.view("a");
        refused.forEach(
                (request, kind) -> assertThat(Story.refusal(story.ask(request)).kind())
                        .as(request.toString())
                        .isEqualTo(kind));
        assertThat(story.view("a")).isEqualTo(before);
        assertThat(((Answer.Jobs) story.ask(new Request.ListJobs(false))).jobs())
                .hasSize(2);
    }

    @Test
    void deletingAJobWithRunsNeedsTheirStop() {
        String task = story.running(Story.job("a"));
        assertThat(Story.refusal(story.ask(new Request.DeleteJob("a", false))).kind())
                .isEqualTo(Refusal.Kind.CONFLICT);
        assertThat(story.ask(new Request.DeleteJob("a", true))).isInstanceOf(Answer.OneJob.class);
        assertThat(story.lastCall().getType()).isEqualTo(Call.Type.KILL);
        story.status(task, TaskState.TASK_KILLED);
        assertThat(Story.refusal(story.ask(new Request.GetJob("a", false))).kind())
                .isEqualTo(Refusal.Kind.UNKNOWN_JOB);
    }

    @Test
    void aTaskNothingIsHeardOfIsAskedFor() {
        story.create(Story.job("a"));
        story.start("a");
        story.offer(4, 1024);
        int before = story.calls().size();
        story.pass(Duration.ofSeconds(61));
        assertThat(story.calls().subList(before, story.calls().size()))
                .extracting(Call::getType)
                .contains(Call.Type.RECONCILE);
    }

    @Test
    void aTaskOfNoRunIsKilled() {
        assertThat(story.status("gone_2026030112003000009.1", TaskState.TASK_RUNNING))
                .extracting(Call::getType)
                .containsExactly(Call.Type.KILL, Call.Type.ACKNOWLEDGE);
    }

    @Test
    void theHistoryIsBounded() {
        story.create(Story.job("a"));
        for (int i = 0; i < 5; i++) {
            story.succeed("a");
        }
        assertThat(story.view("a").finishedRuns()).as("the newest three").hasSize(3);
        assertThat(story.view("a").job().past().successCount()).isEqualTo(5);
        story.restart();
        assertThat(story.view("a").finishedRuns()).hasSize(3);
    }

    /** Every edge of the declared lifecycle is taken by one of these short stories. */
    @Test
    void everyEdgeOfTheLifecycleIsVisited() {
        story.running(Story.retrying("a", null));
        String run = story.view("a").activeRuns().get(0).run().id();
        story.status("a_" + run + ".1", TaskState.TASK_FAILED);
        story.ask(new Request.StopRun("a", run));
        story.create(Story.job("b"));
        story.succeed("b");
        String failing = story.start("b");
        story.offer(4, 1024);
        story.status("b_" + failing + ".1", TaskState.TASK_RUNNING);
        story.status("b_" + failing + ".1", TaskState.TASK_FAILED);
        Set<Edge<RunPhase>> visited = new HashSet<>(story.edges());
        visited.add(new Edge<>(RunPhase.INITIAL, RunPhase.STARTING));
        assertThat(visited).containsExactlyInAnyOrderElementsOf(RunPhase.LIFECYCLE.edges());
    }
}
