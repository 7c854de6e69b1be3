package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.ContainerIds;
import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.DefaultDns;
import io.paddock.agent.server.containers.engine.ContainerRecord;
import io.paddock.agent.server.containers.engine.Hook;
import io.paddock.agent.server.containers.engine.Launch;
import io.paddock.agent.server.containers.networks.Attachment;
import io.paddock.agent.server.containers.networks.Networks;
import io.paddock.agent.server.containers.networks.PortMapping;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.NetworkInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The container's network: the host's, its parent's, or a namespace of its own that joins networks or none; with the name
 * files (hosts, hostname, resolv.conf) that go with it.
 */
final class NetworkHook implements Hook {
    private static final Logger LOG = LoggerFactory.getLogger(NetworkHook.class);
    private static final int HIGHEST_PORT = 0xffff;

    private final Networks networks;
    private final DefaultDns dns;

    NetworkHook(Networks networks, DefaultDns dns) {
        this.networks = networks;
        this.dns = dns;
    }

    @Override
    public String name() {
        return "network";
    }

    @Override
    public void prepare(Launch launch) throws IOException {
        OciLaunch oci = (OciLaunch) launch;
        ContainerSpec spec = oci.spec();
        Optional<List<Attachment>> wanted = wanted(spec.container(), networks::portMapper);
        Path namespace = networks.namespace(oci.record().name());
        if (wanted.isPresent()) {
            oci.networks()
                    .addAll(networks.join(
                            oci.record().name(), oci.record().directory(), wanted.get(), oci.cancellation()));
        } else {
            namespace = inherited(oci);
        }
        boolean own = Files.exists(namespace);
        if (own) {
            oci.runIn(namespace);
        }
        if (!oci.hasProcess()) {
            return;
        }
        if (own && wanted.isEmpty()) {
            oci.networks().addAll(oci.inheritedNetworks());
        }
        if (own) {
            oci.config().joinNamespace(OciConfig.NETWORK, namespace);
        }
        NameFiles.prepare(oci, own, dns);
        address(oci);
    }

    /** The host's ports that it asks for; none where they cannot be read, as its launch will tell. */
    static Set<String> hostPorts(ContainerSpec spec) {
        try {
            return wanted(spec.container(), names -> names.get(0)).orElse(List.of()).stream()
                    .flatMap(attachment -> attachment.ports().stream())
                    .map(PortMapping::text)
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            return Set.of();
        }
    }

    /** Empty: no network of its own. An empty list: its own, joined to nothing. */
    private static Optional<List<Attachment>> wanted(
            Optional<ContainerInfo> container, Function<List<String>, String> portMapper) throws IOException {
        if (container.isEmpty()) {
            return Optional.empty();
        }
        ContainerInfo info = container.get();
        if (info.getType() == ContainerInfo.Type.DOCKER) {
            return docker(info, portMapper);
        }
        List<Attachment> attachments = new ArrayList<>();
        for (NetworkInfo network : info.getNetworkInfosList()) {
            if (network.hasName()) {
                attachments.add(new Attachment(network.getName(), ports(network), network));
            }
        }
        return attachments.isEmpty() ? Optional.empty() : Optional.of(attachments);
    }

    private static Optional<List<Attachment>> docker(ContainerInfo info, Function<List<String>, String> portMapper)
            throws IOException {
        ContainerInfo.DockerInfo docker = info.getDocker();
        List<PortMapping> ports = new ArrayList<>();
        for (ContainerInfo.DockerInfo.PortMapping port : docker.getPortMappingsList()) {
            ports.add(port(port.getHostPort(), port.getContainerPort(), port.getProtocol()));
        }
        return switch (docker.getNetwork()) {
            case HOST -> {
                if (!ports.isEmpty()) {
                    throw new IOException("port mappings need network BRIDGE or USER, got HOST");
                }
                yield Optional.empty();
            }
            case NONE -> Optional.of(List.of());
            case BRIDGE ->
                Optional.of(
                        List.of(new Attachment(Networks.BRIDGE_NAMES.get(0), ports, NetworkInfo.getDefaultInstance())));
            case USER -> {
                if (info.getNetworkInfosCount() == 0 || !info.getNetworkInfos(0).hasName()) {
                    throw new IOException("container.network_infos[0].name expected for network USER");
                }
                yield Optional.of(user(info.getNetworkInfosList(), ports, portMapper));
            }
        };
    }

