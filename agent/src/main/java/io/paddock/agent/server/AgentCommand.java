package io.paddock.agent.server;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code paddock agent}: runs an agent until SIGTERM. Its tasks go on; the next start takes them up. */
@Command(
        name = "agent",
        description =
                "Runs tasks on this machine in containers, as the master says. Stopped, it leaves its tasks running;"
                        + " started again on the same work directory it takes them up.")
public final class AgentCommand implements Callable<Integer> {
    @Mixin
    AgentOptions options = new AgentOptions();

    @Override
    public Integer call() throws Exception {
        ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "paddock-agent");
        CompletableFuture<String> end = new CompletableFuture<>();
        CompletableFuture<Boolean> closed = new CompletableFuture<>();
        try {
            AgentServer server =
                    AgentServer.start(system, options).toCompletableFuture().get();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                end.complete("");
                closed.join();
            }));
            server.failed().thenAccept(end::complete);
            String why = end.get();
            server.close();
            if (!why.isEmpty()) {
                System.err.println("agent: " + why);
            }
            return why.isEmpty() ? 0 : 1;
        } catch (java.util.concurrent.ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } finally {
            system.terminate();
            closed.complete(true);
        }
    }
}
