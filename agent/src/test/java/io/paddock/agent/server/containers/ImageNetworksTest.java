package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.proto.v1.ContainerInfo;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The networks of containers of images: one of their own, one that they share, or none. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class ImageNetworksTest {
    @RegisterExtension
    static final SharedRegistry registry = new SharedRegistry();

    @RegisterExtension
    final RunningContainers running = RunningContainers.isolatedForEachTest();

    private final ImageContainers images = new ImageContainers(running, registry);

    @Test
    void isReachedThroughAMappedPortOfABridge() throws Exception {
        int port = LocalRegistry.freePort();
        ContainerInfo.Builder info = images.docker();
        info.getDockerBuilder()
                .setNetwork(ContainerInfo.DockerInfo.Network.BRIDGE)
                .addPortMappings(ContainerInfo.DockerInfo.PortMapping.newBuilder()
                        .setHostPort(port)
                        .setContainerPort(8080));
        ContainerSpec spec = images.spec(
                info, "cd /tmp; echo from the container > index.html; cat /etc/hosts; hostname; exec httpd -f -p 8080");
        Launched launched = running.launch(spec);
        assertThat(launched.networks()).hasSize(1);
        assertThat(launched.address()).startsWith("10.");
        assertThat(get("127.0.0.1", port)).isEqualTo("from the container\n");
        assertThat(get(launched.address(), 8080)).isEqualTo("from the container\n");
        assertThat(RunningContainers.stdout(spec))
                .contains(launched.address() + " " + spec.id().getValue())
                .endsWith(spec.id().getValue() + "\n");
        LaunchFailure used = running.refused(images.spec(info, "true"));
        assertThat(used)
                .hasMessage("host port " + port + "/tcp leads to container "
                        + spec.id().getValue());

        running.restart();
        assertThat(get("127.0.0.1", port)).isEqualTo("from the container\n");
        running.destroy(spec);
        assertThat(LocalRegistry.accepts(port)).isFalse();
    }

    @Test
    void podsShareOneNetwork() throws Exception {
        ContainerSpec pod = onBridge();
        Launched launched = running.launch(pod);
        assertThat(launched.pid()).isZero();
        ContainerSpec server = nested(pod, "server", "echo pod > index.html; exec httpd -f -p 8080");
        ContainerSpec client = nested(
                pod,
                "client",
                "until wget -q -O - http://127.0.0.1:8080/index.html; do sleep 0.1; done; cat /sys/class/net/eth0/address");
        running.launch(server);
        assertThat(running.run(client).succeeded()).isTrue();
        assertThat(RunningContainers.stdout(client)).startsWith("pod\n");
        assertThat(get(launched.address(), 8080)).isEqualTo("pod\n");
        running.destroy(pod);
        assertThat(running.containers().list()).isEmpty();
    }

    @Test
    void withoutANetworkThereIsOnlyTheLoopback() throws Exception {
        ContainerInfo.Builder info = images.docker();
        info.getDockerBuilder().setNetwork(ContainerInfo.DockerInfo.Network.NONE);
        ContainerSpec spec = images.spec(info, "ls /sys/class/net; ping -c 1 127.0.0.1 >/dev/null && echo up");
        assertThat(running.run(spec).succeeded()).isTrue();
        assertThat(RunningContainers.stdout(spec)).isEqualTo("lo\nup\n");
    }

    @Test
    void findsItselfByTheNameItWasGiven() throws Exception {
        String script = "ping -c 1 -W 5 $(hostname) >/dev/null && echo found; cat /etc/hostname; grep named /etc/hosts";
        ContainerInfo.Builder byParameter = images.docker("hostname=named.example");
        byParameter.getDockerBuilder().setNetwork(ContainerInfo.DockerInfo.Network.BRIDGE);
        ContainerSpec bridged = images.spec(byParameter, script);
        String address = running.launch(bridged).address();
        assertThat(running.exit(bridged).succeeded()).isTrue();
        assertThat(RunningContainers.stdout(bridged))
                .isEqualTo("found\nnamed.example\n" + address + " named.example "
                        + bridged.id().getValue() + "\n");

        byParameter.getDockerBuilder().setNetwork(ContainerInfo.DockerInfo.Network.NONE);
        ContainerSpec alone = images.spec(byParameter, script);
        running.run(alone);
        assertThat(RunningContainers.stdout(alone))
                .isEqualTo("found\nnamed.example\n127.0.0.1 named.example "
                        + alone.id().getValue() + "\n");

        byParameter.getDockerBuilder().setNetwork(ContainerInfo.DockerInfo.Network.HOST);
        ContainerSpec onHost = images.spec(byParameter, script);
        running.run(onHost);
        assertThat(RunningContainers.stdout(onHost)).isEqualTo("found\nnamed.example\n127.0.1.1 named.example\n");

        ContainerSpec byField = images.spec(images.mesos().setHostname("named"), script);
        running.run(byField);
        assertThat(RunningContainers.stdout(byField)).isEqualTo("found\nnamed\n127.0.1.1 named\n");

        ContainerSpec onHostFiles =
                images.spec(ContainerInfos.plain().setHostname("named"), "getent hosts $(hostname); cat /etc/hostname");
        running.run(onHostFiles);
        assertThat(RunningContainers.stdout(onHostFiles)).matches("127\\.0\\.1\\.1 +named\nnamed\n");
    }

    @Test
    void aNameThatTheHostKnowsIsTheHosts() throws Exception {
        ContainerInfo.Builder info = images.docker("hostname=localhost");
        ContainerSpec spec = images.spec(info, "cat /etc/hosts");
        running.run(spec);
        assertThat(RunningContainers.stdout(spec)).isEqualTo(Files.readString(Path.of("/etc/hosts")));
    }

    @Test
    void isFreedWhoeverOfTheHostIsInside() throws Exception {
        ContainerSpec group = onBridge();
        running.launch(group);
        ContainerSpec task = RunningContainers.nested(
                group,
                "task",
                RunningContainers.sh("sleep 1000"),
                Optional.of(images.mesos().build()),
                Limits.NONE);
        running.launch(task);
        Path shared = Path.of("/run/paddock", running.tag());
        Process visitor = new ProcessBuilder(
                        "/bin/sh",
                        "-c",
                        "exec 3<$1 4<$2; echo inside; read -r line",
                        "visitor",
                        shared.resolve("netns/" + group.id().getValue()).toString(),
                        shared.resolve("ipc/" + group.id().getValue() + "/shm").toString())
                .directory(running.workDir
                        .resolve("containers/" + ContainerIds.text(task.id()) + "/rootfs/tmp")
                        .toFile())
                .start();
        try {
            assertThat(visitor.inputReader().readLine()).isEqualTo("inside");
            running.destroy(group);
            assertThat(running.containers().list()).isEmpty();
        } finally {
            visitor.destroyForcibly().waitFor();
        }
    }

    private ContainerSpec nested(ContainerSpec parent, String name, String script) {
        return RunningContainers.nested(
                parent,
                name,
                RunningContainers.sh(script),
                Optional.of(images.mesos().build()),
                Limits.requested(0.1, 64));
    }

    /** One that holds a network for those nested in it. */
    private ContainerSpec onBridge() {
        ContainerInfo bridge = ContainerInfos.plain()
                .addNetworkInfos(ContainerInfos.network("mesos-bridge"))
                .build();
        return running.spec(Optional.empty(), Optional.of(bridge), Limits.requested(0.2, 128));
    }

    private static String get(String host, int port) throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + host + ":" + port + "/index.html"))
                .build();
        return Awaitility.await()
                .atMost(java.time.Duration.ofSeconds(20))
                .ignoreExceptions()
                .until(
                        () -> client.send(request, HttpResponse.BodyHandlers.ofString()),
                        answer -> answer.statusCode() == 200)
                .body();
    }
}
