package io.paddock.agent.server.containers.recipe;

import io.paddock.agent.server.containers.images.ImageConfig;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.Environment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The arguments and the environment that a command and an image amount to, by the rules of Mesos' containerizers. */
public final class CommandLine {
    private CommandLine() {}

    /**
     * The argument vector.
     *
     * <table>
     * <tr><th>command</th><th>host</th><th>MESOS image</th><th>DOCKER image</th></tr>
     * <tr><td>shell, value</td><td>sh -c value</td><td>sh -c value</td><td>sh -c value</td></tr>
     * <tr><td>value, arguments</td><td>value arguments[1…]</td><td>value arguments[1…]</td>
     *     <td>entrypoint value arguments</td></tr>
     * <tr><td>arguments</td><td>–</td><td>entrypoint arguments</td><td>entrypoint arguments</td></tr>
     * <tr><td>nothing</td><td>–</td><td>entrypoint cmd</td><td>entrypoint cmd</td></tr>
     * </table>
     */
    public static List<String> arguments(
            CommandInfo command, @Nullable ImageConfig image, ContainerInfo.@Nullable Type type) throws IOException {
        if (command.getShell() && command.hasValue()) {
            return List.of("/bin/sh", "-c", command.getValue());
        }
        List<String> given = command.getArgumentsList();
        List<String> argv = new ArrayList<>();
        if (image != null && (!command.hasValue() || type == ContainerInfo.Type.DOCKER)) {
            argv.addAll(image.entrypoint());
            if (command.hasValue()) {
                argv.add(command.getValue());
            }
            argv.addAll(given.isEmpty() && !command.hasValue() ? image.cmd() : given);
        } else if (command.hasValue()) {
            argv.add(command.getValue());
            argv.addAll(given.subList(Math.min(1, given.size()), given.size()));
        }
        if (argv.isEmpty()) {
            throw new IOException("command.value expected: there is nothing to run"
                    + (image == null ? "" : ", and the image has neither entrypoint nor cmd"));
        }
        return argv;
    }

    /** Variables of a command; those of secret type get the secret's value. */
    public static Map<String, String> environment(CommandInfo command, Secrets secrets) throws IOException {
        Map<String, String> variables = new LinkedHashMap<>();
        for (Environment.Variable variable : command.getEnvironment().getVariablesList()) {
            variables.put(
                    variable.getName(),
                    variable.getType() == Environment.Variable.Type.SECRET
                            ? new String(
                                    secrets.bytes(variable.getSecret(), "environment variable " + variable.getName()),
                                    StandardCharsets.UTF_8)
                            : variable.getValue());
        }
        return variables;
    }
}
