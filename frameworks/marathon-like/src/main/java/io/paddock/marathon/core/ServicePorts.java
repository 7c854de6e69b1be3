package io.paddock.marathon.core;

import io.paddock.common.Rejection;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Container.PortMapping;
import io.paddock.marathon.core.model.Networking;
import io.paddock.marathon.core.model.Networking.PortDefinition;
import io.paddock.marathon.core.model.PathId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/**
 * Gives every port without a service port one of its own: first those the app had before, then free ones of the range in
 * turn.
 */
final class ServicePorts {
    private final State state;
    private final int min;
    private final int max;
    private int next;

    ServicePorts(State state, int min, int max) {
        this.state = state;
        this.min = min;
        this.max = max;
        this.next = min;
    }

    /**
     * Assigns ports.
     *
     * @param wanted the apps, with zeros
     * @param assigned gets the apps without zeros
     * @return why it was not possible
     */
    Optional<Refusal> assign(SortedMap<PathId, App> wanted, SortedMap<PathId, App> assigned) {
        Set<Integer> taken = new HashSet<>();
        wanted.values().forEach(app -> taken.addAll(portsOf(app)));
        for (App app : wanted.values()) {
            Deque<Integer> own = new ArrayDeque<>();
            App before = state.apps().get(app.id());
            if (before != null) {
                portsOf(before).stream()
                        .filter(p -> p > 0 && !portsOf(app).contains(p))
                        .forEach(own::add);
            }
            List<PortDefinition> definitions = new ArrayList<>();
            for (PortDefinition p : app.networking().portDefinitions()) {
                definitions.add(p.port() > 0 ? p : p.withPort(pick(own, taken)));
            }
            List<PortMapping> mappings = new ArrayList<>();
            for (PortMapping m : app.container().portMappings()) {
                mappings.add(m.servicePort() > 0 ? m : m.withServicePort(pick(own, taken)));
            }
            if (definitions.stream().anyMatch(p -> p.port() < 0)
                    || mappings.stream().anyMatch(m -> m.servicePort() < 0)) {
                return Optional.of(Refusal.of(new Rejection(
                        Rejection.Code.UNAVAILABLE,
                        "no free service port is left in " + min + "-" + max
                                + "; give ports yourself or widen --local-port-min/--local-port-max")));
            }
            assigned.put(
                    app.id(),
                    app.withNetworking(
                            new Networking(
                                    app.networking().networks(),
                                    definitions,
                                    app.networking().requirePorts()),
                            app.container().withPortMappings(mappings)));
        }
        return Optional.empty();
    }

    private int pick(Deque<Integer> own, Set<Integer> taken) {
        while (!own.isEmpty()) {
            int port = own.removeFirst();
            if (taken.add(port)) {
                return port;
            }
        }
        for (int tried = min; tried <= max; tried++) {
            int port = next;
            next = next >= max ? min : next + 1;
            if (!state.isServicePortUsed(port) && taken.add(port)) {
                return port;
            }
        }
        return -1;
    }

    private static List<Integer> portsOf(App app) {
        List<Integer> ports = new ArrayList<>();
        app.networking().portDefinitions().forEach(p -> ports.add(p.port()));
        app.container().portMappings().forEach(m -> ports.add(m.servicePort()));
        return ports;
    }
}
