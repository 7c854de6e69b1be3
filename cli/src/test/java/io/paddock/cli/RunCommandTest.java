package io.paddock.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.client.testkit.InMemoryMaster;
import io.paddock.client.testkit.TaskScript;
import io.paddock.common.Rejection;
import io.paddock.platform.flags.Flags;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Event;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

class RunCommandTest {
    private final InMemoryMaster master = InMemoryMaster.start();
    private final CannedServer agent = new CannedServer();

    @AfterEach
    void close() {
        master.close();
        agent.close();
    }

    private Invocation run(String... words) {
        String[] all = new String[words.length + 1];
        all[0] = "run";
        System.arraycopy(words, 0, all, 1, words.length);
        return Invocation.of(Map.of("PADDOCK_MASTER", master.address()), all);
    }

    /** Tasks write this and end with that. */
    private void tasksDo(TaskState end, String message) {
        master.addAgent("127.0.0.1", agent.port(), "cpus:1;mem:512", Map.of());
        master.script(task -> {
            String framework = master.frameworks().get(0).getId().getValue();
            String directory = "/frameworks/" + framework + "/executors/"
                    + task.getTaskId().getValue() + "/runs/latest/";
            agent.file(directory + "stdout", "to the terminal\n");
            agent.file(directory + "stderr", "complaint\n");
            return TaskScript.runs().then(Duration.ofMillis(50), end, message);
        });
    }

    @Test
    void itsOutputIsOursAndItsExitCodeToo() {
        tasksDo(TaskState.TASK_FAILED, "Command exited with status 7");
        Invocation run = run("echo to the terminal; exit 7");
        assertThat(run).isEqualTo(new Invocation(7, "to the terminal\n", "complaint\n"));
        assertThat(master.frameworks()).isEmpty();
        assertThat(master.unacknowledged()).isZero();
    }

    @Test
    void anAgentThatIsAwayForAWhileIsWaitedFor() {
        CompletableFuture<TaskState> end = new CompletableFuture<>();
        master.addAgent("127.0.0.1", agent.port(), "cpus:1;mem:512", Map.of());
        agent.away(true);
        CompletableFuture<Invocation> run = CompletableFuture.supplyAsync(() -> run("job"));
        Awaitility.await().until(() -> agent.missed() > 2);
        String task = master.tasks().keySet().iterator().next();
        agent.file(
                "/frameworks/" + master.frameworks().get(0).getId().getValue() + "/executors/" + task
                        + "/runs/latest/stdout",
                "to the terminal\n");
        agent.file(
                "/frameworks/" + master.frameworks().get(0).getId().getValue() + "/executors/" + task
                        + "/runs/latest/stderr",
                "");
        agent.away(false);
        master.report(task, TaskState.TASK_FINISHED, "");
        assertThat(run.join().status()).isZero();
        assertThat(run.join().out()).isEqualTo("to the terminal\n");
        assertThat(run.join().err())
                .containsOnlyOnce("cannot reach the agent at http://" + agent.address())
                .contains("Waiting for it.");
    }

    /** As an agent does while it ends and until it has recovered. */
    @Test
    void anAgentThatDoesNotServeYetIsWaitedFor() {
        tasksDo(TaskState.TASK_RUNNING, "");
        agent.refuseFiles(503, "The agent has not finished recovery");
        CompletableFuture<Invocation> run = CompletableFuture.supplyAsync(() -> run("job"));
        Awaitility.await().until(() -> agent.missed() > 2);
        assertThat(run).isNotDone();
        agent.refuseFiles(0, "");
        master.report(master.tasks().keySet().iterator().next(), TaskState.TASK_FINISHED, "");
        assertThat(run.orTimeout(60, TimeUnit.SECONDS).join().status()).isZero();
        assertThat(run.join().out()).isEqualTo("to the terminal\n");
        assertThat(run.join().err())
                .containsOnlyOnce("The agent has not finished recovery. Waiting for it.\n")
                .contains("complaint\n");
    }

    @Test
    void oneMasterOfSeveralIsEnough() {
        tasksDo(TaskState.TASK_FINISHED, "");
        InMemoryMaster gone = InMemoryMaster.start();
        gone.close();
        String masters = gone.address() + "," + master.address();
        Invocation run = Invocation.of(Map.of("PADDOCK_MASTER", masters), "run", "true");
        assertThat(run.err()).isEqualTo("complaint\n");
        assertThat(run.status()).isZero();
    }

