package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.agent.server.containers.tools.Durable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class IgnoredSignalsTest {
    /** What a script's background job or nohup(1) ignores; of the kernel's mask the signals that programs may use. */
    @ParameterizedTest
    @ValueSource(strings = {"processes", "auto"})
    void areTheAgentsAlone(String runtime) throws Exception {
        Path workDir = Files.createTempDirectory("paddock-signals");
        List<String> command =
                new ArrayList<>(List.of("/bin/sh", "-c", "trap '' HUP INT QUIT TSTP; exec \"$@\"", "background"));
        command.addAll(StartedJava.command(IgnoringProcess.class, workDir.toString(), runtime));
        Process agent = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String said = new String(agent.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(agent.waitFor()).isZero();
        List<Long> ignored = said.lines()
                .filter(line -> !line.equals("ready"))
                .map(line -> Long.parseUnsignedLong(line.split(" ", 2)[1], 16) & 0x7fffffffL)
                .toList();
        assertThat(ignored).as(said).containsExactly(0L, 0L);
        Durable.deleteTree(workDir);
    }
}
