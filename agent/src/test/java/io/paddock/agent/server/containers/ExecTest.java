package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.agent.server.containers.tools.Processes;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.TTYInfo;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Further processes inside running containers. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ExecTest {
    @RegisterExtension
    final RunningContainers running = RunningContainers.isolatedForEachTest();

    private ContainerSpec container;

    @BeforeEach
    void open() throws Exception {
        container = running.shell("echo ready; exec sleep 1000", Limits.requested(0.1, 64));
        running.launch(container);
        RunningContainers.awaitOutput(container, "ready");
    }

    private ExecSession exec(ExecSpec spec) throws Exception {
        return RunningContainers.get(running.containers().exec(container.id(), spec));
    }

    private static String text(java.io.InputStream stream) throws IOException {
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void sharesTheContainersWorldAndKeepsItsStreamsApart() throws Exception {
        CommandInfo command = RunningContainers.sh("cat; echo $GREETING $EXTRA; pwd; ps ax | grep -c 'sleep [1]000';"
                + " grep :memory: /proc/self/cgroup; echo err >&2; exit 4");
        ExecSession session = exec(new ExecSpec(command, Map.of("EXTRA", "more"), Optional.empty(), false));
        try (OutputStream stdin = session.stdin()) {
            stdin.write("typed\n".getBytes(StandardCharsets.UTF_8));
        }
        String stdout = text(session.stdout());
        assertThat(stdout).startsWith("typed\nhello more\n" + container.sandbox() + "\n");
        assertThat(stdout)
                .contains("/paddock/" + running.tag() + "/" + container.id().getValue());
        assertThat(text(session.stderr())).isEqualTo("err\n");
        assertThat(RunningContainers.get(session.exited()).exitCode()).isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource({"no-such-program,127", "/no/such/program,127", "/etc/passwd,126"})
    void aCommandThatCannotBeRunEndsAsInAShell(String program, int code) throws Exception {
        ExecSession session = exec(ExecSpec.of(CommandInfo.newBuilder()
                .setShell(false)
                .setValue(program)
                .addArguments(program)
                .build()));
        assertThat(text(session.stderr())).isNotBlank();
        assertThat(RunningContainers.get(session.exited()).exitCode()).isEqualTo(code);
    }

    @Test
    void whatACommandItselfSaysOfItsEndIsKept() throws Exception {
        ExecSession session = exec(ExecSpec.of(RunningContainers.sh("exit 255")));
        assertThat(RunningContainers.get(session.exited()).exitCode()).isEqualTo(255);
    }

    @Test
    void offersATerminalOfTheSizeAskedFor() throws Exception {
        TTYInfo terminal = TTYInfo.newBuilder()
                .setWindowSize(TTYInfo.WindowSize.newBuilder().setRows(33).setColumns(111))
                .build();
        ExecSession session =
                exec(ExecSpec.of(RunningContainers.sh("tty; stty size; read line; echo got $line; stty size; exit 6"))
                        .withTerminal(terminal));
        BufferedReader lines = new BufferedReader(new InputStreamReader(session.stdout(), StandardCharsets.UTF_8));
        assertThat(lines.readLine()).isEqualTo("/dev/pts/0");
        assertThat(lines.readLine()).isEqualTo("33 111");
        session.resize(44, 99);
        Awaitility.await().until(() -> sizeInside().contains("44 99"));
        session.stdin().write("word\n".getBytes(StandardCharsets.UTF_8));
        session.stdin().flush();
        assertThat(lines.readLine()).isEqualTo("word");
        assertThat(lines.readLine()).isEqualTo("got word");
        assertThat(lines.readLine()).isEqualTo("44 99");
        assertThat(RunningContainers.get(session.exited()).exitCode()).isEqualTo(6);
    }

    private String sizeInside() throws Exception {
        ExecSession session = exec(ExecSpec.of(RunningContainers.sh("stty -F /dev/pts/0 size")));
        return text(session.stdout());
    }

    @Test
    void isKilledWithAllItsChildren() throws Exception {
        ExecSession session = exec(ExecSpec.of(RunningContainers.sh("sleep 777 & echo started; wait")));
        BufferedReader lines = new BufferedReader(new InputStreamReader(session.stdout(), StandardCharsets.UTF_8));
        assertThat(lines.readLine()).isEqualTo("started");
        session.kill();
        assertThat(RunningContainers.get(session.exited()).succeeded()).isFalse();
        Awaitility.await()
                .until(() -> text(exec(ExecSpec.of(RunningContainers.sh("ps ax | grep -c '[s]leep 777'")))
                                .stdout())
                        .equals("0\n"));
        assertThat(RunningContainers.get(running.containers().statistics(container.id()))
                        .getProcesses())
                .isEqualTo(2);
    }

    @Test
    void needsARunningContainer() throws Exception {
        running.destroy(container);
        assertThatThrownBy(() -> exec(ExecSpec.of(RunningContainers.sh("true"))))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(NoSuchContainer.class);
    }

    /** Nobody reads what they say any more, and a check begins anew. */
    @Test
    void nothingOfItOutlivesItsAgent() throws Exception {
        exec(ExecSpec.of(RunningContainers.sh("sleep 4711 & wait")));
        exec(ExecSpec.silent(CommandInfo.newBuilder()
                .setShell(false)
                .setValue("sleep")
                .addArguments("sleep")
                .addArguments("4712")
                .build()));
        TTYInfo terminal = TTYInfo.newBuilder()
                .setWindowSize(TTYInfo.WindowSize.newBuilder().setRows(24).setColumns(80))
                .build();
        exec(ExecSpec.of(RunningContainers.sh("exec sleep 4713")).withTerminal(terminal));
        Awaitility.await().until(() -> sleeping().size() == 3);
        running.restart();
        Awaitility.await().until(() -> sleeping().isEmpty());
        assertThat(running.workDir.resolve("sessions")).doesNotExist();
        assertThat(running.containers().exited(container.id()).toCompletableFuture())
                .isNotDone();
    }

    private static List<ProcessHandle> sleeping() throws IOException {
        return Processes.withArguments(arguments -> arguments.size() > 1
                && arguments.get(0).equals("sleep")
                && List.of("4711", "4712", "4713").contains(arguments.get(1)));
    }
}
