package io.paddock.agent.server.containers;

import java.util.List;

/**
 * What the containers of this machine can do.
 *
 * @param runtime the name for logs and the agent's attributes: {@code crun}, {@code runc} or {@code processes}
 * @param cgroups {@code v1}, {@code v2}, or {@code none}
 * @param images whether images can be run
 * @param networks the CNI networks by name, besides host and none
 * @param warnings what is missing, one sentence each, to be said once at start
 */
public record Facilities(String runtime, String cgroups, boolean images, List<String> networks, List<String> warnings) {
    public Facilities {
        networks = List.copyOf(networks);
        warnings = List.copyOf(warnings);
    }

    /** Whether processes are isolated from one another at all. */
    public boolean isolating() {
        return !runtime.equals("processes");
    }
}
