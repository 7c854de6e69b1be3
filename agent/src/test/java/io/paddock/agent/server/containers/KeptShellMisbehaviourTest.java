package io.paddock.agent.server.containers;

import static io.paddock.agent.server.containers.ContainersWithChecks.awaitNone;
import static io.paddock.agent.server.containers.ContainersWithChecks.shells;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs of a container that stand where its shell is, and are none. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class KeptShellMisbehaviourTest {
    private static final int RUNTIME_FAILED = 255;

    @RegisterExtension
    final RunningContainers running = RunningContainers.isolatedForEachTest();

    private final ContainersWithChecks checked = new ContainersWithChecks(running);

    /** One whose shell does this instead when it is to be kept, and ends. */
    private ContainerSpec whenKept(String script) throws Exception {
        Path shell = checked.script("odd", "[ \"$3\" = paddock-check ] && { " + script + "; exit; }");
        return checked.sleeping(shell.toString());
    }

    /** Where there is nothing like a shell that could be kept, the runtime runs the command, and its outcome counts. */
    @Test
    void withoutAShellTheOutcomeIsTheRuntimes() throws Exception {
        Path none = Files.writeString(running.workDir.resolve("none"), "");
        ContainerSpec container = checked.sleeping(none.toString());
        // Of a check nobody reads the runtime's words, which alone tell what is missing from what cannot be run.
        assertThat(checked.check(container, "true")).isEqualTo(RUNTIME_FAILED);
        Files.setPosixFilePermissions(none, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
        ContainerSpec peculiar = whenKept("echo run >>\"$PWD/starts\"; exit 2");
        for (int i = 0; i < 5; i++) {
            assertThat(checked.check(peculiar, "exit 9")).isEqualTo(9);
        }
        assertThat(peculiar.sandbox().resolve("starts")).content().hasLineCount(3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "echo r; read x; echo 256; sleep 7730",
                "echo r; read x; env printf '0\\n0\\n'; read x; echo 0; sleep 7730",
                "echo r; read x; exec tr '\\\\0' x </dev/zero",
                "echo r; read x; printf 00000000000000000000000; sleep 7730"
            })
    void whatAnswersNonsenseHasFailedAndIsThrownAway(String evil) throws Exception {
        ContainerSpec container = whenKept(evil);
        assertThatThrownBy(() -> {
                    checked.check(container, "true");
                    checked.check(container, "true");
                })
                .hasRootCauseMessage("what runs the check in the container answers nonsense");
        awaitNone(container, "7730");
        shells(container, 0);
    }

    @Test
    void oneThatNeverAnswersTakesNoLongerThanTheCheckMay() throws Exception {
        ContainerSpec container = whenKept("sleep 7740");
        checked.timesOut(container, "true");
        awaitNone(container, "7740");
    }

    @Test
    void afterThreeThatNeverAnsweredTheRuntimeRunsTheCommand() throws Exception {
        ContainerSpec container = whenKept("echo run >>\"$PWD/starts\"; sleep 7741");
        for (int i = 0; i < 3; i++) {
            checked.timesOut(container, "exit 9");
        }
        assertThat(checked.check(container, "exit 9")).isEqualTo(9);
        assertThat(container.sandbox().resolve("starts")).content().hasLineCount(3);
        awaitNone(container, "7741");
    }
}
