package io.paddock.agent.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.paddock.proto.link.RunTasks;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.CheckInfo;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.HealthCheck;
import io.paddock.proto.v1.LinuxInfo;
import io.paddock.proto.v1.NetworkInfo;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.Volume;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Groups of tasks in real containers: what they share, what ends them, and checks inside of their network. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class GroupsTest {
    private static final FrameworkInfo FRAMEWORK = FrameworkInfo.newBuilder()
            .setId(FrameworkID.newBuilder().setValue("fw"))
            .setUser("root")
            .setName("test")
            .addCapabilities(
                    FrameworkInfo.Capability.newBuilder().setType(FrameworkInfo.Capability.Type.PARTITION_AWARE))
            .build();
    private static final Duration WAIT = Duration.ofSeconds(60);

    @TempDir
    Path workDir;

    private ActorSystem<Void> system;
    private ScriptedMaster master;
    private AgentServer agent;

    @BeforeEach
    void start() {
        assumeTrue(System.getProperty("user.name").equals("root"), "containers need root");
        assumeTrue(Files.isExecutable(Path.of("/bin/busybox")), "busybox is not installed");
        system = ActorSystem.create(Behaviors.empty(), "groups-test");
        master = new ScriptedMaster(system);
        agent = startAgent();
        await().atMost(WAIT).until(master::registered);
    }

    private AgentServer startAgent() {
        AgentOptions options = new AgentOptions();
        options.listen.port = 0;
        options.master = master.address();
        options.workDir = workDir;
        options.resources = "cpus:4;mem:1024;disk:1000";
        options.executorShutdownGrace = Duration.ofSeconds(2);
        return AgentServer.start(system, options).toCompletableFuture().join();
    }

    @AfterEach
    void stop() {
        if (agent != null) {
            agent.closeAndStopTasks();
        }
        if (system != null) {
            master.close();
            system.terminate();
            system.getWhenTerminated().toCompletableFuture().join();
        }
    }

    private void runGroup(boolean ownNetwork, TaskInfo.Builder... tasks) {
        ExecutorInfo.Builder executor = ExecutorInfo.newBuilder()
                .setType(ExecutorInfo.Type.DEFAULT)
                .setExecutorId(ExecutorID.newBuilder().setValue("group"))
                .setFrameworkId(FRAMEWORK.getId())
                .addAllResources(AgentUnderTest.task("e", "").getResourcesList());
        if (ownNetwork) {
            executor.getContainerBuilder()
                    .setType(ContainerInfo.Type.MESOS)
                    .addNetworkInfos(NetworkInfo.newBuilder().setName("mesos-bridge"));
        }
        RunTasks.Builder run = RunTasks.newBuilder().setFramework(FRAMEWORK).setGroupExecutor(executor);
        for (TaskInfo.Builder task : tasks) {
            run.addTasks(task);
        }
        master.send(ToAgent.newBuilder().setRunTasks(run));
    }

    private static TaskInfo.Builder task(String id, String shell) {
        return AgentUnderTest.task(id, shell).toBuilder();
    }

    private TaskStatus status(String task) {
        return master.last(task).getStatus();
    }

    @Test
    void checksReachIntoTheSharedNetworkAlsoAfterARestart() throws Exception {
        TaskInfo.Builder server = task("server", "echo page > index.html; exec busybox httpd -f -p 127.0.0.1:8080");
        HealthCheck.Builder http = server.getHealthCheckBuilder()
                .setType(HealthCheck.Type.HTTP)
                .setDelaySeconds(0)
                .setIntervalSeconds(0.2)
                .setGracePeriodSeconds(30);
        http.getHttpBuilder().setPort(8080).setPath("/index.html");
        CheckInfo.Builder tcp = server.getCheckBuilder()
                .setType(CheckInfo.Type.TCP)
                .setDelaySeconds(0)
                .setIntervalSeconds(0.2);
        tcp.getTcpBuilder().setPort(8080);
        TaskInfo.Builder client = task("client", "echo $MESOS_CONTAINER_IP > address; sleep 1000");
        client.getHealthCheckBuilder()
                .setType(HealthCheck.Type.COMMAND)
                .setDelaySeconds(0)
                .setIntervalSeconds(0.2)
                .setGracePeriodSeconds(30)
                .setCommand(CommandInfo.newBuilder()
                        .setValue("test -s address && busybox wget -q -O /dev/null http://127.0.0.1:8080/index.html"));
        runGroup(true, server, client);
        await().atMost(WAIT)
                .until(() -> !master.updates("server").isEmpty()
                        && !master.updates("client").isEmpty()
                        && status("server").getHealthy()
                        && status("client").getHealthy()
                        && status("server").getCheckStatus().getTcp().getSucceeded());
        String address = address("server");
        assertThat(address).startsWith("10.").isEqualTo(address("client"));

        agent.close();
        master.heard.clear();
        agent = startAgent();
        await().atMost(WAIT).until(master::registered);
        runs("server");
        Files.delete(workDir.resolve("slaves/m-S0/frameworks/fw/executors/group/runs/latest/tasks/server/index.html"));
        await().atMost(WAIT).until(() -> master.states("server").contains(TaskState.TASK_KILLED));
        assertThat(status("server").getMessage())
                .contains("health check failed 3 times in a row, last: HTTP status 404");
        // the other one ends with it
        await().atMost(WAIT).until(() -> master.states("client").contains(TaskState.TASK_KILLED));
    }

    @Test
    void aPathThatIsNoneEndsItsTaskAndNothingElse() {
        TaskInfo.Builder wrong = task("wrong", "true");
        wrong.getContainerBuilder()
                .setType(ContainerInfo.Type.MESOS)
                .addVolumesBuilder()
                .setMode(Volume.Mode.RW)
                .setContainerPath("/part")
                .getSourceBuilder()
                .setType(Volume.Source.Type.SANDBOX_PATH)
                .getSandboxPathBuilder()
                .setType(Volume.Source.SandboxPath.Type.PARENT)
                .setPath("a\0b");
        runGroup(false, wrong);
        await().atMost(WAIT).until(() -> master.states("wrong").contains(TaskState.TASK_FAILED));
        assertThat(status("wrong").getMessage())
                .contains("container.volumes[0].source.sandbox_path.path: has a character 0");
    }

    @Test
    void anHttpsCheckReachesIntoTheSharedNetwork() {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/openssl")), "openssl is not installed");
        TaskInfo.Builder server = task(
                "server",
                "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=nobody -keyout key.pem -out cert.pem"
                        + " && exec openssl s_server -www -accept 8443 -key key.pem -cert cert.pem");
        HealthCheck.Builder https = server.getHealthCheckBuilder()
                .setType(HealthCheck.Type.HTTP)
                .setDelaySeconds(0)
                .setIntervalSeconds(0.2)
                .setGracePeriodSeconds(60);
        https.getHttpBuilder().setScheme("https").setPort(8443).setPath("/");
        runGroup(true, server);
        await().atMost(WAIT)
                .until(() ->
                        !master.updates("server").isEmpty() && status("server").getHealthy());
        assertThat(address("server")).startsWith("10.");
    }

    /** Taken up again, as the agent tells the master. */
    private void runs(String task) {
        assertThat(master.heard)
                .anySatisfy(m -> assertThat(m.getReregister().getTasksList())
                        .anyMatch(each ->
                                each.getTaskId().getValue().equals(task) && each.getState() == TaskState.TASK_RUNNING));
    }

    private String address(String task) {
        return status(task)
                .getContainerStatus()
                .getNetworkInfos(0)
                .getIpAddresses(0)
                .getIpAddress();
    }

    @Test
    void aTaskBeyondItsOwnMemoryEndsItsGroup() {
        TaskInfo.Builder greedy = task("greedy", "head -c 200m /dev/zero | tail -n 1");
        greedy.getContainerBuilder()
                .setType(ContainerInfo.Type.MESOS)
                .setLinuxInfo(LinuxInfo.newBuilder().setShareCgroups(false));
        greedy.getResourcesBuilder(1).getScalarBuilder().setValue(40);
        runGroup(false, greedy, task("other", "sleep 1000"));
        await().atMost(WAIT)
                .until(() -> master.states("greedy").contains(TaskState.TASK_FAILED)
                        && master.states("other").contains(TaskState.TASK_KILLED));
        assertThat(status("greedy").getReason()).isEqualTo(TaskStatus.Reason.REASON_CONTAINER_LIMITATION_MEMORY);
        assertThat(status("greedy").getMessage()).contains("limit 40.0 MB");
        assertThat(status("greedy").getLimitation().getResourcesList()).isNotEmpty();
    }

    private static Volume ofParent(String containerPath, String path) {
        return Volume.newBuilder()
                .setMode(Volume.Mode.RW)
                .setContainerPath(containerPath)
                .setSource(Volume.Source.newBuilder()
                        .setType(Volume.Source.Type.SANDBOX_PATH)
                        .setSandboxPath(Volume.Source.SandboxPath.newBuilder()
                                .setType(Volume.Source.SandboxPath.Type.PARENT)
                                .setPath(path)))
                .build();
    }

    @Test
    void tasksShareAVolumeOfTheirGroup() {
        Volume volume = ofParent("shared", "common");
        TaskInfo.Builder writer = task("writer", "echo said > shared/word");
        TaskInfo.Builder reader =
                task("reader", "until [ -s shared/word ]; do sleep 0.05; done; grep -q said shared/word");
        for (TaskInfo.Builder each : List.of(writer, reader)) {
            each.getContainerBuilder().setType(ContainerInfo.Type.MESOS).addVolumes(volume);
        }
        runGroup(false, writer, reader);
        for (String each : List.of("writer", "reader")) {
            await().atMost(WAIT).until(() -> master.states(each).contains(TaskState.TASK_FINISHED));
        }
    }
}
