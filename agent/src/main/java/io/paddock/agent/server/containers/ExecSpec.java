package io.paddock.agent.server.containers;

import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.TTYInfo;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A further process for a running container.
 *
 * @param command shell or argv, as in {@link ContainerSpec}; its environment is added to the container's
 * @param environment added before that of the command
 * @param terminal a terminal of this size instead of three streams
 * @param scope where it runs
 */
public record ExecSpec(CommandInfo command, Map<String, String> environment, Optional<TTYInfo> terminal, Scope scope) {
    /** How far inside the process runs. */
    public enum Scope {
        /** In all namespaces and the cgroup of the container, with the container's programs. */
        CONTAINER,
        /** A program of the host that only shares the container's network: for probes. */
        NETWORK
    }

    public ExecSpec {
        environment = new LinkedHashMap<>(environment);
    }

    public static ExecSpec of(CommandInfo command) {
        return new ExecSpec(command, Map.of(), Optional.empty(), Scope.CONTAINER);
    }

    public ExecSpec withTerminal(TTYInfo terminalInfo) {
        return new ExecSpec(command, environment, Optional.of(terminalInfo), scope);
    }
}
