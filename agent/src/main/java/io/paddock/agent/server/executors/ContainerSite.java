package io.paddock.agent.server.executors;

import io.paddock.agent.server.containers.Containers;
import io.paddock.agent.server.containers.ExecSession;
import io.paddock.agent.server.containers.ExecSpec;
import io.paddock.agent.server.containers.Exit;
import io.paddock.executor.checks.CheckSite;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerID;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * A running container as the place of checks.
 *
 * @param network the file that holds its network namespace; empty: it is in the host's
 */
public record ContainerSite(Containers containers, ContainerID id, Optional<Path> network) implements CheckSite {
    @Override
    public CompletionStage<Integer> run(CommandInfo command, Duration timeout) {
        return containers.exec(id, ExecSpec.silent(command)).thenCompose(session -> finish(session, timeout));
    }

    private static CompletionStage<Integer> finish(ExecSession session, Duration timeout) {
        CompletableFuture<Integer> code =
                session.exited().thenApply(Exit::exitCode).toCompletableFuture();
        if (timeout.isZero()) {
            return code;
        }
        return code.copy().orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS).whenComplete((done, failure) -> {
            if (failure != null) {
                session.kill();
            }
        });
    }
}
