package io.paddock.agent.server.http;

import io.paddock.agent.core.AgentView;
import io.paddock.agent.core.AgentView.FrameworkView;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Whose a directory of the work directory is: {@code <agent>/frameworks/<framework>/executors/<executor>/…}. */
record SandboxOwner(String frameworkId, String executorId) {
    private static final int PARTS = 5;

    /** @param file relative to {@code slaves/}; empty for what belongs to no single executor */
    static Optional<SandboxOwner> of(Path file) {
        return file.getNameCount() >= PARTS
                        && file.getName(1).toString().equals("frameworks")
                        && file.getName(3).toString().equals("executors")
                ? Optional.of(new SandboxOwner(
                        file.getName(2).toString(), file.getName(4).toString()))
                : Optional.empty();
    }

    /** Whom it runs as: its command's user, or its framework's; empty when the agent does not remember the framework. */
    Optional<String> user(AgentView view) {
        return Stream.concat(view.frameworks().stream(), view.completedFrameworks().stream())
                .filter(framework -> framework.info().getId().getValue().equals(frameworkId))
                .findFirst()
                .map(this::user);
    }

    private String user(FrameworkView framework) {
        return Stream.concat(framework.executors().stream(), framework.completed().stream())
                .filter(executor -> executor.info().getExecutorId().getValue().equals(executorId))
                .map(executor -> executor.info().getCommand().getUser())
                .filter(user -> !user.isEmpty())
                .findFirst()
                .orElse(framework.info().getUser());
    }
}
