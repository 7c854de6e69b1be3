package io.paddock.agent.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.agent.server.containers.ContainerIds;
import io.paddock.agent.server.containers.Containers;
import io.paddock.agent.server.containers.Launched;
import io.paddock.agent.server.containers.Limits;
import io.paddock.proto.v1.ContainerID;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StandaloneContainersTest {
    @TempDir
    private Path workDir;

    private static final ContainerID ID = ContainerIds.of("alone");

    private final List<String> asked = new ArrayList<>();
    private final Queue<CompletableFuture<Launched>> launches = new ArrayDeque<>();
    private StandaloneContainers standalone;

    @BeforeEach
    void start() {
        Containers containers = (Containers) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Containers.class},
                (proxy, method, args) -> answer(method.getName()));
        standalone = new StandaloneContainers(workDir, containers, List.of(), Runnable::run);
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
            case "list" -> Set.of();
            default -> throw new UnsupportedOperationException(method);
        };
    }

    /** Nobody would know of it after a crash of the machine. */
    @Test
    void whatCannotBeRememberedIsNotLeftRunning() {
        launches.add(CompletableFuture.completedFuture(new Launched(1, List.of(), Optional.empty())));
        assertThatThrownBy(launch()::join).hasRootCauseMessage("Input/output error");
        assertThat(asked).startsWith("launch", "persist", "destroy");
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

    @Test
    void aLaunchThatFailsLeavesTheSandboxToAnotherOfThatName() {
        CompletableFuture<Launched> first = new CompletableFuture<>();
        CompletableFuture<Launched> second = new CompletableFuture<>();
        launches.addAll(List.of(first, second));
        CompletableFuture<Launched> firstAnswer = launch();
        CompletableFuture<Launched> secondAnswer = launch();
        first.completeExceptionally(new IOException("no such image"));
        assertThat(firstAnswer).isCompletedExceptionally();
        assertThat(sandbox()).isDirectory();
        assertThat(standalone.has(ID)).isTrue();
        second.completeExceptionally(new IOException("no such image"));
        assertThat(secondAnswer).isCompletedExceptionally();
        assertThat(sandbox()).doesNotExist();
        assertThat(standalone.has(ID)).isFalse();
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
