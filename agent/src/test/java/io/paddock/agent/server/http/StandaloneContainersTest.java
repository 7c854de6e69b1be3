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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StandaloneContainersTest {
    @TempDir
    private Path workDir;

    private final List<String> asked = new ArrayList<>();

    private Object answer(String method) {
        asked.add(method);
        return switch (method) {
            case "launch" -> CompletableFuture.completedFuture(new Launched(1, List.of(), Optional.empty()));
            case "persist" -> CompletableFuture.failedFuture(new IOException("Input/output error"));
            case "destroy" -> CompletableFuture.completedFuture(null);
            case "list" -> Set.of();
            default -> throw new UnsupportedOperationException(method);
        };
    }

    /** Nobody would know of it after a crash of the machine. */
    @Test
    void whatCannotBeRememberedIsNotLeftRunning() {
        Containers containers = (Containers) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Containers.class},
                (proxy, method, args) -> answer(method.getName()));
        StandaloneContainers standalone = new StandaloneContainers(workDir, containers, List.of(), Runnable::run);
        ContainerID id = ContainerIds.of("alone");
        assertThatThrownBy(() -> standalone
                        .launch(id, Optional.empty(), Optional.empty(), Limits.NONE, List.of())
                        .toCompletableFuture()
                        .join())
                .hasRootCauseMessage("Input/output error");
        assertThat(asked).containsExactly("launch", "persist", "destroy", "list");
        assertThat(standalone.has(id)).isFalse();
    }
}
