package io.paddock.platform.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnsweringProgramTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    private Program shell(String script) {
        return new Program(
                List.of("/bin/sh", "-c", script, "name", "with space"),
                Map.of("WORD", "ünï"),
                directory,
                directory.resolve("out"),
                directory.resolve("err"));
    }

    @Test
    void answersByALineAndWritesToItsFiles() throws Exception {
        Files.writeString(directory.resolve("out"), "before\n");
        try (AnsweringProgram program =
                AnsweringProgram.start(shell("pwd; env; echo \"$1\" >&2; echo \"answer $WORD\" >&3"))) {
            assertThat(program.answer(PATIENCE)).contains("answer ünï");
        }
        assertThat(directory.resolve("out"))
                .content()
                .startsWith("before\n" + directory.toRealPath() + "\n")
                .contains("WORD=ünï")
                .doesNotContain("PATH=/");
        assertThat(directory.resolve("err")).hasContent("with space");
    }

    @Test
    void theAnswerMayComeFromWhatItLeavesBehind() throws Exception {
        try (AnsweringProgram program =
                AnsweringProgram.start(shell("(while [ ! -e go ]; do sleep 0.01; done; echo later >&3; ) &"))) {
            Path process = Path.of("/proc", Long.toString(program.pid()), "status");
            while (Files.readString(process).lines().noneMatch(line -> line.startsWith("State:\tZ"))) {
                Thread.onSpinWait();
            }
            Files.createFile(directory.resolve("go"));
            assertThat(program.answer(PATIENCE)).contains("later");
        }
    }

    @Test
    void noAnswerIsTheEnd() throws Exception {
        try (AnsweringProgram program = AnsweringProgram.start(shell("exit 3"))) {
            assertThat(program.answer(PATIENCE)).isEmpty();
        }
    }

    @Test
    void oneThatIsLateIsKilled() throws Exception {
        long pid;
        try (AnsweringProgram program = AnsweringProgram.start(shell("exec sleep 1000"))) {
            pid = program.pid();
            assertThatThrownBy(() -> program.answer(Duration.ofMillis(50))).isInstanceOf(TimeoutException.class);
        }
        assertThat(ProcessHandle.of(pid)).isEmpty();
    }

    @Test
    void getsNoDescriptorsOfThisProcess() throws Exception {
        try (var held = Files.newByteChannel(Files.createFile(directory.resolve("held")));
                AnsweringProgram program = AnsweringProgram.start(shell("echo $(ls -l /proc/$$/fd) >&3"))) {
            assertThat(held.isOpen()).isTrue();
            assertThat(program.answer(PATIENCE))
                    .get(InstanceOfAssertFactories.STRING)
                    .contains("/dev/null")
                    .doesNotContain("held", "modules");
        }
    }

    @Test
    void failuresNameWhatWasToStart() throws Exception {
        Program missing = new Program(
                List.of("/no/such/program"), Map.of(), directory, directory.resolve("out"), directory.resolve("err"));
        assertThatThrownBy(() -> AnsweringProgram.start(missing))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("/no/such/program")
                .hasMessageEndingWith("No such file or directory");
        Files.delete(directory.resolve("err"));
        Files.createSymbolicLink(directory.resolve("err"), directory.resolve("elsewhere"));
        assertThatThrownBy(() -> AnsweringProgram.start(shell("true")))
                .hasMessageEndingWith("Too many levels of symbolic links");
        assertThat(directory.resolve("elsewhere")).doesNotExist();
    }
}
