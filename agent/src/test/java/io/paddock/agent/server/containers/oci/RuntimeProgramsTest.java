package io.paddock.agent.server.containers.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuntimeProgramsTest {
    @TempDir
    Path directory;

    @Test
    void whatBeginsWithADotIsNoContainer() throws Exception {
        Path program = Path.of("/usr/bin/crun");
        Path state = directory.resolve("runtime");
        RuntimePrograms programs = new RuntimePrograms(
                program, program, program, program, new Inits(program, program), state, directory, Optional.empty());
        assertThat(programs.containers()).isEmpty();
        Files.createDirectories(state.resolve(".cache/seccomp"));
        assertThat(programs.containers()).isEmpty();
        Files.createDirectories(state.resolve("task.1"));
        assertThat(programs.containers()).containsExactly("task.1");
    }
}
