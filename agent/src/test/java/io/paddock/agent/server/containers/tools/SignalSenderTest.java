package io.paddock.agent.server.containers.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.paddock.common.Signals;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SignalSenderTest {
    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    private final SignalSender signals = new SignalSender(new Tools(timers));

    @AfterEach
    void end() {
        timers.shutdownNow();
    }

    /** The kernel drops a signal for process 1 of a namespace that has no handler for it. */
    @Test
    void anInitGetsWhatCameBeforeItListened(@TempDir Path directory) throws Exception {
        Path begun = directory.resolve("begun");
        Process outside = new ProcessBuilder(
                        "unshare",
                        "--pid",
                        "--fork",
                        "--kill-child",
                        "sh",
                        "-c",
                        ": > " + begun + "; sleep 0.3; trap 'exit 7' TERM; while :; do sleep 0.05; done")
                .start();
        try {
            await().until(() -> Files.exists(begun));
            Optional<ProcessHandle> init = outside.children().findFirst();
            signals.sendToInit(Signals.SIGTERM, init.orElseThrow().pid());
            assertThat(outside.onExit()).succeedsWithin(Duration.ofSeconds(20));
            assertThat(outside.exitValue()).isEqualTo(7);
        } finally {
            outside.destroyForcibly();
        }
    }

    @Test
    void aProcessThatIsGoneIsNotWaitedFor() throws Exception {
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        long before = System.nanoTime();
        signals.sendToInit(Signals.SIGTERM, gone.pid());
        assertThat(System.nanoTime() - before).isLessThan(SignalSender.LONGEST_TO_LISTEN.toNanos());
    }
}
