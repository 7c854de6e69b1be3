package io.paddock.agent.server.containers.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ToolsTest {
    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    private final Tools tools = new Tools(timers);

    @TempDir
    private Path directory;

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

    @Test
    void whatAToolWritesIsGoneWithItAndTheAgentHoweverTheyEnd() throws Exception {
        ToolCall call = ToolCall.of("sh", "-c", untilUnnamed(1) + untilUnnamed(2) + "echo out; echo err >&2")
                .within(Duration.ofSeconds(10));
        Tools.Output output = tools.attempt(call, new Cancellation());
        assertThat(output).isEqualTo(new Tools.Output(0, "out\n", "err\n"));
    }

    private static String untilUnnamed(int descriptor) {
        return "until readlink /proc/$$/fd/" + descriptor + " | grep -q deleted; do sleep 0.02; done; ";
    }

    /** It looks at all processes of the machine, and who cancels may be an actor. */
    @Test
    void whatIsCancelledIsNotKilledByWhoCancelsIt() throws Exception {
        CountDownLatch busy = new CountDownLatch(1);
        timers.execute(() -> awaitQuietly(busy));
        Cancellation cancellation = new Cancellation();
        Path started = directory.resolve("started");
        CompletableFuture<Object> tool = CompletableFuture.supplyAsync(() -> {
            try {
                return tools.attempt(ToolCall.of("sh", "-c", "echo >" + started + "; exec sleep 1000"), cancellation);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        await().until(() -> Files.exists(started));
        cancellation.cancel();
        await().during(Duration.ofMillis(200)).until(() -> !tool.isDone());
        busy.countDown();
        assertThat(tool)
                .failsWithin(Duration.ofSeconds(10))
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(CancellationException.class);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
