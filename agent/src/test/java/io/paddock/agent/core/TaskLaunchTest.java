package io.paddock.agent.core;

import static io.paddock.agent.core.AgentScript.command;
import static io.paddock.agent.core.AgentScript.custom;
import static io.paddock.agent.core.AgentScript.key;
import static io.paddock.agent.core.AgentScript.ready;
import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.proto.checkpoint.ExecutorAdded;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.RunTasks;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.TaskStatus.Reason;
import io.paddock.proto.v1.executor.Event;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How tasks reach their executors, and which are turned away. */
class TaskLaunchTest {
    @Test
    void aCommandTaskIsOnDiskBeforeItsExecutorStarts() {
        AgentScript agent = ready();
        List<AgentEffect> effects = agent.run(command("t1"));
        assertThat(effects.get(0)).isInstanceOf(AgentEffect.Checkpoint.class);
        assertThat(((AgentEffect.Checkpoint) effects.get(0)).records())
                .extracting(r -> r.getRecordCase().name())
                .containsExactly("FRAMEWORK_KNOWN", "EXECUTOR_ADDED", "TASK_ADDED");
        AgentEffect.LaunchExecutor launch = (AgentEffect.LaunchExecutor) effects.get(1);
        assertThat(launch.launch().kind()).isEqualTo(ExecutorAdded.Kind.COMMAND);
        assertThat(launch.launch().key()).isEqualTo(key("t1"));
        assertThat(launch.launch().sandbox())
                .isEqualTo("/agent/slaves/S1/frameworks/fw/executors/t1/runs/"
                        + launch.launch().container().getValue());
        assertThat(launch.launch().environment())
                .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                        Map.entry("LIBPROCESS_PORT", "0"),
                        Map.entry("MESOS_FRAMEWORK_ID", "fw"),
                        Map.entry("MESOS_EXECUTOR_ID", "t1"),
                        Map.entry("MESOS_DIRECTORY", launch.launch().sandbox()),
                        Map.entry("MESOS_SANDBOX", launch.launch().sandbox()),
                        Map.entry("MESOS_SLAVE_ID", "S1"),
                        Map.entry("MESOS_SLAVE_PID", "slave(1)@10.0.0.1:5051"),
                        Map.entry("MESOS_AGENT_ENDPOINT", "10.0.0.1:5051"),
                        Map.entry("MESOS_CHECKPOINT", "1"),
                        Map.entry("MESOS_HTTP_COMMAND_EXECUTOR", "0"),
                        Map.entry("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", "5secs"),
                        Map.entry("MESOS_RECOVERY_TIMEOUT", "15mins"),
                        Map.entry("MESOS_SUBSCRIPTION_BACKOFF_MAX", "2secs")));
    }

    @Test
    void tasksQueueUntilTheExecutorSubscribesAndALaunchIsRepeatedHarmlessly() {
        AgentScript agent = ready();
        agent.run(custom("t1", "e"));
        agent.run(custom("t2", "e"));
        agent.run(custom("t2", "e"));
        assertThat(agent.effects(AgentEffect.LaunchExecutor.class)).hasSize(1);
        assertThat(agent.toExecutor("e")).isEmpty();
        agent.subscribe(1, "e");
        assertThat(agent.toExecutor("e")).containsExactly(Event.Type.SUBSCRIBED, Event.Type.LAUNCH, Event.Type.LAUNCH);
        agent.run(custom("t3", "e"));
        assertThat(agent.toExecutor("e")).hasSize(4);
        assertThat(agent.effects(AgentEffect.ResizeExecutor.class))
                .last()
                .satisfies(r -> assertThat(
                                ResourceMessages.fromMessages(r.resources()).scalar("cpus"))
                        .isEqualTo(3));
    }

    @Test
    void aGroupIsHandedOverAsOne() {
        AgentScript agent = ready();
        agent.runGroup("pod", command("a"), command("b"));
        agent.subscribe(1, "pod");
        assertThat(agent.toExecutor("pod")).containsExactly(Event.Type.SUBSCRIBED, Event.Type.LAUNCH_GROUP);
        agent.runGroup("pod", command("c"), command("d"));
        assertThat(agent.toExecutor("pod")).endsWith(Event.Type.LAUNCH_GROUP);
    }

    @Test
    void aFailedLaunchFailsTheTask() {
        AgentScript agent = ready();
        agent.run(custom("t1", "e"));
        agent.on(new AgentEvent.ExecutorLaunchFailed(key("e"), agent.container("e"), "image: not found"));
        assertThat(agent.lastStatus().getState()).isEqualTo(TaskState.TASK_FAILED);
        assertThat(agent.lastStatus().getReason()).isEqualTo(Reason.REASON_CONTAINER_LAUNCH_FAILED);
        assertThat(agent.lastStatus().getMessage()).isEqualTo("image: not found");
    }

    @Test
    void aTaskThatCannotBeHandedOverFailsAndItsExecutorGoesOn() {
        AgentScript agent = ready();
        agent.run(custom("t1", "e"));
        agent.subscribe(1, "e");
        agent.run(custom("t2", "e"));
        agent.on(new AgentEvent.TasksNotDelivered(
                key("e"), List.of(TaskID.newBuilder().setValue("t2").build()), "Not started: the disk"));
        assertThat(agent.lastStatus().getTaskId().getValue()).isEqualTo("t2");
        assertThat(agent.lastStatus().getState()).isEqualTo(TaskState.TASK_FAILED);
        assertThat(agent.lastStatus().getReason()).isEqualTo(Reason.REASON_CONTAINER_LAUNCH_FAILED);
        assertThat(agent.lastStatus().getMessage()).isEqualTo("Not started: the disk");
        assertThat(agent.update("e", "t1", TaskState.TASK_RUNNING, "u1")).isNotEmpty();
    }

    @Test
    void anExecutorOfOursWhoseOnlyTaskCannotBeHandedOverEnds() {
        AgentScript agent = ready();
        agent.run(command("t1"));
        agent.subscribe(1, "t1");
        List<AgentEffect> effects = agent.on(new AgentEvent.TasksNotDelivered(
                key("t1"), List.of(TaskID.newBuilder().setValue("t1").build()), "Not started: the disk"));
        assertThat(agent.lastStatus().getState()).isEqualTo(TaskState.TASK_FAILED);
        assertThat(effects)
                .anyMatch(effect -> effect instanceof AgentEffect.SendToExecutor send
                        && send.event().getType() == Event.Type.SHUTDOWN);
    }

    @Test
    void withoutPartitionAwarenessThereIsOnlyLost() {
        AgentScript agent = ready();
        FrameworkInfo old = AgentScript.AWARE.toBuilder().clearCapabilities().build();
        agent.run(old, command("t1").toBuilder().addAllResources(reserved()).build());
        assertThat(agent.lastStatus().getState()).isEqualTo(TaskState.TASK_LOST);
        assertThat(agent.lastStatus().getReason()).isEqualTo(Reason.REASON_RESOURCES_UNKNOWN);
    }

    private static List<Resource> reserved() {
        return List.of(Resource.newBuilder()
                .setName("cpus")
                .setType(io.paddock.proto.v1.Value.Type.SCALAR)
                .setScalar(io.paddock.proto.v1.Value.Scalar.newBuilder().setValue(1))
                .addReservations(Resource.ReservationInfo.newBuilder()
                        .setType(Resource.ReservationInfo.Type.DYNAMIC)
                        .setRole("a"))
                .build());
    }

    @Test
    void anIdThatIsNoPathSegmentIsRefused() {
        AgentScript agent = ready();
        for (String id : List.of("../etc", "a/b", "", "..")) {
            TaskInfo task = command("x").toBuilder()
                    .setTaskId(TaskID.newBuilder().setValue(id))
                    .build();
            agent.run(task);
            assertThat(agent.lastStatus().getState()).isEqualTo(TaskState.TASK_ERROR);
        }
        assertThat(agent.did(AgentEffect.LaunchExecutor.class)).isFalse();
    }

    @Test
    void anExecutorThatEndedIsNotStartedAgainForATaskTheMasterSentToTheRunningOne() {
        AgentScript agent = AgentScript.ready().running(AgentScript.custom("t1", "e"));
        ToAgent.Builder second = ToAgent.newBuilder()
                .setRunTasks(RunTasks.newBuilder()
                        .setFramework(AgentScript.AWARE)
                        .addTasks(AgentScript.custom("t2", "e"))
                        .setExecutorRunning(true));
        agent.terminated("e", Termination.lost("gone"));
        agent.acknowledge("t1", agent.sentUpdates().get(0).getStatus().getUuid());
        agent.effects.clear();
        agent.master(second);
        assertThat(agent.did(AgentEffect.LaunchExecutor.class)).isFalse();
        assertThat(agent.sentUpdates()).singleElement().satisfies(update -> {
            assertThat(update.getStatus().getTaskId().getValue()).isEqualTo("t2");
            assertThat(update.getStatus().getState()).isEqualTo(TaskState.TASK_DROPPED);
            assertThat(update.getStatus().getReason()).isEqualTo(TaskStatus.Reason.REASON_EXECUTOR_TERMINATED);
            assertThat(update.getStatus().hasUuid()).isFalse();
        });
        agent.run(AgentScript.custom("t3", "e"));
        assertThat(agent.did(AgentEffect.LaunchExecutor.class)).isTrue();
    }
}
