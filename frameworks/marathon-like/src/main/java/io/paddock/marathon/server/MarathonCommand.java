package io.paddock.marathon.server;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ./paddock marathon}: runs until SIGTERM, or until it must not lead any more. */
@Command(
        name = "marathon",
        description = {
            "Keeps long-running apps alive, with the REST API of Marathon.",
            "Several of them with the same --zk elect a leader; the others pass requests on to it."
        })
public final class MarathonCommand implements Callable<Integer> {
    @Mixin
    MarathonOptions options = new MarathonOptions();

    @Override
    public Integer call() throws InterruptedException {
        ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "marathon");
        try {
            MarathonServer server =
                    MarathonServer.start(system, options).toCompletableFuture().get();
            Runtime.getRuntime().addShutdownHook(new Thread(server::close, "close-marathon"));
            String reason = server.failed().toCompletableFuture().get();
            System.err.println("marathon: " + reason);
            return 1;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IllegalStateException(cause.getMessage(), cause);
        } finally {
            system.terminate();
        }
    }
}
