package io.paddock.agent.server.containers.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.agent.server.containers.ContainerIds;
import io.paddock.agent.server.containers.Launched;
import io.paddock.proto.v1.ContainerID;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailedLaunchesTest {
    private static final ContainerID ID = ContainerIds.of("c");

    @TempDir
    private Path directory;

    private boolean undone;

    private final Hook broken = new Hook() {
        @Override
        public String name() {
            return "broken";
        }

        @Override
        public void prepare(Launch launch) {
            throw new StackOverflowError("too deep");
        }

        @Override
        public void cleanup(ContainerRecord record) {
            undone = true;
        }
    };

    /** A library that is missing shows itself as an error when it is first used. */
    @Test
    void areUndoneAfterAnError() throws Exception {
        try (ProcessEngine engine =
                new ProcessEngine(directory, Runnable::run, Map.of("recipe", call -> List.of(broken)))) {
            fails(launch(engine), "java.lang.StackOverflowError: too deep");
            assertThat(undone).isTrue();
            assertThat(directory.resolve("containers/c")).doesNotExist();
        }
    }

    @Test
    void tellWhyTheyWereNotBegun() throws Exception {
        try (ProcessEngine engine = new ProcessEngine(
                directory,
                Runnable::run,
                work -> {
                    throw new RejectedExecutionException();
                },
                Map.of())) {
            fails(launch(engine), "too much to do for containers, or shutting down");
        }
    }

    private static void fails(CompletableFuture<Launched> launch, String message) {
        assertThat(launch)
                .failsWithin(10, TimeUnit.SECONDS)
                .withThrowableOfType(ExecutionException.class)
                .havingCause()
                .withMessage(message);
    }

    private static CompletableFuture<Launched> launch(ProcessEngine engine) {
        CompletionStage<Launched> launched = engine.containers().launch(engine.spec(ID, Optional.of("true")));
        return launched.toCompletableFuture();
    }
}
