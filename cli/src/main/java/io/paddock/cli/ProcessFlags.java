package io.paddock.cli;

import io.paddock.proto.v1.CommandInfo;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** As whom, where and with which variables a program runs, in the words of {@code docker run} and {@code docker exec}. */
final class ProcessFlags {
    @Option(
            names = {"-e", "--env"},
            paramLabel = "NAME[=VALUE]",
            mapFallbackValue = Option.NULL_VALUE,
            description = "An environment variable; without VALUE as it is here; may be repeated.")
    private Map<String, @Nullable String> env = new LinkedHashMap<>();

    @Option(
            names = {"-u", "--user"},
            paramLabel = "USER[:GROUP]",
            description = "Who runs it, by name or number, instead of the container's user.")
    private @Nullable String user;

    @Option(
            names = {"-w", "--workdir"},
            paramLabel = "DIR",
            description = "Where it starts, instead of the container's directory; 'exec' needs a shell there for it.")
    @Nullable
    String workdir;

    /** Adds user and variables; the directory is the caller's to give, since it has no place in the message. */
    void on(CommandInfo.Builder command, @Nullable Path envFile) {
        if (user != null) {
            command.setUser(user);
        }
        command.setEnvironment(Variables.of(env, envFile));
    }
}
