package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.agent.server.executors.ContainerSite;
import io.paddock.executor.checks.CheckRunner;
import io.paddock.executor.core.CheckKind;
import io.paddock.executor.core.CheckOutcome;
import io.paddock.executor.core.ExecutorEffect.RunCheck;
import io.paddock.executor.core.Probe;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.ContainerInfo.DockerInfo.Network;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checks of servers that listen on the loopback of their containers. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ChecksTest {
    private static final String SERVER = "echo page > /tmp/index.html; exec httpd -f -p 127.0.0.1:8080 -h /tmp";
    private static final CheckRunner CHECKS = new CheckRunner();

    @RegisterExtension
    static final SharedRegistry registry = new SharedRegistry();

    @AfterAll
    static void close() {
        CHECKS.close();
    }

    private static ContainerInfo docker(Network network) {
        ContainerInfo.Builder info = ContainerInfos.docker(registry.name("box:1"));
        info.getDockerBuilder().setNetwork(network);
        return info.build();
    }

    @ParameterizedTest
    @CsvSource({"crun, 0", "runc, 1048576"})
    void enterEveryNetworkOfItsOwn(String runtime, int firstUserId) throws Exception {
        ContainerPolicy policy =
                ContainerPolicy.builder().firstUserId(firstUserId).build();
        try (RunningContainers running = RunningContainers.isolated(
                options -> options.withRuntime(runtime).withPolicy(policy))) {
            for (Network network : List.of(Network.BRIDGE, Network.NONE)) {
                ContainerSpec server = running.spec(
                        Optional.of(RunningContainers.sh(SERVER)),
                        Optional.of(docker(network)),
                        Limits.requested(0.1, 64));
                answers(running, server, running.launch(server));
                running.destroy(server);
            }
        }
    }

    /** A task of a group is in its group's network, also for an agent that has not launched it itself. */
    @Test
    void enterTheNetworkOfAGroupAlsoAfterARestart() throws Exception {
        try (RunningContainers running = RunningContainers.isolated()) {
            ContainerInfo bridge = ContainerInfos.plain()
                    .addNetworkInfos(ContainerInfos.network("mesos-bridge"))
                    .build();
            ContainerSpec group = running.spec(Optional.empty(), Optional.of(bridge), Limits.requested(0.2, 64));
            running.launch(group);
            ContainerSpec task =
                    RunningContainers.nested(group, "task", "exec busybox httpd -f -p 127.0.0.1:8080 -h /tmp");
            Launched launched = running.launch(task);
            assertThat(check(running, task, launched, new Probe.Tcp(8081, false)))
                    .isEqualTo(new CheckOutcome.TcpTried(false));

            Launched found = running.restart().stream()
                    .filter(each -> each.spec().id().equals(task.id()))
                    .findFirst()
                    .orElseThrow()
                    .launched();
            assertThat(found).isEqualTo(launched);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> check(running, task, found, new Probe.Tcp(8080, false))
                            .passed());

            running.destroy(group);
            assertThat(check(running, task, found, new Probe.Tcp(8080, false)))
                    .isInstanceOfSatisfying(
                            CheckOutcome.Unanswered.class,
                            outcome -> assertThat(outcome.why()).contains("No such file or directory"));
        }
    }

    @Test
    void reachTheLoopbackOfEitherFamily() throws Exception {
        Assumptions.assumeTrue(Files.exists(Path.of("/proc/net/if_inet6")), "this kernel has no IPv6");
        try (RunningContainers running = RunningContainers.isolated()) {
            for (boolean ipv6 : List.of(true, false)) {
                String address = ipv6 ? "[::1]" : "127.0.0.1";
                ContainerSpec server = running.spec(
                        Optional.of(RunningContainers.sh(SERVER.replace("127.0.0.1", address))),
                        Optional.of(docker(Network.BRIDGE)),
                        Limits.requested(0.1, 64));
                Launched launched = running.launch(server);
                Awaitility.await()
                        .atMost(Duration.ofSeconds(10))
                        .until(() -> check(running, server, launched, new Probe.Tcp(8080, ipv6))
                                .passed());
                assertThat(check(running, server, launched, new Probe.Http("http", 8080, "/index.html", ipv6)))
                        .isEqualTo(new CheckOutcome.HttpAnswered(200));
                assertThat(check(running, server, launched, new Probe.Tcp(8080, !ipv6)))
                        .as("the other family")
                        .isEqualTo(new CheckOutcome.TcpTried(false));
                running.destroy(server);
            }
        }
    }

    private static void answers(RunningContainers running, ContainerSpec server, Launched launched) {
        assertThat(launched.namespace()).isPresent();
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> check(running, server, launched, new Probe.Tcp(8080, false))
                        .passed());
        Probe.Http page = new Probe.Http("http", 8080, "/index.html", false);
        assertThat(check(running, server, launched, page)).isEqualTo(new CheckOutcome.HttpAnswered(200));
        Launched onHost = new Launched(launched.pid(), List.of(), Optional.empty());
        assertThat(check(running, server, onHost, page))
                .as("from outside")
                .isEqualTo(new CheckOutcome.Unanswered("cannot connect to port 8080"));
    }

    private static CheckOutcome check(
            RunningContainers running, ContainerSpec container, Launched launched, Probe probe) {
        ContainerSite site = new ContainerSite(running.containers(), container.id(), launched.namespace());
        return CHECKS.run(new RunCheck("t", CheckKind.HEALTH, probe, Duration.ofSeconds(5)), site)
                .toCompletableFuture()
                .orTimeout(20, TimeUnit.SECONDS)
                .join();
    }
}
