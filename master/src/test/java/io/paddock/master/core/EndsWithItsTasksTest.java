package io.paddock.master.core;

import static io.paddock.master.core.MasterHarness.frameworkInfo;
import static io.paddock.master.core.MasterHarness.launch;
import static io.paddock.master.core.MasterHarness.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.FrameworkLabels;
import io.paddock.master.core.snapshot.FrameworkView;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.Task;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.master.Call;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A framework that nobody comes back to is removed with its last task, if it has said so. */
class EndsWithItsTasksTest {
    private final MasterHarness master = new MasterHarness();
    private String id;

    private void launched(String label) {
        master.register("l", "cpus:4;mem:1024");
        FrameworkInfo.Builder info = frameworkInfo("f", "web").setFailoverTimeout(1000);
        info.getLabelsBuilder()
                .addLabelsBuilder()
                .setKey(FrameworkLabels.ENDS_WITH_ITS_TASKS)
                .setValue(label);
        id = master.subscribed("s", info);
        master.settle();
        Offer offer = master.lastOffer("s");
        master.accept("s", id, offer, launch(task("t", offer, "cpus:1;mem:32").build()));
        master.update("l", id, master.status("t", TaskState.TASK_RUNNING));
    }

    private boolean isKnown() {
        return master.snapshot().frameworks().stream()
                .anyMatch(framework -> framework.id().equals(id));
    }

    @Test
    void itGoesWithItsLastTaskWhenItsSchedulerIsAway() {
        launched("true");
        master.feed(new MasterEvent.SchedulerStreamClosed("s"));
        assertThat(isKnown()).isTrue();
        master.update("l", id, master.status("t", TaskState.TASK_FINISHED));
        assertThat(isKnown()).isFalse();
        FrameworkView ended = master.snapshot().completedFrameworks().get(0);
        assertThat(ended.completedTasks()).extracting(Task::getState).containsExactly(TaskState.TASK_FINISHED);
        assertThat(master.sent("l")).anyMatch(ToAgent::hasShutdownFramework);
    }

    @Test
    void itGoesAtOnceWhenItsTasksHadEndedBefore() {
        launched("true");
        master.update("l", id, master.status("t", TaskState.TASK_FAILED));
        assertThat(isKnown()).isTrue();
        master.feed(new MasterEvent.SchedulerStreamClosed("s"));
        assertThat(isKnown()).isFalse();
    }

    @Test
    void itGoesWhenTheAgentOfItsLastTaskIsGone() {
        launched("true");
        master.feed(new MasterEvent.SchedulerStreamClosed("s"));
        Call.Builder gone = Call.newBuilder().setType(Call.Type.MARK_AGENT_GONE);
        gone.getMarkAgentGoneBuilder()
                .setAgentId(master.snapshot().agents().get(0).info().getId());
        master.operate(gone);
        master.advance(Duration.ofMillis(1));
        assertThat(isKnown()).isFalse();
    }

    @Test
    void othersWaitForTheirSchedulerUntilTheirFailoverTimeout() {
        launched("false");
        master.feed(new MasterEvent.SchedulerStreamClosed("s"));
        master.update("l", id, master.status("t", TaskState.TASK_FINISHED));
        assertThat(isKnown()).isTrue();
    }
}
