package io.paddock.marathon.core.launch;

import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Container.PortMapping;
import io.paddock.marathon.core.model.Networking.PortDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** The ports an instance has, whatever kind of network they are declared for. */
public final class PortNames {
    /**
     * One port of one instance.
     *
     * @param declared the number that was declared: the service port on the host network, else the container port; may be 0
     * @param hostPort the port on the host, or 0 when it has none
     * @param effective the number the task listens on from where it is: the host port on the host network, else the
     *     container port, or the host port where that is 0
     * @param servicePort the port load balancers should open
     */
    public record TaskPort(
            int declared,
            int hostPort,
            int effective,
            int servicePort,
            String protocol,
            @Nullable String name,
            SortedMap<String, String> labels) {

        /** The number others reach it by on the agent's host, or else in its own network. */
        public int reachable() {
            return hostPort > 0 ? hostPort : effective;
        }
    }

    private PortNames() {}

    /** The ports of an instance that was given these host ports. */
    public static List<TaskPort> of(App app, List<Integer> hostPorts) {
        List<TaskPort> ports = new ArrayList<>();
        if (app.networking().isHost()) {
            for (int i = 0; i < app.networking().portDefinitions().size(); i++) {
                PortDefinition p = app.networking().portDefinitions().get(i);
                int host = i < hostPorts.size() ? hostPorts.get(i) : 0;
                ports.add(new TaskPort(p.port(), host, host, p.port(), p.protocol(), p.name(), p.labels()));
            }
            return ports;
        }
        for (int i = 0; i < app.container().portMappings().size(); i++) {
            PortMapping m = app.container().portMappings().get(i);
            int host = i < hostPorts.size() ? hostPorts.get(i) : 0;
            int inside = m.containerPort() > 0 ? m.containerPort() : host;
            ports.add(
                    new TaskPort(m.containerPort(), host, inside, m.servicePort(), m.protocol(), m.name(), m.labels()));
        }
        return ports;
    }

    /** How many ports an app declares. */
    public static int count(App app) {
        return app.networking().isHost()
                ? app.networking().portDefinitions().size()
                : app.container().portMappings().size();
    }
}
