package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.NetworkInfo;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Several kinds of networks, several at once, and ports of the host. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class NetworksTest {
    @RegisterExtension
    static final SharedRegistry registry = new SharedRegistry();

    @TempDir
    Path configurations;

    private static ContainerSpec box(RunningContainers running, String script, NetworkInfo... networks) {
        ContainerInfo info = ContainerInfos.mesos(registry.name("box:1"))
                .addAllNetworkInfos(List.of(networks))
                .build();
        return running.spec(Optional.of(RunningContainers.sh(script)), Optional.of(info), Limits.requested(0.1, 64));
    }

    private void configure(String name, String plugin) throws Exception {
        Files.writeString(
                configurations.resolve(name + ".conflist"),
                "{\"name\":\"" + name + "\",\"cniVersion\":\"0.4.0\",\"plugins\":[" + plugin + "]}");
    }

    private String addresses(String subnet) {
        return "\"ipam\":{\"type\":\"host-local\",\"dataDir\":\"" + configurations.resolve("addresses")
                + "\",\"ranges\":[[{\"subnet\":\"" + subnet + "\"}]]}";
    }

    /** Two containers on a network that hangs on an interface of the host, here one end of a pair. */
    private void twoOnOneInterface(String type, String mode, String subnet) throws Exception {
        configure(
                type,
                "{\"type\":\"" + type + "\",\"master\":\"pdktest0\",\"mode\":\"" + mode + "\"," + addresses(subnet)
                        + "}");
        LocalRegistry.run(configurations, "ip", "link", "add", "pdktest0", "type", "veth", "peer", "name", "pdktest1");
        try (RunningContainers running =
                RunningContainers.isolated(options -> options.withCniConfigDir(configurations))) {
            LocalRegistry.run(configurations, "ip", "link", "set", "pdktest0", "up");
            LocalRegistry.run(configurations, "ip", "link", "set", "pdktest1", "up");
            ContainerSpec server = box(
                    running, "echo page > /tmp/index.html; exec httpd -f -p 80 -h /tmp", ContainerInfos.network(type));
            Launched launched = running.launch(server);
            ContainerSpec client = box(
                    running,
                    "until wget -q -O - http://" + launched.address() + "/index.html 2>/dev/null; do sleep 0.1; done;"
                            + " ls /sys/class/net | tr '\\n' ' '",
                    ContainerInfos.network(type));
            assertThat(running.run(client).succeeded()).isTrue();
            assertThat(RunningContainers.stdout(client)).isEqualTo("page\neth0 lo ");
        } finally {
            LocalRegistry.run(configurations, "ip", "link", "del", "pdktest0");
        }
    }

    @Test
    void macvlan() throws Exception {
        twoOnOneInterface("macvlan", "bridge", "10.250.78.0/28");
    }

    @Test
    void ipvlan() throws Exception {
        LocalRegistry.run(
                configurations, "ip", "link", "add", "pdkprobe0", "type", "veth", "peer", "name", "pdkprobe1");
        int refused;
        try {
            refused = new ProcessBuilder("ip", "link", "add", "link", "pdkprobe0", "pdkprobe2", "type", "ipvlan")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } finally {
            LocalRegistry.run(configurations, "ip", "link", "del", "pdkprobe0");
        }
        Assumptions.assumeTrue(refused == 0, "this kernel has no ipvlan");
        twoOnOneInterface("ipvlan", "l2", "10.250.79.0/28");
    }

    @Test
    void severalAtOnceWithTheirAddresses() throws Exception {
        configure("direct", "{\"type\":\"ptp\"," + addresses("10.250.76.0/29") + "}");
        try (RunningContainers running =
                RunningContainers.isolated(options -> options.withCniConfigDir(configurations))) {
            ContainerSpec spec = box(
                    running,
                    "ip -4 -o addr | awk '{print $2, $4}'; echo $MESOS_CONTAINER_IP; hostname; cat /etc/hostname",
                    ContainerInfos.network("mesos-bridge"),
                    ContainerInfos.network("direct"));
            Launched launched = running.launch(spec);
            assertThat(launched.networks()).extracting(NetworkInfo::getName).containsExactly("mesos-bridge", "direct");
            String first = launched.networks().get(0).getIpAddresses(0).getIpAddress();
            String second = launched.networks().get(1).getIpAddresses(0).getIpAddress();
            assertThat(second).startsWith("10.250.76.");
            assertThat(running.exit(spec).succeeded()).isTrue();
            String name = spec.id().getValue();
            assertThat(RunningContainers.stdout(spec))
                    .contains("eth0 " + first + "/24\n")
                    .contains("eth1 " + second)
                    .endsWith(first + "\n" + name + "\n" + name + "\n");
            assertThat(RunningContainers.get(running.containers().status(spec.id()))
                            .getNetworkInfosList())
                    .isEqualTo(launched.networks());
        }
    }

    /** Port mappings as Docker has them name no network. */
    @Test
    void ofSeveralNetworksTheOneThatMapsPortsGetsTheMappings() throws Exception {
        configure("direct", "{\"type\":\"ptp\"," + addresses("10.250.75.0/29") + "}");
        try (RunningContainers running =
                RunningContainers.isolated(options -> options.withCniConfigDir(configurations))) {
            ContainerInfo.Builder info = ContainerInfos.docker(registry.name("box:1"))
                    .addNetworkInfos(ContainerInfos.network("direct"))
                    .addNetworkInfos(ContainerInfos.network("bridge"));
            info.getDockerBuilder()
                    .setNetwork(ContainerInfo.DockerInfo.Network.USER)
                    .addPortMappings(ContainerInfo.DockerInfo.PortMapping.newBuilder()
                            .setHostPort(LocalRegistry.freePort())
                            .setContainerPort(8080));
            Launched launched = running.launch(running.spec(
                    Optional.of(RunningContainers.sh("sleep 1000")),
                    Optional.of(info.build()),
                    Limits.requested(0.1, 64)));
            assertThat(launched.networks())
                    .extracting(NetworkInfo::getName, NetworkInfo::getPortMappingsCount)
                    .containsExactly(tuple("direct", 0), tuple("bridge", 1));
        }
    }

    @Test
    void datagramsComeThroughMappedPortsAndTakenPortsAreRefused() throws Exception {
        int port = LocalRegistry.freePort();
        NetworkInfo mapped = NetworkInfo.newBuilder()
                .setName("mesos-bridge")
                .addPortMappings(NetworkInfo.PortMapping.newBuilder()
                        .setHostPort(port)
                        .setContainerPort(9000)
                        .setProtocol("udp"))
                .build();
        try (RunningContainers running = RunningContainers.isolated()) {
            // busybox has no program that listens for datagrams; the host's files have
            Assumptions.assumeTrue(
                    io.paddock.agent.server.containers.tools.Tools.find("perl").isPresent(), "perl is not installed");
            ContainerSpec spec = running.spec(
                    Optional.of(RunningContainers.sh("exec perl -MIO::Socket::INET -e '$| = 1;"
                            + " $s = IO::Socket::INET->new(Proto => \"udp\", LocalPort => 9000);"
                            + " print $d while $s->recv($d, 100);'")),
                    Optional.of(ContainerInfos.plain().addNetworkInfos(mapped).build()),
                    Limits.requested(0.1, 64));
            running.launch(spec);
            byte[] text = "datagram\n".getBytes(StandardCharsets.UTF_8);
            try (DatagramSocket socket = new DatagramSocket()) {
                Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> {
                    socket.send(new DatagramPacket(text, text.length, InetAddress.getByName("127.0.0.1"), port));
                    return RunningContainers.stdout(spec).contains("datagram");
                });
            }
            assertThat(running.refused(box(running, "true", mapped)))
                    .hasMessageStartingWith("host port " + port + "/udp leads to container");
            assertThatThrownBy(() -> new DatagramSocket(port))
                    .as("a program of the host that comes later")
                    .isInstanceOf(BindException.class);
            running.containers().close();
            new DatagramSocket(port).close();
            running.restart();
            assertThatThrownBy(() -> new DatagramSocket(port))
                    .as("with the next agent")
                    .isInstanceOf(BindException.class);
            running.destroy(spec);
            try (DatagramSocket taken = new DatagramSocket(port)) {
                assertThat(running.refused(box(running, "true", mapped)))
                        .hasMessageStartingWith("host port " + taken.getLocalPort() + "/udp is in use by a program");
            }
            try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
                NetworkInfo.Builder other = mapped.toBuilder();
                other.getPortMappingsBuilder(0)
                        .setHostPort(taken.getLocalPort())
                        .setProtocol("tcp");
                assertThat(running.refused(box(running, "true", other.build())))
                        .hasMessageStartingWith("host port " + taken.getLocalPort() + "/tcp is in use by a program");
            }
        }
    }

    @Test
    void mappedPortsAreReachedFromOutside() throws Exception {
        Optional<String> address = NetworkInterface.networkInterfaces()
                .filter(each ->
                        !each.getName().startsWith("pdk") && !each.getName().startsWith("veth"))
                .flatMap(NetworkInterface::inetAddresses)
                .filter(each -> each instanceof Inet4Address && !each.isLoopbackAddress())
                .map(InetAddress::getHostAddress)
                .findFirst();
        Assumptions.assumeTrue(address.isPresent(), "this machine has no address but the loopback's");
        configure(
                "outside",
                "{\"type\":\"ptp\","
                        + addresses("10.250.75.0/29").replaceFirst("}$", ",\"routes\":[{\"dst\":\"0.0.0.0/0\"}]}")
                        + "}");
        int port = LocalRegistry.freePort();
        NetworkInfo mapped = NetworkInfo.newBuilder()
                .setName("mesos-bridge")
                .addPortMappings(
                        NetworkInfo.PortMapping.newBuilder().setHostPort(port).setContainerPort(80))
                .build();
        try (RunningContainers running =
                RunningContainers.isolated(options -> options.withCniConfigDir(configurations))) {
            running.launch(box(running, "echo page > /tmp/index.html; exec httpd -f -p 80 -h /tmp", mapped));
            ContainerSpec client = box(
                    running,
                    "until wget -q -O - http://" + address.get() + ":" + port
                            + "/index.html 2>/dev/null; do sleep 0.1; done",
                    ContainerInfos.network("outside"));
            assertThat(running.run(client).succeeded()).isTrue();
            assertThat(RunningContainers.stdout(client)).isEqualTo("page\n");
        }
    }

    @Test
    void tasksOfAGroupKnowTheAddressOfTheGroup() throws Exception {
        ContainerInfo network = ContainerInfos.plain()
                .addNetworkInfos(ContainerInfos.network("mesos-bridge"))
                .build();
        try (RunningContainers running = RunningContainers.isolated()) {
            ContainerSpec pod = running.spec(Optional.empty(), Optional.of(network), Limits.requested(0.2, 128));
            Launched shared = running.launch(pod);
            ContainerSpec before = nested(pod, "before", Map.of());
            assertThat(running.launch(before).networks()).isEqualTo(shared.networks());
            running.restart();
            ContainerSpec after = nested(pod, "after", Map.of());
            assertThat(running.launch(after).networks()).isEqualTo(shared.networks());
            for (ContainerSpec each : List.of(before, after)) {
                running.exit(each);
                assertThat(RunningContainers.stdout(each)).isEqualTo(shared.address() + "\n");
            }
            ContainerSpec onTheHost = running.spec(Optional.empty(), Optional.empty(), Limits.requested(0.2, 128));
            running.launch(onTheHost);
            ContainerSpec task = nested(onTheHost, "task", Map.of("MESOS_AGENT_ENDPOINT", "10.1.2.3:5051"));
            assertThat(running.launch(task).networks()).isEmpty();
            running.exit(task);
            assertThat(RunningContainers.stdout(task)).isEqualTo("10.1.2.3\n");
        }
    }

    private static ContainerSpec nested(ContainerSpec parent, String name, Map<String, String> environment) {
        return new ContainerSpec(
                ContainerIds.nested(parent.id(), name),
                Optional.of(CommandInfo.newBuilder()
                        .setValue("echo $MESOS_CONTAINER_IP")
                        .build()),
                Optional.empty(),
                environment,
                Optional.empty(),
                parent.sandbox().resolve("containers").resolve(name),
                Limits.requested(0.1, 64),
                List.of());
    }
}
