package io.paddock.batch.server;

import java.util.concurrent.Callable;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ./paddock batch}: runs until it is told to stop or may not lead any more. */
@Command(name = "batch", description = "Runs jobs to their end: the Metronome v1 API on a Mesos cluster.")
public final class BatchCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(BatchCommand.class);

    @Mixin
    BatchOptions options = new BatchOptions();

    @Override
    public Integer call() {
        options.check();
        ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "batch");
        try (BatchServer server =
                BatchServer.start(system, options).toCompletableFuture().join()) {
            Thread stopper = new Thread(server::close, "stop-batch");
            Runtime.getRuntime().addShutdownHook(stopper);
            LOG.info("Batch listens on {}:{}", options.listen.host, server.port());
            String reason = server.failed().toCompletableFuture().join();
            LOG.error("{}; start it again", reason);
            return 1;
        } finally {
            system.terminate();
        }
    }
}
