package io.paddock.agent.server.containers.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.agent.server.containers.tools.Processes.Identity;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProcessesTest {
    @Test
    void aLaterProcessOfTheSameNumberIsNotKilled() throws Exception {
        Process process = new ProcessBuilder("sleep", "1000").start();
        try {
            Identity identity = Processes.identity(process.pid());
            new Identity(process.pid(), identity.startTicks() - 1).kill();
            Identity.NONE.kill();
            assertThat(process.waitFor(200, TimeUnit.MILLISECONDS)).isFalse();
            identity.kill();
            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
            identity.kill();
        } finally {
            process.destroyForcibly();
        }
    }
}
