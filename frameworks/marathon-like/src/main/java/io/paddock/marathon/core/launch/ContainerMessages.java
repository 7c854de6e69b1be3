package io.paddock.marathon.core.launch;

import io.paddock.marathon.core.launch.PortNames.TaskPort;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Container;
import io.paddock.marathon.core.model.Container.Image;
import io.paddock.marathon.core.model.Container.LinuxInfo;
import io.paddock.marathon.core.model.Networking.Mode;
import io.paddock.marathon.core.model.Networking.Network;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.NetworkInfo;
import io.paddock.proto.v1.Parameter;
import io.paddock.proto.v1.TTYInfo;
import io.paddock.proto.v1.Volume;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The container of a task: DOCKER and MESOS forms of image, networks, port mappings and volumes. */
final class ContainerMessages {
    /** The CNI network that stands for Docker's bridge in MESOS containers. Source: Marathon's default. */
    static final String BRIDGE_NETWORK = "mesos-bridge";

    private ContainerMessages() {}

    static Optional<ContainerInfo> container(App app, List<TaskPort> ports) {
        Container container = app.container();
        boolean plain = !container.exists() && app.networking().isHost();
        if (plain && app.command().tty() == null) {
            return Optional.empty();
        }
        ContainerInfo.Builder message = ContainerInfo.newBuilder();
        for (Container.Volume v : container.volumes()) {
            message.addVolumesBuilder()
                    .setContainerPath(v.containerPath())
                    .setHostPath(v.hostPath())
                    .setMode(v.readOnly() ? Volume.Mode.RO : Volume.Mode.RW);
        }
        if (container.type() == Container.Type.DOCKER) {
            message.setType(ContainerInfo.Type.DOCKER).setDocker(docker(app, ports));
            addUserNetwork(app, message);
        } else {
            message.setType(ContainerInfo.Type.MESOS);
            Image image = container.image();
            if (image != null) {
                message.getMesosBuilder()
                        .getImageBuilder()
                        .setType(io.paddock.proto.v1.Image.Type.DOCKER)
                        .setCached(!image.forcePull())
                        .getDockerBuilder()
                        .setName(image.name());
            }
            addNetworks(app, ports, message);
        }
        addLinuxInfo(container.linuxInfo(), message);
        if (Boolean.TRUE.equals(app.command().tty())) {
            message.setTtyInfo(TTYInfo.getDefaultInstance());
        }
        return Optional.of(message.build());
    }

    private static ContainerInfo.DockerInfo docker(App app, List<TaskPort> ports) {
        ContainerInfo.DockerInfo.Builder docker = ContainerInfo.DockerInfo.newBuilder();
        Image image = app.container().image();
        if (image != null) {
            docker.setImage(image.name()).setForcePullImage(image.forcePull()).setPrivileged(image.privileged());
            image.parameters()
                    .forEach(p -> docker.addParameters(
                            Parameter.newBuilder().setKey(p.key()).setValue(p.value())));
        }
        docker.setNetwork(network(app.networking().networks()));
        for (TaskPort port : mapped(app, ports)) {
            for (String protocol : port.protocol().split(",", -1)) {
                docker.addPortMappingsBuilder()
                        .setHostPort(port.hostPort())
                        .setContainerPort(port.effective())
                        .setProtocol(protocol);
            }
        }
        return docker.build();
    }

    private static ContainerInfo.DockerInfo.Network network(List<Network> networks) {
        switch (networks.isEmpty() ? Mode.HOST : networks.get(0).mode()) {
            case HOST:
                return ContainerInfo.DockerInfo.Network.HOST;
            case BRIDGE:
                return ContainerInfo.DockerInfo.Network.BRIDGE;
            case CONTAINER:
                return ContainerInfo.DockerInfo.Network.USER;
        }
        throw new AssertionError(networks);
    }

    private static void addUserNetwork(App app, ContainerInfo.Builder message) {
        for (Network n : app.networking().networks()) {
            if (n.mode() == Mode.CONTAINER && n.name() != null) {
                message.addNetworkInfosBuilder().setName(n.name()).setLabels(TaskFactory.labels(n.labels()));
            }
        }
    }

    private static void addNetworks(App app, List<TaskPort> ports, ContainerInfo.Builder message) {
        boolean first = true;
        for (Network n : app.networking().networks()) {
            if (n.mode() == Mode.HOST) {
                continue;
            }
            String name = n.mode() == Mode.BRIDGE || n.name() == null ? BRIDGE_NETWORK : n.name();
            NetworkInfo.Builder info = message.addNetworkInfosBuilder().setName(name);
            if (!n.labels().isEmpty()) {
                info.setLabels(TaskFactory.labels(n.labels()));
            }
            for (int i = 0; i < ports.size(); i++) {
                List<String> only = app.container().portMappings().get(i).networkNames();
                TaskPort port = ports.get(i);
                if (port.hostPort() > 0 && (only.isEmpty() ? first : only.contains(name))) {
                    for (String protocol : port.protocol().split(",", -1)) {
                        info.addPortMappingsBuilder()
                                .setHostPort(port.hostPort())
                                .setContainerPort(port.effective())
                                .setProtocol(protocol);
                    }
                }
            }
            first = false;
        }
    }

    private static List<TaskPort> mapped(App app, List<TaskPort> ports) {
        return app.networking().isHost()
                ? List.of()
                : ports.stream().filter(p -> p.hostPort() > 0).toList();
    }

    private static void addLinuxInfo(@Nullable LinuxInfo info, ContainerInfo.Builder message) {
        if (info == null) {
            return;
        }
        var linux = message.getLinuxInfoBuilder();
        if (info.seccompProfile() != null) {
            linux.getSeccompBuilder().setProfileName(info.seccompProfile());
        }
        if (info.seccompUnconfined() != null) {
            linux.getSeccompBuilder().setUnconfined(info.seccompUnconfined());
        }
        if (info.ipcMode() != null) {
            linux.setIpcMode(io.paddock.proto.v1.LinuxInfo.IpcMode.valueOf(info.ipcMode()));
        }
        if (info.shmSize() != null) {
            linux.setShmSize(info.shmSize());
        }
    }
}
