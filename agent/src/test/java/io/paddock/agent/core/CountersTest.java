package io.paddock.agent.core;

import static io.paddock.agent.core.AgentScript.command;
import static io.paddock.agent.core.AgentScript.key;
import static io.paddock.agent.core.AgentScript.ready;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.executor.Call;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CountersTest {
    @Test
    void endsAreCountedOnceAndForGood() {
        AgentScript agent = ready();
        agent.run(command("fine"));
        agent.subscribe(1, "fine");
        agent.update("fine", "fine", TaskState.TASK_RUNNING, "u1");
        agent.update("fine", "fine", TaskState.TASK_FINISHED, "u2");
        agent.update("fine", "fine", TaskState.TASK_FINISHED, "u2");
        agent.terminated("fine", Termination.exited(0));
        agent.run(command("broken"));
        agent.on(new AgentEvent.ExecutorLaunchFailed(key("broken"), agent.container("broken"), "no such image"));

        assertThat(agent.core.view().counts())
                .containsOnly(
                        Map.entry(Count.TASKS_FINISHED, 1L),
                        Map.entry(Count.TASKS_FAILED, 1L),
                        Map.entry(Count.EXECUTORS_TERMINATED, 2L),
                        Map.entry(Count.CONTAINER_LAUNCH_ERRORS, 1L),
                        Map.entry(Count.VALID_STATUS_UPDATES, 3L));
        assertThat(agent.restarted().core.view().counts())
                .as("a restart begins anew")
                .isEmpty();
    }

    @Test
    void refusedUpdatesAreCountedAsInvalid() {
        AgentScript agent = ready();
        agent.run(command("t"));
        agent.subscribe(1, "t");
        agent.call(
                2,
                "t",
                Call.newBuilder()
                        .setType(Call.Type.UPDATE)
                        .setUpdate(Call.Update.newBuilder()
                                .setStatus(AgentScript.status("t", TaskState.TASK_RUNNING, "u").toBuilder()
                                        .setUuid(ByteString.copyFromUtf8("short")))));
        assertThat(agent.core.view().counts()).containsOnly(Map.entry(Count.INVALID_STATUS_UPDATES, 1L));
    }
}