    @Test
    void whenNoneOfSeveralMastersIsThereThatIsSaid() {
        master.close();
        String masters = master.address() + "," + master.address();
        Invocation run = Invocation.of(Map.of("PADDOCK_MASTER", masters), "run", "true");
        assertThat(run.status()).isEqualTo(125);
        assertThat(run.err()).contains("cannot reach http://" + master.address());
    }

    @Test
    void anErrorOfOursTakesTheTaskWithIt() {
        tasksDo(TaskState.TASK_RUNNING, "");
        CommandLine line = Flags.commandLine(new RunCommand(), Map.of("PADDOCK_MASTER", master.address()));
        line.setOut(new PrintWriter(new StringWriter() {
            @Override
            public void write(String text, int from, int length) {
                throw new OutOfMemoryError("as an example");
            }
        }));
        assertThatThrownBy(() -> line.execute("job")).hasMessage("as an example");
        assertThat(master.tasks()).hasSize(1).containsValue(TaskState.TASK_KILLED);
        assertThat(master.frameworks()).isEmpty();
    }

    /** The offer was taken back before it was used. */
    @Test
    void theOutputIsThatOfTheAgentWhichHasTheTaskInTheEnd() {
        try (CannedServer first = new CannedServer()) {
            first.away(true);
            AgentID lost = master.addAgent("127.0.0.1", first.port(), "cpus:1;mem:512", Map.of());
            master.script(task -> TaskScript.silent());
            CompletableFuture<Invocation> run = CompletableFuture.supplyAsync(() -> run("job"));
            Awaitility.await().until(() -> first.missed() > 2);
            master.removeAgent(lost);
            tasksDo(TaskState.TASK_FINISHED, "");
            String task = master.tasks().keySet().iterator().next();
            master.report(task, TaskState.TASK_DROPPED, ""); // its agent is gone: we do not hear this
            Event.Builder dropped = Event.newBuilder().setType(Event.Type.UPDATE);
            dropped.getUpdateBuilder()
                    .getStatusBuilder()
                    .setTaskId(TaskID.newBuilder().setValue(task))
                    .setState(TaskState.TASK_DROPPED)
                    .setReason(TaskStatus.Reason.REASON_INVALID_OFFERS);
            master.emit(dropped.build());
            assertThat(run.orTimeout(60, TimeUnit.SECONDS).join().out()).isEqualTo("to the terminal\n");
            assertThat(run.join().status()).isZero();
        }
    }

    @Test
    void aTaskWhoseOutputIsRefusedIsKilled() {
        master.addAgent("127.0.0.1", agent.port(), "cpus:1;mem:512", Map.of());
        agent.refuseFiles(403, "not for you");
        Invocation run = run("job");
        assertThat(run.status()).isEqualTo(125);
        assertThat(run.err()).contains("403", "not for you");
        assertThat(master.tasks()).hasSize(1).containsValue(TaskState.TASK_KILLED);
        assertThat(master.frameworks()).isEmpty();
    }

    /** As when none leads. */
    @Test
    void aTaskThatNoMasterCouldBeToldToEndIsNamed() {
        tasksDo(TaskState.TASK_RUNNING, "");
        CompletableFuture<Invocation> run = CompletableFuture.supplyAsync(() -> run("job"));
        Awaitility.await().until(() -> agent.reads() > 2);
        master.refuse(Rejection.unavailable("no leader"));
        agent.refuseFiles(403, "not for you");
        String task = master.tasks().keySet().iterator().next();
        assertThat(run.orTimeout(60, TimeUnit.SECONDS).join().err())
                .contains("task " + task + " is to end, so it may go on; 'paddock rm -f " + task + "' ends it");
        assertThat(run.join().status()).isEqualTo(125);
    }

    @ParameterizedTest
    @EnumSource(
            value = TaskState.class,
            names = {"TASK_GONE_BY_OPERATOR", "TASK_LOST", "TASK_DROPPED", "TASK_FAILED"})
    void howATaskEndedIsSaidAlsoWhenItsAgentIsGone(TaskState end) {
        master.addAgent("127.0.0.1", agent.port(), "cpus:1;mem:512", Map.of());
        agent.away(true);
        CompletableFuture<Invocation> run = CompletableFuture.supplyAsync(() -> run("job"));
        Awaitility.await().until(() -> agent.missed() > 2);
        master.report(master.tasks().keySet().iterator().next(), end, "the machine burnt down");
        assertThat(run.orTimeout(60, TimeUnit.SECONDS).join().status()).isEqualTo(125);
        assertThat(run.join().err())
                .contains(
                        "the last of its output could not be fetched: cannot reach the agent at http://"
                                + agent.address(),
                        "the task ended as " + end + ": the machine burnt down");
        assertThat(master.frameworks()).isEmpty();
    }

