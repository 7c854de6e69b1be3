package io.paddock.agent.server.executors;

import io.paddock.agent.server.containers.Containers;
import io.paddock.agent.server.containers.ExecSession;
import io.paddock.agent.server.containers.ExecSpec;
import io.paddock.agent.server.containers.Exit;
import io.paddock.executor.checks.CommandCheck;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerID;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Command checks in running containers, which are named by their text form. Output is read and thrown away. */
final class CommandChecks implements CommandCheck {
    private static final Logger LOG = LoggerFactory.getLogger(CommandChecks.class);

    private final Containers containers;
    private final Executor streams;
    private final Map<String, ContainerID> running = new ConcurrentHashMap<>();

    CommandChecks(Containers containers, Executor streams) {
        this.containers = containers;
        this.streams = streams;
    }

    void started(String name, ContainerID id) {
        running.put(name, id);
    }

    void ended(String name) {
        running.remove(name);
    }

    @Override
    public CompletionStage<Integer> run(String name, CommandInfo command, Duration timeout) {
        ContainerID id = running.get(name);
        if (id == null) {
            return CompletableFuture.failedFuture(new IllegalStateException("the container does not run"));
        }
        return containers.exec(id, ExecSpec.of(command)).thenCompose(session -> finish(session, timeout));
    }

    private CompletionStage<Integer> finish(ExecSession session, Duration timeout) {
        streams.execute(() -> drain(session.stdout()));
        streams.execute(() -> drain(session.stderr()));
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

    private static void drain(InputStream stream) {
        try (stream) {
            stream.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            LOG.debug("a check's output ended: {}", e.toString());
        }
    }
}
