package io.paddock.agent.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.paddock.common.resources.Resources;
import io.paddock.platform.json.Json;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.RunTasks;
import io.paddock.proto.link.SchedulerMessage;
import io.paddock.proto.link.ShutdownExecutor;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.agent.Call;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What becomes of tasks when they, the agent and the master end and come back. */
class AgentServerTest extends AgentUnderTest {
    @Test
    void aCommandTaskRunsToItsEnd() throws Exception {
        run(task("t1", "echo hello; echo $MESOS_EXECUTOR_ID; exit 3"));
        awaitState("t1", TaskState.TASK_FAILED);
        assertThat(master.states("t1"))
                .containsExactly(TaskState.TASK_STARTING, TaskState.TASK_RUNNING, TaskState.TASK_FAILED);
        assertThat(master.last("t1").getStatus().getMessage()).contains("status 3");
        Path sandbox = workDir.toRealPath().resolve("slaves/m-S0/frameworks/fw/executors/t1/runs/latest");
        assertThat(Files.readString(sandbox.resolve("stdout"))).contains("hello\nt1\n");
        String path = URLEncoder.encode(sandbox + "/stdout", StandardCharsets.UTF_8);
        JsonNode read = Json.mapper().readTree(get("/files/read?offset=0&length=5&path=" + path));
        assertThat(read.path("data").textValue()).isEqualTo("hello");
        assertThat(get("/slave(1)/files/browse?jsonp=cb&path="
                        + URLEncoder.encode(sandbox.toString(), StandardCharsets.UTF_8)))
                .startsWith("cb([{")
                .contains("\"mode\":\"-rw");
    }

