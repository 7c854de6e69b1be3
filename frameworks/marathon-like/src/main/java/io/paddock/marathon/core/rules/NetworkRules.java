package io.paddock.marathon.core.rules;

import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Container;
import io.paddock.marathon.core.model.Container.PortMapping;
import io.paddock.marathon.core.model.Container.Volume;
import io.paddock.marathon.core.model.Networking.Mode;
import io.paddock.marathon.core.model.Networking.Network;
import io.paddock.marathon.core.model.Networking.PortDefinition;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Rules of networks, ports and volumes. */
final class NetworkRules {
    private static final int MAX_PORT = 65535;
    private static final Set<String> PROTOCOLS = Set.of("tcp", "udp", "udp,tcp");

    private final App app;
    private final Found found;
    private final Set<String> names = new HashSet<>();
    private final Set<Integer> numbers = new HashSet<>();

    private NetworkRules(App app, Found found) {
        this.app = app;
        this.found = found;
    }

    static void check(App app, Found found) {
        NetworkRules rules = new NetworkRules(app, found);
        rules.checkNetworks();
        rules.checkDefinitions();
        rules.checkMappings();
        for (int i = 0; i < app.container().volumes().size(); i++) {
            Volume volume = app.container().volumes().get(i);
            if (volume.containerPath().isEmpty()) {
                found.add("/container/volumes(" + i + ")/containerPath", "must not be empty");
            }
            if (volume.hostPath().isEmpty()) {
                found.add("/container/volumes(" + i + ")/hostPath", "must not be empty");
            }
        }
    }

    private void checkNetworks() {
        List<Network> networks = app.networking().networks();
        Set<Mode> modes = new HashSet<>();
        Set<String> used = new HashSet<>();
        for (int i = 0; i < networks.size(); i++) {
            Network network = networks.get(i);
            String path = "/networks(" + i + ")";
            modes.add(network.mode());
            if (network.mode() == Mode.CONTAINER
                    && (network.name() == null || network.name().isEmpty())) {
                found.add(path + "/name", "must be given for a container network");
            }
            if (network.mode() != Mode.CONTAINER && network.name() != null) {
                found.add(path + "/name", "can be given for container networks only");
            }
            if (network.mode() == Mode.HOST && !network.labels().isEmpty()) {
                found.add(path + "/labels", "cannot be given for the host network");
            }
            if (network.name() != null && !used.add(network.name())) {
                found.add(path + "/name", "is used twice: '" + network.name() + "'");
            }
        }
        if (networks.size() > 1 && (modes.size() > 1 || !modes.contains(Mode.CONTAINER))) {
            found.add("/networks", "must be one host network, one bridge network, or container networks");
        }
        if (networks.size() > 1 && app.container().type() == Container.Type.DOCKER) {
            found.add("/networks", "must be one at most with container type DOCKER");
        }
    }

    private void checkDefinitions() {
        List<PortDefinition> definitions = app.networking().portDefinitions();
        for (int i = 0; i < definitions.size(); i++) {
            PortDefinition p = definitions.get(i);
            String path = "/portDefinitions(" + i + ")";
            checkNumber(path + "/port", p.port());
            if (p.port() > 0 && !numbers.add(p.port())) {
                found.add("/portDefinitions", "must not have a port twice: " + p.port());
            }
            checkProtocol(path, p.protocol());
            checkName(path, p.name());
        }
    }

    private void checkMappings() {
        List<PortMapping> mappings = app.container().portMappings();
        Set<String> networks = new HashSet<>();
        app.networking().networks().forEach(n -> networks.add(String.valueOf(n.name())));
        for (int i = 0; i < mappings.size(); i++) {
            PortMapping m = mappings.get(i);
            String path = "/container/portMappings(" + i + ")";
            checkNumber(path + "/containerPort", m.containerPort());
            checkNumber(path + "/servicePort", m.servicePort());
            Integer hostPort = m.hostPort();
            checkNumber(path + "/hostPort", hostPort == null ? 0 : hostPort);
            if (hostPort == null && m.containerPort() == 0 && networks.size() == 1 && mappings.size() > 1) {
                found.add(path + "/containerPort", "must be given where there is no host port");
            }
            checkProtocol(path, m.protocol());
            checkName(path, m.name());
            if (!networks.containsAll(m.networkNames())) {
                found.add(path + "/networkNames", "must be names of the app's networks, is " + m.networkNames());
            }
            boolean ambiguous = networks.size() > 1 && m.networkNames().size() != 1;
            if (hostPort != null && ambiguous) {
                found.add(path + "/networkNames", "must name the one network a host port leads to");
            }
        }
    }

    private void checkNumber(String path, int port) {
        if (port < 0 || port > MAX_PORT) {
            found.add(path, "must be between 0 and " + MAX_PORT + ", is " + port);
        }
    }

    private void checkProtocol(String path, String protocol) {
        if (!PROTOCOLS.contains(protocol)) {
            found.add(path + "/protocol", "must be tcp, udp or 'udp,tcp', is '" + protocol + "'");
        }
    }

    private void checkName(String path, @Nullable String name) {
        if (name != null && !name.matches("[a-z0-9]([a-z0-9-]*[a-z0-9])?")) {
            found.add(path + "/name", "must be lowercase letters, digits and hyphens (inside), is '" + name + "'");
        } else if (name != null && !names.add(name)) {
            found.add(path + "/name", "is used twice: '" + name + "'");
        }
    }
}
