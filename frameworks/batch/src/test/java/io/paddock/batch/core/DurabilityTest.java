package io.paddock.batch.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.scheduler.Call;
import org.junit.jupiter.api.Test;

/** Nothing is done before it is durable, and the next leader goes on from what is. */
class DurabilityTest {
    private final Story story = Story.subscribed();

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
    void afterARestartNothingIsLaunchedTwiceAndNothingIsLost() {
        String task = story.running(Story.job("a"));
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
    void aStoppedRunIsKilledAgainByTheNextLeader() {
        story.running(Story.job("a"));
        story.ask(new Request.StopRun(
                "a", story.view("a").activeRuns().get(0).run().id()));
        story.restart();
        story.subscribe();
        assertThat(story.callTypes()).contains(Call.Type.KILL);
    }

    @Test
    void aFrameworkTheMasterRemovedGoesOnAsANewOne() {
        String task = story.running(Story.retrying("a", null));
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
}
