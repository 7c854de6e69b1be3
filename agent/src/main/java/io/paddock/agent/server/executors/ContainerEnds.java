package io.paddock.agent.server.executors;

import io.paddock.agent.core.Termination;
import io.paddock.agent.server.containers.Exit;
import io.paddock.agent.server.containers.LaunchFailure;
import io.paddock.executor.core.ContainerEnd;
import io.paddock.proto.v1.TaskResourceLimitation;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** The end of a container in the words of an executor and of the agent's core. */
final class ContainerEnds {
    private ContainerEnds() {}

    static ContainerEnd forExecutor(Exit exit) {
        ContainerEnd end =
                exit.signaled() ? ContainerEnd.signalled(exit.signal()) : ContainerEnd.exited(exit.exitCode());
        return exit.limitation()
                .map(l -> end.limited(l.reason(), l.message(), limitation(exit)))
                .orElse(end);
    }

    static Termination forAgent(Exit exit) {
        Optional<Exit.Limitation> l = exit.limitation();
        return l.isEmpty()
                ? Termination.exited(exit.status())
                : new Termination(
                        exit.status(),
                        TaskState.TASK_FAILED,
                        l.get().reason(),
                        l.get().message(),
                        limitation(exit));
    }

    private static @Nullable TaskResourceLimitation limitation(Exit exit) {
        return exit.limitation()
                .filter(l -> !l.resources().isEmpty())
                .map(l -> TaskResourceLimitation.newBuilder()
                        .addAllResources(l.resources())
                        .build())
                .orElse(null);
    }

    static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    static TaskStatus.Reason launchReason(Throwable failure) {
        return cause(failure) instanceof LaunchFailure f
                ? f.reason()
                : TaskStatus.Reason.REASON_CONTAINER_LAUNCH_FAILED;
    }

    static String launchMessage(Throwable failure) {
        Throwable cause = cause(failure);
        String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        return cause instanceof LaunchFailure f
                ? "Failed to launch container (" + f.step() + "): " + message
                : "Failed to launch container: " + message;
    }
}
