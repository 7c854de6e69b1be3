package io.paddock.agent.server.containers.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ToolsTest {
    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    private final Tools tools = new Tools(timers);

    @AfterEach
    void close() {
        timers.shutdownNow();
    }

    @Test
    void aProgramThatIsNotThereIsSaidToBeMissing() throws Exception {
        assertThat(tools.run(ToolCall.of("echo", "there"))).isEqualTo("there\n");
        assertThatThrownBy(() -> tools.run(ToolCall.of("no-such-program")))
                .isInstanceOf(IOException.class)
                .hasMessage("no-such-program is not installed");
    }
}
