package io.paddock.agent.server.containers.tools;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A command to run.
 *
 * @param argv program and arguments; the program is looked up in {@link Tools#PATH}
 * @param environment all it sees besides PATH
 * @param directory its working directory; empty: the root directory
 * @param stdin its whole input
 * @param timeout it is killed after this
 */
public record ToolCall(
        List<String> argv, Map<String, String> environment, Optional<Path> directory, String stdin, Duration timeout) {
    private static final Duration USUAL = Duration.ofSeconds(60);

    public ToolCall {
        argv = List.copyOf(argv);
        environment = new LinkedHashMap<>(environment);
    }

    public static ToolCall of(String... argv) {
        return of(List.of(argv));
    }

    public static ToolCall of(List<String> argv) {
        return new ToolCall(argv, Map.of(), Optional.empty(), "", USUAL);
    }

    public ToolCall in(Path workingDirectory) {
        return new ToolCall(argv, environment, Optional.of(workingDirectory), stdin, timeout);
    }

    public ToolCall with(Map<String, String> variables) {
        return new ToolCall(argv, variables, directory, stdin, timeout);
    }

    public ToolCall reading(String input) {
        return new ToolCall(argv, environment, directory, input, timeout);
    }

    public ToolCall within(Duration limit) {
        return new ToolCall(argv, environment, directory, stdin, limit);
    }
}
