package io.paddock.agent.server.containers;

import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.TTYInfo;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A further process for a running container, in all its namespaces and its control group.
 *
 * @param command shell or argv, as in {@link ContainerSpec}; its environment is added to the container's
 * @param environment added before that of the command
 * @param terminal a terminal of this size instead of three streams
 * @param silent whether its input is empty and its output thrown away, so that its session has nothing to be read
 */
public record ExecSpec(
        CommandInfo command, Map<String, String> environment, Optional<TTYInfo> terminal, boolean silent) {
    public ExecSpec {
        environment = new LinkedHashMap<>(environment);
    }

    public static ExecSpec of(CommandInfo command) {
        return new ExecSpec(command, Map.of(), Optional.empty(), false);
    }

    /** One whose exit status is all that is asked for. */
    public static ExecSpec silent(CommandInfo command) {
        return new ExecSpec(command, Map.of(), Optional.empty(), true);
    }

    public ExecSpec withTerminal(TTYInfo terminalInfo) {
        return new ExecSpec(command, environment, Optional.of(terminalInfo), false);
    }
}
