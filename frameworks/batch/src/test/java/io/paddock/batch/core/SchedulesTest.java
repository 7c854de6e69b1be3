package io.paddock.batch.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.proto.v1.TaskState;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Runs that nobody asked for: those of schedules, and those that follow the success of other jobs. */
class SchedulesTest {
    private final Story story = Story.subscribed();

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
        story.succeed("a");
        assertThat(story.view("c").activeRuns()).isEmpty();
        story.succeed("b");
        assertThat(story.view("c").activeRuns()).hasSize(1);
        String run = story.view("c").activeRuns().get(0).run().id();
        story.offer(4, 1024);
        story.pass(Duration.ofSeconds(1));
        story.status("c_" + run + ".1", TaskState.TASK_FINISHED);
        story.succeed("a");
        assertThat(story.view("c").activeRuns()).as("b has not succeeded since").isEmpty();
        story.succeed("b");
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
}