    @Test
    void aLaunchThatAGatewayAnsweredIsAskedAboutAgain() {
        CompletableFuture<Invocation> run = CompletableFuture.supplyAsync(() -> run("job"));
        Awaitility.await().until(() -> !master.frameworks().isEmpty());
        master.refuse(Rejection.unavailable("no leader"));
        tasksDo(TaskState.TASK_FINISHED, "");
        Awaitility.await().during(Duration.ofSeconds(1)).until(() -> !run.isDone());
        master.refuse(null);
        assertThat(run.orTimeout(60, TimeUnit.SECONDS).join().err())
                .contains("TASK_")
                .doesNotContain("ACCEPT");
    }

    @Test
    void whatEndedItIsSaidWhenItDidNotEndByItself() {
        tasksDo(TaskState.TASK_FAILED, "Memory limit exceeded; Command terminated with signal Killed");
        Invocation run = run("eat");
        assertThat(run.status()).isEqualTo(137);
        assertThat(run.err()).contains("TASK_FAILED", "Memory limit exceeded");
    }

    @Test
    void detachedItGoesOnWithoutUs() {
        master.addAgent("127.0.0.1", agent.port(), "cpus:1;mem:512", Map.of());
        Invocation run = run("--detach", "--name", "server", "sleep 1000");
        assertThat(run.status()).isZero();
        String id = run.out().strip();
        assertThat(id).startsWith("server-");
        assertThat(master.tasks()).containsEntry(id, TaskState.TASK_RUNNING);
        assertThat(master.frameworks())
                .singleElement()
                .satisfies(framework -> assertThat(framework.getLabels().getLabelsList())
                        .extracting(label -> label.getKey() + "=" + label.getValue())
                        .containsExactly("paddock/ends-with-its-tasks=true"));
    }

    /** Its id is what there is to see of it; that it ran may have been told in one breath with its end. */
    @Test
    void detachedItIsToldAlsoWhenItIsOverAtOnce() {
        master.addAgent("127.0.0.1", agent.port(), "cpus:1;mem:512", Map.of());
        master.script(task ->
                TaskScript.silent().then(Duration.ZERO, TaskState.TASK_FINISHED, "Command exited with status 0"));
        Invocation run = run("--detach", "--name", "quick", "true");
        assertThat(run.out()).startsWith("quick-");
        assertThat(run.status()).isZero();
        assertThat(master.frameworks()).isEmpty();
    }

    @Test
    void detachedItIsAFailureWhenItHasNotBegun() {
        master.addAgent("127.0.0.1", agent.port(), "cpus:1;mem:512", Map.of());
        master.script(task -> TaskScript.failsToStart("no such image"));
        Invocation run = run("--detach", "true");
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("TASK_FAILED: no such image");
        assertThat(run.status()).isEqualTo(125);
    }

    @Test
    void waitingIsExplained() {
        master.addAgent("small", agent.port(), "cpus:0.5;mem:64", Map.of());
        CompletableFuture<Invocation> run = CompletableFuture.supplyAsync(() -> run("--cpus", "2", "true"));
        Awaitility.await().until(() -> !master.frameworks().isEmpty());
        Awaitility.await()
                .during(Duration.ofSeconds(4))
                .atMost(Duration.ofSeconds(8))
                .until(() -> !run.isDone());
        tasksDo(TaskState.TASK_FINISHED, "");
        master.addAgent("127.0.0.1", agent.port(), "cpus:4;mem:512", Map.of());
        assertThat(run.join().status()).isZero();
        assertThat(run.join().err()).contains("waiting for an offer", "small has too little: cpus: 2 needed, 0.5 left");
    }

    @Test
    void aMasterThatDoesNotLeadYetIsWaitedFor() {
        tasksDo(TaskState.TASK_FINISHED, "");
        master.refuse(Rejection.unavailable("No leader elected"));
        CompletableFuture<Invocation> run = CompletableFuture.supplyAsync(() -> run("true"));
        Awaitility.await()
                .during(Duration.ofSeconds(4))
                .atMost(Duration.ofSeconds(8))
                .until(() -> !run.isDone());
        master.refuse(null);
        assertThat(run.join().status()).isZero();
        assertThat(run.join().err()).contains("No leader elected");
    }

    @Test
    void aMasterThatIsNotThereIsSaidToBe() {
        String address = master.address();
        master.close();
        Invocation run = Invocation.of(Map.of("PADDOCK_MASTER", address), "run", "true");
        assertThat(run.status()).isEqualTo(125);
        assertThat(run.err()).contains("cannot reach http://" + address);
    }
}
