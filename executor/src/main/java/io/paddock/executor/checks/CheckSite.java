package io.paddock.executor.checks;

import io.paddock.proto.v1.CommandInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Where the checks of a task run: its container, as the agent knows it. */
public interface CheckSite {
    /** The file that holds the container's network namespace; empty: it is in the host's. */
    Optional<Path> network();

    /**
     * Runs a command in the container to its end.
     *
     * @param timeout after which it has to be killed and the answer be a TimeoutException; zero: no limit
     * @return its exit status; failed when it could not be run
     */
    CompletionStage<Integer> run(CommandInfo command, Duration timeout);
}