    @Test
    void aKilledTaskEndsAndFreesItsContainer() throws Exception {
        run(task("t1", "sleep 1000"));
        awaitState("t1", TaskState.TASK_RUNNING);
        JsonNode state = Json.mapper().readTree(get("/state"));
        assertThat(state.path("frameworks")
                        .path(0)
                        .path("executors")
                        .path(0)
                        .path("tasks")
                        .path(0)
                        .path("state")
                        .textValue())
                .isEqualTo("TASK_RUNNING");
        assertThat(state.path("resources").path("cpus").doubleValue()).isEqualTo(4);
        assertThat(get("/slave%281%29/monitor/statistics")).contains("\"executor_id\":\"t1\"");
        kill("t1");
        awaitState("t1", TaskState.TASK_KILLED);
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(get("/containers")).isEqualTo("[]"));
    }

    @Test
    void tasksOutliveTheAgentAndTheirUpdatesArrive() throws Exception {
        run(task("t1", "sleep 3; exit 7"));
        run(task("t2", "sleep 1000"));
        awaitState("t1", TaskState.TASK_RUNNING);
        awaitState("t2", TaskState.TASK_RUNNING);
        agent.close();
        int before = master.heard.size();
        // t1 ends while no agent is there
        await().pollDelay(Duration.ofSeconds(4)).until(() -> true);
        agent = startAgent();
        awaitState("t1", TaskState.TASK_FAILED);
        assertThat(master.last("t1").getStatus().getMessage()).contains("status 7");
        var reregister = master.heard.subList(before, master.heard.size()).stream()
                .filter(m -> m.hasReregister())
                .findFirst()
                .orElseThrow()
                .getReregister();
        assertThat(reregister.getTasksList())
                .extracting(t -> t.getTaskId().getValue())
                .contains("t2");
        assertThat(master.states("t2")).last().isEqualTo(TaskState.TASK_RUNNING);
        kill("t2");
        awaitState("t2", TaskState.TASK_KILLED);
    }

    @Test
    void aCustomExecutorRunsTasksAndSurvivesTheAgent() {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        ExecutorInfo executor = ExecutorInfo.newBuilder()
                .setType(ExecutorInfo.Type.CUSTOM)
                .setExecutorId(ExecutorID.newBuilder().setValue("echo"))
                .setCommand(CommandInfo.newBuilder()
                        .setShell(false)
                        .setValue(System.getProperty("java.home") + "/bin/java")
                        .addAllArguments(List.of(
                                "java",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                classPath,
                                EchoExecutor.class.getName())))
                .addAllResources(ResourceMessages.toMessages(Resources.parse("cpus:0.5;mem:256")))
                .build();
        for (String id : List.of("t1", "t2")) {
            run(task(id, "").toBuilder().clearCommand().setExecutor(executor).build());
        }
        awaitState("t1", TaskState.TASK_RUNNING);
        awaitState("t2", TaskState.TASK_RUNNING);

        int port = agent.port();
        agent.close();
        agent = startAgent(port);
        await().atMost(WAIT).untilAsserted(() -> {
            message("t1");
            assertThat(master.states("t1")).last().isEqualTo(TaskState.TASK_FINISHED);
        });
        assertThat(master.heard.stream().filter(FromAgent::hasExecutorMessage))
                .anyMatch(m -> m.getExecutorMessage().getData().toStringUtf8().equals("t1"));
        kill("t2");
        awaitState("t2", TaskState.TASK_KILLED);
        master.send(ToAgent.newBuilder()
                .setShutdownExecutor(ShutdownExecutor.newBuilder()
                        .setFrameworkId(FRAMEWORK.getId())
                        .setExecutorId(executor.getExecutorId())));
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(master.heard.stream().filter(FromAgent::hasExecutorTerminated))
                        .hasSize(1));
    }

    private void message(String text) {
        master.send(ToAgent.newBuilder()
                .setSchedulerMessage(SchedulerMessage.newBuilder()
                        .setFrameworkId(FRAMEWORK.getId())
                        .setExecutorId(ExecutorID.newBuilder().setValue("echo"))
                        .setData(ByteString.copyFromUtf8(text))));
    }

    @Test
    void aRestartedMasterIsFoundAgain() {
        run(task("t1", "sleep 1000"));
        awaitState("t1", TaskState.TASK_RUNNING);
        int port = master.port();
        master.close();
        master = new ScriptedMaster(system, port);
        await().atMost(WAIT)
                .untilAsserted(() -> assertThat(master.heard)
                        .anySatisfy(m -> assertThat(m.getReregister().getTasksList())
                                .extracting(t -> t.getTaskId().getValue())
                                .containsExactly("t1")));
        kill("t1");
        awaitState("t1", TaskState.TASK_KILLED);
    }

    /** Whom they run as when they name nobody is what was asked for whether the caller may. */
    @Test
    void whatIsNestedRunsAsTheUserOfTheOutermost() throws Exception {
        TaskInfo.Builder alone = task("alone", "sleep 1000").toBuilder();
        alone.getCommandBuilder().setUser("nobody");
        run(alone.build());
        awaitState("alone", TaskState.TASK_RUNNING);
        nobodyIsNestedIn(master.last("alone").getStatus().getContainerStatus().getContainerId());

        master.send(ToAgent.newBuilder()
                .setRunTasks(RunTasks.newBuilder()
                        .setFramework(FRAMEWORK.toBuilder().setUser("nobody"))
                        .setGroupExecutor(ExecutorInfo.newBuilder()
                                .setType(ExecutorInfo.Type.DEFAULT)
                                .setExecutorId(ExecutorID.newBuilder().setValue("pod")))
                        .addTasks(task("member", "sleep 1000"))));
        awaitState("member", TaskState.TASK_RUNNING);
        nobodyIsNestedIn(master.last("member")
                .getStatus()
                .getContainerStatus()
                .getContainerId()
                .getParent());
    }

    private void nobodyIsNestedIn(ContainerID outer) throws Exception {
        Call.Builder launch = Call.newBuilder().setType(Call.Type.LAUNCH_CONTAINER);
        launch.getLaunchContainerBuilder()
                .setContainerId(ContainerID.newBuilder().setValue("nested").setParent(outer))
                .getCommandBuilder()
                .setValue("id -un");
        post(launch.build());
        String stdout = "runs/" + outer.getValue() + "/containers/nested/stdout";
        await().atMost(WAIT).untilAsserted(() -> {
            try (Stream<Path> files = Files.find(workDir, 12, (path, is) -> path.endsWith(stdout))) {
                assertThat(files)
                        .singleElement()
                        .satisfies(file -> assertThat(file).hasContent("nobody"));
            }
        });
    }

    @Test
    void leavingForGoodLeavesNothing() {
        run(task("t1", "sleep 1000"));
        awaitState("t1", TaskState.TASK_RUNNING);
        agent.closeAndStopTasks();
        assertThat(master.states("t1")).last().isEqualTo(TaskState.TASK_KILLED);
        assertThat(master.heard).anyMatch(FromAgent::hasLeaving);
        assertThat(workDir.resolve("containers")).isEmptyDirectory();
        agent = null;
    }
}
