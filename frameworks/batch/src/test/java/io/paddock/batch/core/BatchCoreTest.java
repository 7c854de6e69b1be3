package io.paddock.batch.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.batch.core.RunSpec.Constraint;
import io.paddock.common.TransitionTable.Edge;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BatchCoreTest {
    private Story story = new Story();

    @BeforeEach
    void subscribed() {
        story.subscribe();
    }

    @Test
    void asksForOffersAgainWhenNoneFollowARevive() {
        story.create(Story.job("a"));
        story.start("a");
        assertThat(story.callTypes()).containsExactly(Call.Type.SUPPRESS, Call.Type.REVIVE);
        story.pass(Duration.ofSeconds(29));
        assertThat(story.callTypes()).hasSize(2);
        story.pass(Duration.ofSeconds(2));
        assertThat(story.callTypes())
                .as("the first may have been lost")
                .containsExactly(Call.Type.SUPPRESS, Call.Type.REVIVE, Call.Type.REVIVE);
        story.offer(0.001, 1);
        story.pass(Duration.ofMinutes(2));
        assertThat(story.callTypes().stream().filter(type -> type == Call.Type.REVIVE))
                .as("offers come, if only small ones")
                .hasSize(2);
    }

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

    @Test
    void newsComeInOrderAndNotBeforeTheyAreDurable() {
        story.storeWaits();
        story.create(Story.job("a"));
        assertThat(story.news()).isEmpty();
        story.storeAnswers();
        String run = story.start("a");
        story.offer(4, 1024);
        story.status("a_" + run + ".1", TaskState.TASK_FAILED);
        story.ask(new Request.DeleteJob("a", false));
        assertThat(story.news())
                .containsExactly(
                        News.Kind.JOB_CREATED,
                        News.Kind.RUN_CREATED,
                        News.Kind.TASK_LAUNCHED,
                        News.Kind.TASK_STATUS,
                        News.Kind.RUN_FAILED,
                        News.Kind.JOB_DELETED);
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
        String task = running(job);
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
        running(Story.retrying("a", null));
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
    void nothingIsAnsweredLaunchedOrAcknowledgedBeforeItIsDurable() {
        story.storeWaits();
        assertThat(story.create(Story.job("a"))).isNull();
        story.storeAnswers();
        assertThat(story.answer(1)).isInstanceOf(Answer.OneJob.class);

        String run = story.start("a");
        story.storeWaits();
        assertThat(story.offer(4, 1024)).as("its task id is not written yet").isEmpty();
        int before = story.calls().size();
        story.storeAnswers();
        assertThat(story.launched(before)).hasSize(1);

        story.storeWaits();
        assertThat(story.status("a_" + run + ".1", TaskState.TASK_FINISHED)).isEmpty();
        before = story.calls().size();
        story.storeAnswers();
        assertThat(story.calls().subList(before, story.calls().size()))
                .extracting(Call::getType)
                .contains(Call.Type.ACKNOWLEDGE);
    }

    @Test
    void readsDoNotShowWhatIsNotDurable() {
        story.storeWaits();
        story.create(Story.job("a"));
        assertThat(story.ask(new Request.ListJobs(false))).isNull();
        story.storeAnswers();
        assertThat(((Answer.Jobs) story.answer(2)).jobs()).hasSize(1);
    }

    @Test
    void stoppingKillsTheTaskAndFailsTheRun() {
        String task = running(Story.retrying("a", null));
        String run = story.view("a").activeRuns().get(0).run().id();
        story.ask(new Request.StopRun("a", run));
        assertThat(last().getType()).isEqualTo(Call.Type.KILL);
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
        assertThat(last().getType()).isEqualTo(Call.Type.SUPPRESS);
        assertThat(refusal(story.ask(new Request.StopRun("a", run))).kind()).isEqualTo(Refusal.Kind.UNKNOWN_RUN);
    }

    @Test
    void aScheduleFiresEachMinute() {
        story.ask(new Request.CreateJob(Story.job("a"), Story.schedule(false)));
        assertThat(story.view("a").nextRunAt()).isEqualTo(Instant.parse("2026-03-01T12:01:00Z"));
        story.pass(Duration.ofMinutes(2));
        assertThat(story.view("a").activeRuns())
                .extracting(run -> run.run().createdAt())
                .containsExactly(Instant.parse("2026-03-01T12:01:00Z"), Instant.parse("2026-03-01T12:02:00Z"));
        assertThat(story.view("a").nextRunAt()).isEqualTo(Instant.parse("2026-03-01T12:03:00Z"));
    }

    @Test
    void forbidSkipsWhileARunIsActive() {
        story.ask(new Request.CreateJob(Story.job("a"), Story.schedule(true)));
        story.pass(Duration.ofMinutes(5));
        assertThat(story.view("a").activeRuns()).hasSize(1);
    }

    @Test
    void aDisabledOrDeletedScheduleDoesNotFire() {
        Schedule disabled = new Schedule("default", "* * * * *", "UTC", 900, false, false);
        story.ask(new Request.CreateJob(Story.job("a"), disabled));
        story.ask(new Request.CreateJob(Story.job("b"), Story.schedule(false)));
        story.ask(new Request.DeleteSchedule("b", "default"));
        story.pass(Duration.ofMinutes(5));
        assertThat(story.view("a").activeRuns()).isEmpty();
        assertThat(story.view("b").activeRuns()).isEmpty();
        assertThat(story.view("a").nextRunAt()).isNull();
    }

    @Test
    void aScheduledRunThatGetsNoTaskInTimeFails() {
        Schedule hasty = new Schedule("default", "* * * * *", "UTC", 60, true, true);
        story.ask(new Request.CreateJob(Story.job("a"), hasty));
        story.pass(Duration.ofSeconds(30));
        assertThat(story.view("a").activeRuns()).hasSize(1);
        story.pass(Duration.ofSeconds(60));
        FinishedRun failed = story.view("a").finishedRuns().get(0);
        assertThat(failed.success()).isFalse();
        assertThat(failed.reason()).contains("no task was running by its deadline", "no offer has come since");
    }

    @Test
    void firesMissedWhileNobodyLedAreNotCaughtUp() {
        story.ask(new Request.CreateJob(Story.job("a"), Story.schedule(false)));
        story.pass(Duration.ofMinutes(1));
        story.restart();
        assertThat(story.view("a").activeRuns())
                .as("no second run for a time acted on")
                .hasSize(1);
        assertThat(story.view("a").nextRunAt()).isAfter(story.now());
    }

    @Test
    void aDependentJobStartsWhenAllItsParentsHaveSucceeded() {
        story.create(Story.job("a"));
        story.create(Story.job("b"));
        story.create(Story.job("c", "a", "b"));
        assertThat(story.view("c").waitingFor())
                .containsExactly("job 'a' has not succeeded yet", "job 'b' has not succeeded yet");
        succeed("a");
        assertThat(story.view("c").activeRuns()).isEmpty();
        succeed("b");
        assertThat(story.view("c").activeRuns()).hasSize(1);
        String run = story.view("c").activeRuns().get(0).run().id();
        story.offer(4, 1024);
        story.pass(Duration.ofSeconds(1));
        story.status("c_" + run + ".1", TaskState.TASK_FINISHED);
        succeed("a");
        assertThat(story.view("c").activeRuns()).as("b has not succeeded since").isEmpty();
        succeed("b");
        assertThat(story.view("c").activeRuns()).hasSize(1);
    }

    @Test
    void aFailedParentStopsTheChain() {
        story.create(Story.job("a"));
        story.create(Story.job("c", "a"));
        String run = story.start("a");
        story.offer(4, 1024);
        story.status("a_" + run + ".1", TaskState.TASK_FAILED);
        assertThat(story.view("c").activeRuns()).isEmpty();
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
                (request, kind) -> assertThat(refusal(story.ask(request)).kind())
                        .as(request.toString())
                        .isEqualTo(kind));
        assertThat(story.view("a")).isEqualTo(before);
        assertThat(((Answer.Jobs) story.ask(new Request.ListJobs(false))).jobs())
                .hasSize(2);
    }

    @Test
    void deletingAJobWithRunsNeedsTheirStop() {
        String task = running(Story.job("a"));
        assertThat(refusal(story.ask(new Request.DeleteJob("a", false))).kind()).isEqualTo(Refusal.Kind.CONFLICT);
        assertThat(story.ask(new Request.DeleteJob("a", true))).isInstanceOf(Answer.OneJob.class);
        assertThat(last().getType()).isEqualTo(Call.Type.KILL);
        story.status(task, TaskState.TASK_KILLED);
        assertThat(refusal(story.ask(new Request.GetJob("a", false))).kind()).isEqualTo(Refusal.Kind.UNKNOWN_JOB);
    }

    @Test
    void aWaitingRunSaysWhy() {
        Story alone = new Story();
        alone.create(Story.job("a"));
        alone.start("a");
        assertThat(alone.waiting("a")).isEqualTo("not subscribed to a master yet");
        alone.subscribe();
        assertThat(alone.waiting("a")).isEqualTo("no offer has come since " + Story.START);
        alone.pass(Duration.ofSeconds(10));
        assertThat(alone.waiting("a")).endsWith(": the cluster has nothing free for this framework");
        alone.offer(0.5, 1024);
        alone.offer(0.25, 64);
        assertThat(alone.waiting("a"))
                .isEqualTo(
                        "of 2 offers since " + Story.START + ", 2 had too little cpus (1 needed, at most 0.5 offered),"
                                + " 1 had too little mem (128 needed, at most 64 offered)");
        alone.disconnect();
        assertThat(alone.waiting("a")).isEqualTo("not subscribed to a master: stream broke");
        Answer.Queue queue = (Answer.Queue) alone.ask(new Request.GetQueue());
        assertThat(queue.runs()).hasSize(1);
    }

    static Stream<Arguments> constraints() {
        return Stream.of(
                Arguments.of("rack", Constraint.Operator.IS, "r1", true),
                Arguments.of("rack", Constraint.Operator.IS, "r", false),
                Arguments.of("rack", Constraint.Operator.IS, null, true),
                Arguments.of("rack", Constraint.Operator.LIKE, "r[0-9]", true),
                Arguments.of("rack", Constraint.Operator.UNLIKE, "r[0-9]", false),
                Arguments.of("zone", Constraint.Operator.LIKE, ".*", false),
                Arguments.of("zone", Constraint.Operator.UNLIKE, ".*", true),
                Arguments.of("hostname", Constraint.Operator.IS, "host1", true));
    }

    @ParameterizedTest
    @MethodSource("constraints")
    void constraintsDecideWhereARunMayGo(
            String attribute, Constraint.Operator operator, @Nullable String value, boolean fits) {
        RunSpec plain = Story.run(false, null);
        RunSpec placed = new RunSpec(
                plain.cpus(),
                plain.mem(),
                0,
                0,
                plain.cmd(),
                null,
                null,
                Map.of(),
                List.of(new Constraint(attribute, operator, value)),
                List.of(),
                3600,
                null,
                null,
                List.of(),
                plain.restart(),
                null,
                Map.of(),
                List.of());
        story.create(new JobSpec("a", null, Map.of(), List.of(), placed));
        story.start("a");
        assertThat(story.offer(4, 1024, "rack:r1")).hasSize(fits ? 1 : 0);
        if (!fits) {
            assertThat(story.waiting("a")).contains("did not satisfy constraint " + attribute + " " + operator);
        }
    }

    @Test
    void oneOfferTakesAsManyRunsAsFit() {
        story.create(Story.job("a"));
        for (int i = 0; i < 5; i++) {
            story.start("a");
        }
        assertThat(story.offer(3.5, 10_000)).hasSize(3);
        assertThat(story.waiting("a")).isNotEmpty();
        assertThat(story.offer(8, 10_000)).hasSize(2);
        assertThat(last().getType()).isEqualTo(Call.Type.SUPPRESS);
    }

    @Test
    void afterARestartNothingIsLaunchedTwiceAndNothingIsLost() {
        String task = running(Story.job("a"));
        story.create(Story.job("b"));
        story.start("b");
        story.restart();
        story.subscribe();
        Call reconcile = story.calls().stream()
                .filter(call -> call.getType() == Call.Type.RECONCILE)
                .findFirst()
                .orElseThrow();
        assertThat(reconcile.getReconcile().getTasksList())
                .extracting(asked -> asked.getTaskId().getValue())
                .containsExactly(task);
        assertThat(story.offer(8, 1024))
                .as("only what waited is launched")
                .extracting(launched -> launched.getTaskId().getValue())
                .allMatch(id -> id.startsWith("b_"))
                .hasSize(1);
        story.status(task, TaskState.TASK_RUNNING, false);
        story.status(task, TaskState.TASK_FINISHED);
        assertThat(story.view("a").job().past().successCount()).isEqualTo(1);
    }

    @Test
    void aLaunchThatNeverReachedTheMasterIsRepeated() {
        story.create(Story.job("a"));
        String run = story.start("a");
        story.offer(4, 1024);
        story.restart();
        story.subscribe();
        story.status("a_" + run + ".1", TaskState.TASK_GONE, false);
        assertThat(story.view("a").job().past().failureCount()).isZero();
        assertThat(story.offer(4, 1024))
                .extracting(task -> task.getTaskId().getValue())
                .containsExactly("a_" + run + ".2");
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
    void aStoppedRunIsKilledAgainByTheNextLeader() {
        running(Story.job("a"));
        story.ask(new Request.StopRun(
                "a", story.view("a").activeRuns().get(0).run().id()));
        story.restart();
        story.subscribe();
        assertThat(story.callTypes()).contains(Call.Type.KILL);
    }

    @Test
    void aFrameworkTheMasterRemovedGoesOnAsANewOne() {
        String task = running(Story.retrying("a", null));
        story.error("Framework has been removed");
        assertThat(story.startedOver()).isEqualTo(1);
        assertThat(story.gaveUp()).isEmpty();
        story.subscribe();
        story.status(task, TaskState.TASK_UNKNOWN, false);
        assertThat(story.offer(4, 1024)).as("its tasks were killed with it").hasSize(1);
    }

    @Test
    void aFrameworkTheMasterRefusesGivesUp() {
        story.error("Framework's principal is not authorized");
        assertThat(story.gaveUp()).contains("is not authorized");
        assertThat(story.startedOver()).isZero();
    }

    @Test
    void theHistoryIsBounded() {
        story.create(Story.job("a"));
        for (int i = 0; i < 5; i++) {
            succeed("a");
        }
        assertThat(story.view("a").finishedRuns()).as("the newest three").hasSize(3);
        assertThat(story.view("a").job().past().successCount()).isEqualTo(5);
        story.restart();
        assertThat(story.view("a").finishedRuns()).hasSize(3);
    }

    /** Every edge of the declared lifecycle is taken by one of these short stories. */
    @Test
    void everyEdgeOfTheLifecycleIsVisited() {
        running(Story.retrying("a", null));
        String run = story.view("a").activeRuns().get(0).run().id();
        story.status("a_" + run + ".1", TaskState.TASK_FAILED);
        story.ask(new Request.StopRun("a", run));
        story.create(Story.job("b"));
        succeed("b");
        String failing = story.start("b");
        story.offer(4, 1024);
        story.status("b_" + failing + ".1", TaskState.TASK_RUNNING);
        story.status("b_" + failing + ".1", TaskState.TASK_FAILED);
        Set<Edge<RunPhase>> visited = new HashSet<>(story.edges());
        visited.add(new Edge<>(RunPhase.INITIAL, RunPhase.STARTING));
        assertThat(visited).containsExactlyInAnyOrderElementsOf(RunPhase.LIFECYCLE.edges());
    }

    private void succeed(String jobId) {
        String run = story.start(jobId);
        story.offer(4, 1024);
        story.pass(Duration.ofSeconds(1));
        story.status(jobId + "_" + run + ".1", TaskState.TASK_RUNNING);
        story.status(jobId + "_" + run + ".1", TaskState.TASK_FINISHED);
    }

    /** Creates a job, starts a run and answers the id of its running task. */
    private String running(JobSpec job) {
        story.create(job);
        String run = story.start(job.id());
        story.offer(1, 128);
        String task = job.id() + "_" + run + ".1";
        story.status(task, TaskState.TASK_RUNNING);
        return task;
    }

    private Call last() {
        return story.calls().get(story.calls().size() - 1);
    }

    private static Refusal refusal(@Nullable Answer answer) {
        assertThat(answer).isInstanceOf(Answer.Refused.class);
        return ((Answer.Refused) answer).refusal();
    }
}
