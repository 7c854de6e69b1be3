package io.paddock.master.server;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ./paddock master}: runs one master until SIGTERM (exit code 0) or until it must give up (exit code 1). */
@Command(name = "master", description = "Runs a master: offers the resources of agents to framework schedulers.")
public final class MasterCommand implements Callable<Integer> {
    @Mixin
    MasterOptions options = new MasterOptions();

    @Override
    public Integer call() throws Exception {
        ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "master");
        try {
            MasterServer server =
                    MasterServer.start(system, options).toCompletableFuture().get();
            Runtime.getRuntime().addShutdownHook(new Thread(server::close, "close-master"));
            System.out.println(
                    "master listens on " + (options.listen.security.tls().isPresent() ? "https://" : "http://")
                            + options.listen.host + ":" + server.port());
            String reason = server.failed().toCompletableFuture().get();
            System.err.println("master: " + reason);
            return 1;
        } catch (ExecutionException e) {
            throw unwrapped(e);
        } finally {
            system.terminate();
        }
    }

    private static Exception unwrapped(ExecutionException e) {
        Throwable cause = e.getCause();
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof Exception exception ? exception : e;
    }
}
