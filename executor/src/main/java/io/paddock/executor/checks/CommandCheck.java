package io.paddock.executor.checks;

import io.paddock.proto.v1.CommandInfo;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** Runs a command in the container of a running task; the agent provides it. */
@FunctionalInterface
public interface CommandCheck {
    /**
     * Runs the command to its end.
     *
     * @param timeout after which it has to be killed and the answer be a TimeoutException; zero: no limit
     * @return its exit status; failed when it could not be run
     */
    CompletionStage<Integer> run(String taskId, CommandInfo command, Duration timeout);
}
