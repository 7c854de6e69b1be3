package io.paddock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.client.testkit.InMemoryMaster;
import io.paddock.client.testkit.TaskScript;
import io.paddock.proto.v1.TaskState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code run} whose own streams fail it. */
class RunStreamsTest {
    private final InMemoryMaster master = InMemoryMaster.start();
    private final CannedServer agent = new CannedServer();
    private volatile String directory = "";

    @AfterEach
    void close() {
        master.close();
        agent.close();
    }

    /** A task that writes a line and goes on, or ends at once. */
    private void tasksWriteALine(boolean end) {
        master.addAgent("127.0.0.1", agent.port(), "cpus:1;mem:512", Map.of());
        master.script(task -> {
            directory = "/frameworks/" + master.frameworks().get(0).getId().getValue() + "/executors/"
                    + task.getTaskId().getValue() + "/runs/latest/";
            agent.file(directory + "stdout", "a line\n");
            agent.file(directory + "stderr", "");
            TaskScript runs = TaskScript.runs();
            return end ? runs.then(Duration.ofMillis(50), TaskState.TASK_FAILED, "Container gone") : runs;
        });
    }

    private static String rest(Process process) throws IOException {
        return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** As an archive that goes to a file. */
    @Test
    void outputNeedNotBeText() throws Exception {
        byte[] bytes = new byte[200_000];
        new Random(1).nextBytes(bytes);
        master.addAgent("127.0.0.1", agent.port(), "cpus:1;mem:512", Map.of());
        master.script(task -> {
            directory = "/frameworks/" + master.frameworks().get(0).getId().getValue() + "/executors/"
                    + task.getTaskId().getValue() + "/runs/latest/";
            agent.file(directory + "stdout", bytes);
            agent.file(directory + "stderr", Arrays.copyOf(bytes, 1000));
            return TaskScript.finishesAfter(Duration.ofMillis(50));
        });
        Process run = ClientProcess.builder(master.address(), "", "run", "job").start();
        assertThat(run.getInputStream().readAllBytes()).isEqualTo(bytes);
        assertThat(run.getErrorStream().readAllBytes()).isEqualTo(Arrays.copyOf(bytes, 1000));
        assertThat(run.waitFor()).isZero();
    }

    @Test
    void aFullDiskIsSaidAndEndsTheTask() throws Exception {
        tasksWriteALine(false);
        Process run = ClientProcess.builder(master.address(), ">/dev/full", "run", "job")
                .start();
        assertThat(rest(run)).contains("run: standard output cannot be written: No space left on device");
        assertThat(run.waitFor()).isEqualTo(125);
        assertThat(master.frameworks()).isEmpty();
    }

    @Test
    void aRemarkThatNobodyCanReadEndsNothing() throws Exception {
        tasksWriteALine(true);
        Process run =
                ClientProcess.builder(master.address(), "2>&-", "run", "job").start();
        assertThat(new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("a line\n");
        assertThat(run.waitFor()).as("as it is with a standard error").isEqualTo(125);
        run = ClientProcess.builder(master.address(), "2>/dev/full", "run", "job")
                .start();
        assertThat(new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("a line\n");
        assertThat(run.waitFor()).isEqualTo(125);
    }

    /** As Ctrl-C does to {@code paddock run job | tee log}, whose tee it ends, too. */
    @Test
    void anInterruptThatFindsItsReaderGoneStillTakesTheFrameworkWithIt() throws Exception {
        tasksWriteALine(false);
        Process run = ClientProcess.builder(master.address(), "", "run", "job").start();
        assertThat(run.inputReader().readLine()).isEqualTo("a line");
        run.getInputStream().close();
        long interrupted = System.nanoTime();
        agent.file(directory + "stdout", "a line\n" + "more\n".repeat(100));
        run.toHandle().destroy();
        assertThat(run.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(rest(run)).doesNotContain("Exception");
        assertThat(Duration.ofNanos(System.nanoTime() - interrupted)).isLessThan(Duration.ofSeconds(5));
        assertThat(master.frameworks()).isEmpty();
    }

    @Test
    void anInterruptedRunEndsQuietly() throws Exception {
        tasksWriteALine(false);
        Process run = ClientProcess.builder(master.address(), "", "run", "job").start();
        assertThat(run.inputReader().readLine()).isEqualTo("a line");
        run.toHandle().destroy();
        assertThat(run.waitFor()).isEqualTo(143);
        assertThat(rest(run)).isEmpty();
        assertThat(master.tasks()).containsValue(TaskState.TASK_KILLED);
        assertThat(master.frameworks()).isEmpty();
    }

    @Test
    void aRunThatIsInterruptedBeforeItHasBegunEndsQuietly() throws Exception {
        tasksWriteALine(false);
        long started = System.nanoTime();
        Process run = ClientProcess.builder(ClientProcess.Ending.class, master.address(), "", "run", "job")
                .start();
        assertThat(rest(run)).isEmpty();
        assertThat(run.waitFor()).isZero();
        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(9));
    }

    /** Its user knows of none: as while an image is pulled. */
    @Test
    void aDetachedTaskThatDoesNotRunYetIsKilledByAnInterrupt() throws Exception {
        master.addAgent("127.0.0.1", agent.port(), "cpus:1;mem:512", Map.of());
        master.script(task -> TaskScript.silent());
        Process run = ClientProcess.builder(master.address(), "", "run", "--detach", "job")
                .start();
        Awaitility.await().until(() -> master.tasks().size() == 1);
        run.toHandle().destroy();
        assertThat(run.waitFor()).isEqualTo(143);
        assertThat(run.getInputStream().readAllBytes()).isEmpty();
        assertThat(master.tasks()).containsValue(TaskState.TASK_KILLED);
        assertThat(master.frameworks()).isEmpty();
    }

    @Test
    void aDetachedTaskWhoseIdNobodyReadsIsLeftAlone() throws Exception {
        tasksWriteALine(false);
        Process run = ClientProcess.builder(master.address(), ">/dev/full", "run", "--detach", "job")
                .start();
        assertThat(run.waitFor()).isEqualTo(125);
        assertThat(master.tasks()).hasSize(1).containsValue(TaskState.TASK_RUNNING);
        Awaitility.await()
                .untilAsserted(() -> assertThat(master.frameworks())
                        .singleElement()
                        .satisfies(framework -> assertThat(framework.getLabels().getLabelsList())
                                .extracting(label -> label.getKey() + "=" + label.getValue())
                                .containsExactly("paddock/ends-with-its-tasks=true")));
    }
}
