package io.paddock.agent.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.agent.server.containers.ContainerIds;
import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.Containers;
import io.paddock.agent.server.containers.Launched;
import io.paddock.agent.server.containers.Limits;
import io.paddock.agent.server.containers.Recovered;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerID;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StandaloneContainersTest {
    @TempDir
    private Path workDir;

    private static final ContainerID ID = ContainerIds.of("alone");

    private final List<String> asked = new ArrayList<>();
    private final Queue<CompletableFuture<Launched>> launches = new ArrayDeque<>();
    private Set<ContainerID> there = Set.of();
    private StandaloneContainers standalone;

    @BeforeEach
    void start() {
        standalone = standalone(List.of());
    }

    private StandaloneContainers standalone(List<Recovered> recovered) {
        Containers containers = (Containers) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Containers.class},
                (proxy, method, args) -> answer(method.getName()));
        return new StandaloneContainers(workDir, containers, recovered, Runnable::run);
    }

    private Object answer(String method) throws IOException {
        asked.add(method);
        return switch (method) {
            case "launch" -> {
                Files.createDirectories(sandbox());
                yield launches.remove();
            }
            case "persist" -> CompletableFuture.failedFuture(new IOException("Input/output error"));
            case "destroy" -> CompletableFuture.completedFuture(null);
            case "list" -> there;
            case "exited" -> new CompletableFuture<>();
            default -> throw new UnsupportedOperationException(method);
        };
    }

    /** Nobody would know of it after a crash of the machine. */
    @Test
    void whatCannotBeRememberedIsNotLeftRunning() {
        launches.add(CompletableFuture.completedFuture(new Launched(1, List.of(), Optional.empty())));
        assertThatThrownBy(launch()::join).hasRootCauseMessage("Input/output error");
        assertThat(asked).containsSubsequence("launch", "persist", "destroy");
        assertThat(standalone.has(ID)).isFalse();
    }

    /** Nobody could remove it: the agent does not know that container. */
    @Test
    void aLaunchThatFailsLeavesNoSandbox() {
        launches.add(CompletableFuture.failedFuture(new IOException("no such image")));
        assertThatThrownBy(launch()::join).hasRootCauseMessage("no such image");
        assertThat(sandbox()).doesNotExist();
        assertThat(standalone.has(ID)).isFalse();
    }

    /** What is allowed with a container goes by the user that it runs as. */
    @Test
    void whoLaunchesOneThatIsUnderWayGetsThatOne() {
        CompletableFuture<Launched> outcome = new CompletableFuture<>();
        launches.addAll(List.of(outcome, new CompletableFuture<>()));
        CompletableFuture<Launched> first = launchAs("alice");
        CompletableFuture<Launched> second = launchAs("bob");
        assertThat(standalone.user(ID)).contains("alice");
        assertThat(asked).containsOnlyOnce("launch");
        assertThat(second).isNotDone();
        outcome.completeExceptionally(new IOException("no such image"));
        for (CompletableFuture<Launched> each : List.of(first, second)) {
            assertThatThrownBy(each::join).hasRootCauseMessage("no such image");
        }
        assertThat(sandbox()).doesNotExist();
        assertThat(standalone.has(ID)).isFalse();
    }

    /** It would run on, and nobody could end it. */
    @Test
    void whatIsBeingLaunchedIsNotRemoved() {
        CompletableFuture<Launched> outcome = new CompletableFuture<>();
        launches.add(outcome);
        CompletableFuture<Launched> launch = launch();
        assertThat(standalone.remove(ID))
                .failsWithin(Duration.ZERO)
                .withThrowableOfType(ExecutionException.class)
                .withMessageEndingWith("container alone is being launched");
        assertThat(sandbox()).exists();
        assertThat(standalone.has(ID)).isTrue();
        outcome.completeExceptionally(new IOException("no such image"));
        assertThat(launch).isCompletedExceptionally();
        assertThat(standalone.remove(ID)).succeedsWithin(Duration.ZERO);
    }

    @Test
    void whoLaunchesOneThatIsThereChangesNothingOfIt() {
        there = Set.of(ID);
        launches.add(CompletableFuture.completedFuture(new Launched(1, List.of(), Optional.empty())));
        StandaloneContainers recovered = standalone(List.of(new Recovered(
                new ContainerSpec(
                        ID,
                        Optional.of(as("alice")),
                        Optional.empty(),
                        Map.of(),
                        Optional.empty(),
                        sandbox(),
                        Limits.NONE,
                        List.of()),
                new Launched(1, List.of(), Optional.empty()),
                Optional.empty())));
        assertThat(recovered.launch(ID, Optional.of(as("bob")), Optional.empty(), Limits.NONE, List.of()))
                .succeedsWithin(Duration.ZERO);
        assertThat(recovered.user(ID)).contains("alice");
        assertThat(asked).doesNotContain("destroy");
    }

    private static CommandInfo as(String user) {
        return CommandInfo.newBuilder().setUser(user).build();
    }

    private CompletableFuture<Launched> launchAs(String user) {
        return standalone
                .launch(ID, Optional.of(as(user)), Optional.empty(), Limits.NONE, List.of())
                .toCompletableFuture();
    }

    private CompletableFuture<Launched> launch() {
        return standalone
                .launch(ID, Optional.empty(), Optional.empty(), Limits.NONE, List.of())
                .toCompletableFuture();
    }

    private Path sandbox() {
        return workDir.resolve("standalone/alone");
    }
}