    /** Mesos takes one; here several may be joined, and the mappings, which name none, are those of the one that maps ports. */
    private static List<Attachment> user(
            List<NetworkInfo> wanted, List<PortMapping> ports, Function<List<String>, String> portMapper) {
        List<NetworkInfo> named = wanted.stream().filter(NetworkInfo::hasName).toList();
        List<String> names = named.stream().map(NetworkInfo::getName).toList();
        NetworkInfo mapping = named.get(names.indexOf(portMapper.apply(names)));
        return named.stream()
                .map(network -> new Attachment(network.getName(), network == mapping ? ports : List.of(), network))
                .toList();
    }

    private static List<PortMapping> ports(NetworkInfo network) throws IOException {
        List<PortMapping> ports = new ArrayList<>();
        for (NetworkInfo.PortMapping port : network.getPortMappingsList()) {
            ports.add(port(port.getHostPort(), port.getContainerPort(), port.getProtocol()));
        }
        return ports;
    }

    private static PortMapping port(int hostPort, int containerPort, String protocol) throws IOException {
        String name = protocol.isEmpty() ? "tcp" : protocol.toLowerCase(java.util.Locale.ROOT);
        if (!List.of("tcp", "udp").contains(name)) {
            throw new IOException("port mapping protocol tcp or udp expected, got " + protocol);
        }
        for (int number : new int[] {hostPort, containerPort}) {
            if (number < 1 || number > HIGHEST_PORT) {
                throw new IOException("port mapping: host_port and container_port from 1 to 65535 expected, got "
                        + Integer.toUnsignedString(hostPort) + " and " + Integer.toUnsignedString(containerPort));
            }
        }
        return new PortMapping(hostPort, containerPort, name);
    }

    /** The namespace of the nearest ancestor that has one. */
    private Path inherited(OciLaunch oci) {
        ContainerID id = oci.spec().id();
        while (id.hasParent()) {
            id = id.getParent();
            Path namespace = networks.namespace(ContainerIds.text(id));
            if (Files.exists(namespace)) {
                return namespace;
            }
        }
        return networks.namespace(oci.record().name());
    }

    private static void address(OciLaunch oci) {
        oci.networks().stream()
                .flatMap(network -> network.getIpAddressesList().stream())
                .findFirst()
                .ifPresentOrElse(
                        ip -> {
                            oci.environment().put("MESOS_CONTAINER_IP", ip.getIpAddress());
                            oci.environment().put("LIBPROCESS_IP", ip.getIpAddress());
                        },
                        () -> hostAddress(oci));
    }

    /** Tasks of a group on the host's network are told the agent's address. */
    private static void hostAddress(OciLaunch oci) {
        String endpoint = oci.spec().environment().getOrDefault("MESOS_AGENT_ENDPOINT", "");
        int port = endpoint.lastIndexOf(':');
        if (oci.spec().id().hasParent() && port > 0) {
            oci.environment().put("MESOS_CONTAINER_IP", endpoint.substring(0, port));
        }
    }

    /** What an earlier agent had prepared goes on, whether all of it can be guarded again or not. */
    void resume(ContainerRecord record) {
        try {
            networks.resume(record.name(), record.directory());
        } catch (IOException e) {
            LOG.warn("{}: {}", record, e.getMessage());
        }
    }

    /** Leaves what was prepared to the next agent. */
    void close() {
        networks.letGo();
    }

    @Override
    public void cleanup(ContainerRecord record) throws IOException {
        networks.leave(record.name(), record.directory());
    }
}
