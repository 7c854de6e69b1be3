package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.NetworkInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Networks that the operator configures for CNI plugins. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ConfiguredNetworkTest {
    @TempDir
    Path configurations;

    @Test
    void joinsAnyConfiguredNetworkAndRefusesUnknownOnes() throws Exception {
        Files.writeString(
                configurations.resolve("10-direct.conflist"), """
                {"name": "direct", "cniVersion": "0.4.0", "plugins": [
                  {"type": "ptp", "ipam": {"type": "host-local", "dataDir": "%s",
                    "ranges": [[{"subnet": "10.250.77.0/29"}]]}},
                  {"type": "tuning"}]}
                """.formatted(configurations.resolve("addresses")));
        try (RunningContainers running =
                RunningContainers.isolated(options -> options.withCniConfigDir(configurations))) {
            assertThat(running.containers().facilities().networks()).contains("direct", "mesos-bridge");
            ContainerSpec spec = running.spec(
                    Optional.of(RunningContainers.sh("cat /proc/net/fib_trie; echo $MESOS_CONTAINER_IP")),
                    Optional.of(on("direct")),
                    Limits.NONE);
            Launched launched = running.launch(spec);
            assertThat(launched.address()).startsWith("10.250.77.");
            assertThat(running.exit(spec).succeeded()).isTrue();
            assertThat(RunningContainers.stdout(spec))
                    .contains(launched.address())
                    .endsWith(launched.address() + "\n");
            LaunchFailure unknown = running.refused(
                    running.spec(Optional.of(RunningContainers.sh("true")), Optional.of(on("nowhere")), Limits.NONE));
            assertThat(unknown.step()).isEqualTo("network");
            assertThat(unknown).hasMessage("unknown network nowhere; known are bridge, direct, mesos-bridge");
        }
    }

    @Test
    void nameServersMayBeSetForThoseThatNameNone() throws Exception {
        Files.writeString(
                configurations.resolve("10-direct.conflist"), """
                {"name": "direct", "cniVersion": "0.4.0", "plugins": [
                  {"type": "ptp", "ipam": {"type": "host-local", "dataDir": "%s",
                    "ranges": [[{"subnet": "10.250.78.0/29"}]]}}]}
                """.formatted(configurations.resolve("addresses")));
        ContainerPolicy policy =
                ContainerPolicy.builder().dns(DefaultDns.parse("""
                        {"mesos": [
                          {"network_mode": "CNI", "dns": {"nameservers": ["10.9.9.1"]}},
                          {"network_mode": "CNI", "network_name": "direct", "dns": {
                            "nameservers": ["10.9.9.2", "10.9.9.3"], "search": ["a.example", "b.example"], "options": ["ndots:2"]}}]}
                        """)).build();
        try (RunningContainers running = RunningContainers.isolated(
                options -> options.withCniConfigDir(configurations).withPolicy(policy))) {
            assertThat(resolver(running, Optional.of(on("direct"))))
                    .isEqualTo(
                            "nameserver 10.9.9.2\nnameserver 10.9.9.3\nsearch a.example b.example\noptions ndots:2\n");
            assertThat(resolver(running, Optional.of(on("mesos-bridge")))).isEqualTo("nameserver 10.9.9.1\n");
            assertThat(resolver(running, Optional.empty())).isEqualTo(Files.readString(Path.of("/etc/resolv.conf")));
        }
    }

    private static String resolver(RunningContainers running, Optional<ContainerInfo> container) throws Exception {
        ContainerSpec spec =
                running.spec(Optional.of(RunningContainers.sh("cat /etc/resolv.conf")), container, Limits.NONE);
        assertThat(running.run(spec).succeeded()).isTrue();
        return RunningContainers.stdout(spec);
    }

    private static ContainerInfo on(String network) {
        return ContainerInfo.newBuilder()
                .setType(ContainerInfo.Type.MESOS)
                .addNetworkInfos(NetworkInfo.newBuilder().setName(network))
                .build();
    }
}
