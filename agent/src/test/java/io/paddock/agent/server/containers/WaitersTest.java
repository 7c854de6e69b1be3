package io.paddock.agent.server.containers;

import static io.paddock.agent.server.containers.RunningContainers.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.common.Signals;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Whoever waits for a container learns of its end, also when no process tells it. */
class WaitersTest {
    @Test
    void aContainerWithoutCommandRunsUntilASignalThatEndsIt() throws Exception {
        try (RunningContainers running = RunningContainers.processes()) {
            ContainerSpec pod = running.spec(Optional.empty(), Optional.empty(), Limits.NONE);
            running.launch(pod);
            ContainerSpec inner = RunningContainers.nested(pod, "inner", "sleep 1000");
            running.launch(inner);
            get(running.containers().signal(pod.id(), 28, SignalScope.TREE));
            assertThat(running.containers().exited(pod.id()).toCompletableFuture())
                    .isNotDone();
            get(running.containers().signal(pod.id(), Signals.SIGTERM, SignalScope.TREE));
            assertThat(running.exit(pod).status()).isEqualTo(Signals.SIGTERM);
            assertThat(running.exit(inner).status()).isEqualTo(Signals.SIGTERM);
            assertThat(running.restart())
                    .filteredOn(found -> found.spec().id().equals(pod.id()))
                    .singleElement()
                    .satisfies(found -> assertThat(found.exit())
                            .hasValueSatisfying(
                                    exit -> assertThat(exit.status()).isEqualTo(Signals.SIGTERM)));
        }
    }

    @Test
    void nothingIsLaunchedInAContainerThatIsNotThere() throws Exception {
        try (RunningContainers running = RunningContainers.processes()) {
            ContainerSpec pod = running.spec(Optional.empty(), Optional.empty(), Limits.NONE);
            assertThat(running.refused(RunningContainers.nested(pod, "inner", "true"))
                            .getMessage())
                    .contains(ContainerIds.text(pod.id()));
            running.launch(pod);
            CompletionStage<Void> destroyed = running.containers().destroy(pod.id());
            CompletionStage<Launched> launched =
                    running.containers().launch(RunningContainers.nested(pod, "inner", "true"));
            assertThatThrownBy(() -> get(launched)).hasCauseInstanceOf(LaunchFailure.class);
            get(destroyed);
            assertThat(running.containers().list()).isEmpty();
        }
    }
}
