package io.paddock.agent.server.containers.networks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.platform.json.Json;
import io.paddock.proto.v1.NetworkInfo;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which networks lead ports of the host into a container. The plugins are scripts that keep what they are told. */
class PortMappersTest {
    private static final String BOX = "box";

    @TempDir
    private Path directory;

    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    private Networks networks;

    @BeforeEach
    void configure() throws Exception {
        for (String each : List.of("netns", "plugins", "configurations", "told")) {
            Files.createDirectory(directory.resolve(each));
        }
        for (String each : List.of("loopback", "macvlan", "mesos-cni-port-mapper", "portmap")) {
            Path plugin = directory.resolve("plugins").resolve(each);
            Files.writeString(
                    plugin,
                    "#!/bin/sh\ncat >" + directory.resolve("told") + "/$CNI_COMMAND-" + each
                            + "\necho '{\"ips\":[]}'\n");
            Files.setPosixFilePermissions(plugin, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        network("direct", "{\"type\":\"macvlan\"}");
        network("forgotten", "{\"type\":\"macvlan\"},{\"type\":\"portmap\"}");
        network("chained", "{\"type\":\"macvlan\"},{\"type\":\"portmap\",\"capabilities\":{\"portMappings\":true}}");
        network("mesos", "{\"type\":\"mesos-cni-port-mapper\",\"delegate\":{\"type\":\"macvlan\"}}");
        networks = new Networks(
                "tag",
                "bridge",
                directory.resolve("netns"),
                directory.resolve("ports"),
                directory,
                Optional.of(directory.resolve("configurations")),
                directory.resolve("plugins"),
                new Tools(timers));
    }

    private void network(String name, String plugins) throws Exception {
        Files.writeString(
                directory.resolve("configurations").resolve(name + ".conflist"),
                "{\"name\":\"" + name + "\",\"cniVersion\":\"0.4.0\",\"plugins\":[" + plugins + "]}");
    }

    @AfterEach
    void leave() throws Exception {
        networks.leave(BOX, directory);
        networks.letGo();
        timers.shutdownNow();
    }

    private List<NetworkInfo> join(String network, PortMapping... ports) throws Exception {
        NetworkInfo info = NetworkInfo.newBuilder().setName(network).build();
        return networks.join(
                BOX, directory, List.of(new Attachment(network, List.of(ports), info)), new Cancellation());
    }

    private JsonNode told(String plugin) throws Exception {
        return Json.mapper()
                .readTree(directory.resolve("told").resolve("ADD-" + plugin).toFile());
    }

    @Test
    void portsThatNoPluginMapsAreRefusedBeforeAnythingIsJoined() throws Exception {
        PortMapping port = new PortMapping(free(), 80, "tcp");
        for (String network : List.of("direct", "forgotten")) {
            assertThatThrownBy(() -> join(network, port))
                    .hasMessage("host port " + port.hostPort() + "/tcp cannot lead to port 80: network " + network
                            + " has no plugin that maps ports, such as portmap with the capability portMappings");
        }
        assertThat(directory.resolve("told")).isEmptyDirectory();
        assertThat(networks.namespace(BOX)).doesNotExist();
        assertThat(join("direct")).hasSize(1);
    }

    @Test
    void oneWithTheCapabilityIsToldOfThem() throws Exception {
        PortMapping port = new PortMapping(free(), 80, "tcp");
        assertThat(join("chained", port).get(0).getPortMappings(0).getHostPort())
                .isEqualTo(port.hostPort());
        assertThat(told("portmap").at("/runtimeConfig/portMappings/0/hostPort").asInt())
                .isEqualTo(port.hostPort());
        assertThat(told("macvlan").has("runtimeConfig")).isFalse();
    }

    /** Those made for Mesos have no capability; the mappings of type DOCKER are not in the framework's network_info. */
    @Test
    void othersMayFindThemInTheirArguments() throws Exception {
        PortMapping port = new PortMapping(free(), 80, "udp");
        join("mesos", port);
        JsonNode mapping = told("mesos-cni-port-mapper")
                .path("args")
                .path("org.apache.mesos")
                .at("/network_info/port_mappings/0");
        assertThat(mapping.path("host_port").asInt()).isEqualTo(port.hostPort());
        assertThat(mapping.path("container_port").asInt()).isEqualTo(80);
        assertThat(mapping.path("protocol").asText()).isEqualTo("udp");
    }

    @Test
    void mappingsThatNameNoNetworkBelongToTheSurestOne() {
        assertThat(networks.portMapper(List.of("direct", "mesos", "chained"))).isEqualTo("chained");
        assertThat(networks.portMapper(List.of("mesos", "bridge"))).isEqualTo("bridge");
        assertThat(networks.portMapper(List.of("direct", "mesos"))).isEqualTo("mesos");
        assertThat(networks.portMapper(List.of("direct", "forgotten"))).isEqualTo("direct");
        assertThat(networks.portMapper(List.of("nowhere", "direct"))).isEqualTo("nowhere");
    }

    private static int free() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
