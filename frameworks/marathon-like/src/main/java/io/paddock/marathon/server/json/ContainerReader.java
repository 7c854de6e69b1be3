package io.paddock.marathon.server.json;

import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Container;
import io.paddock.marathon.core.model.Container.Image;
import io.paddock.marathon.core.model.Container.LinuxInfo;
import io.paddock.marathon.core.model.Container.Parameter;
import io.paddock.marathon.core.model.Container.PortMapping;
import io.paddock.marathon.core.model.Container.Volume;
import io.paddock.marathon.core.model.Networking;
import io.paddock.marathon.core.model.Networking.Mode;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads containers: images, port mappings, volumes. */
final class ContainerReader {
    private ContainerReader() {}

    static Container container(JsonIn in, @Nullable App base, Networking networking) {
        Optional<JsonIn> given = in.object("container");
        if (given.isEmpty()) {
            return kept(in, base, networking);
        }
        JsonIn c = given.get();
        Optional<JsonIn> docker = c.object("docker");
        Container.Type type = c.oneOf("type", Container.Type.class, Container.Type.DOCKER);
        if (type == Container.Type.NONE) {
            c.wrong("type", "error.unknown.enum.literal: expected DOCKER or MESOS");
        }
        if (type == Container.Type.DOCKER && docker.isEmpty()) {
            c.wrong("docker", "must be given with container type DOCKER");
        }
        docker.filter(d -> d.has("credential"))
                .ifPresent(d -> d.wrong("credential", "is not supported; log the agents in to the registry"));
        docker.filter(d -> d.has("pullConfig"))
                .ifPresent(d -> d.wrong("pullConfig", "the feature 'secrets' is not available"));
        return new Container(
                type,
                docker.filter(d -> type == Container.Type.DOCKER || d.has("image"))
                        .map(ContainerReader::image)
                        .orElse(null),
                mappings(c, docker, networking),
                c.list("volumes", ContainerReader::volume),
                c.object("linuxInfo").map(ContainerReader::linuxInfo).orElse(null));
    }

    private static Container kept(JsonIn in, @Nullable App base, Networking networking) {
        Container before = base == null ? Container.NONE : base.container();
        if (networking.isHost()) {
            return before.withPortMappings(List.of());
        }
        boolean sameMode = base != null
                && !base.networking().isHost()
                && base.networking().networks().get(0).mode()
                        == networking.networks().get(0).mode();
        if (sameMode) {
            return before;
        }
        List<PortMapping> mappings = legacyPorts(in, networking);
        return before.exists()
                ? before.withPortMappings(mappings)
                : new Container(Container.Type.MESOS, null, mappings, List.of(), null);
    }

    /** Before 1.5 the ports of an app with an IP address of its own stood in {@code ipAddress.discovery}. */
    private static List<PortMapping> legacyPorts(JsonIn in, Networking networking) {
        Optional<JsonIn> discovery = in.object("ipAddress").flatMap(i -> i.object("discovery"));
        if (discovery.isEmpty() || !discovery.get().has("ports")) {
            return List.of(defaultMapping(networking));
        }
        return discovery
                .get()
                .list(
                        "ports",
                        p -> new PortMapping(
                                p.integer("number", 0, 0),
                                null,
                                0,
                                String.valueOf(p.text("protocol", "tcp")),
                                p.text("name", null),
                                p.textMap("labels"),
                                List.of()));
    }

    private static Image image(JsonIn docker) {
        return new Image(
                docker.requiredText("image"),
                docker.flag("forcePullImage", false),
                docker.flag("privileged", false),
                docker.list("parameters", p -> new Parameter(p.requiredText("key"), p.requiredText("value"))));
    }

    private static List<PortMapping> mappings(JsonIn container, Optional<JsonIn> docker, Networking networking) {
        boolean legacy = docker.map(d -> d.has("portMappings")).orElse(false);
        JsonIn where = legacy && !container.has("portMappings") ? docker.get() : container;
        if (networking.isHost()) {
            if (!where.array("portMappings").isEmpty()) {
                where.wrong("portMappings", "cannot be used with the host network; use portDefinitions");
            }
            return List.of();
        }
        if (!where.has("portMappings")) {
            return List.of(defaultMapping(networking));
        }
        boolean bridge = networking.networks().get(0).mode() == Mode.BRIDGE;
        return where.list("portMappings", m -> {
            Integer hostPort = m.integer("hostPort", 0);
            return new PortMapping(
                    m.integer("containerPort", 0, 0),
                    hostPort == null && bridge ? Integer.valueOf(0) : hostPort,
                    m.integer("servicePort", 0, 0),
                    String.valueOf(m.text("protocol", "tcp")),
                    m.text("name", null),
                    m.textMap("labels"),
                    m.texts("networkNames"));
        });
    }

    private static PortMapping defaultMapping(Networking networking) {
        boolean bridge = networking.networks().get(0).mode() == Mode.BRIDGE;
        return new PortMapping(0, bridge ? Integer.valueOf(0) : null, 0, "tcp", "default", new TreeMap<>(), List.of());
    }

    private static Volume volume(JsonIn in) {
        for (String kind : List.of("persistent", "external", "secret")) {
            if (in.has(kind)) {
                in.wrong(kind, "volumes of this kind are not supported; use a hostPath");
                return new Volume("", "", false);
            }
        }
        String mode = String.valueOf(in.text("mode", "RW"));
        if (!mode.equals("RO") && !mode.equals("RW")) {
            in.wrong("mode", "error.unknown.enum.literal: expected RO or RW");
        }
        return new Volume(in.requiredText("containerPath"), in.requiredText("hostPath"), mode.equals("RO"));
    }

    private static LinuxInfo linuxInfo(JsonIn in) {
        Optional<JsonIn> seccomp = in.object("seccomp");
        Optional<JsonIn> ipc = in.object("ipcInfo");
        return new LinuxInfo(
                seccomp.map(s -> s.text("profileName", null)).orElse(null),
                seccomp.map(s -> s.flag("unconfined")).orElse(null),
                ipc.map(i -> i.text("mode", null)).orElse(null),
                ipc.map(i -> i.integer("shmSize", 0)).orElse(null));
    }
}
