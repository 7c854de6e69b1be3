package io.paddock.agent.server.executors;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.agent.server.containers.ContainerIds;
import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.Containers;
import io.paddock.agent.server.containers.ContainersOptions;
import io.paddock.agent.server.containers.Launched;
import io.paddock.agent.server.containers.Limits;
import io.paddock.agent.server.containers.NativeContainers;
import io.paddock.common.Signals;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.NetworkInfo;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainmentTest {
    /** A container in a namespace that has joined nothing is not to be found at the agent's address. */
    @Test
    void onlyTheHostsNetworkHasTheAgentsAddress(@TempDir Path workDir) throws Exception {
        ScheduledExecutorService threads = Executors.newScheduledThreadPool(1);
        try (Containers containers = NativeContainers.start(
                ContainersOptions.defaults(workDir).withRuntime("processes"), threads, threads)) {
            Containment containment = new Containment(containers, threads, "192.0.2.1", List.of());

            assertThat(addresses(containment, new Launched(1, List.of(), Optional.empty())))
                    .containsExactly("192.0.2.1");
            assertThat(addresses(containment, new Launched(1, List.of(), Optional.of(Path.of("/run/net")))))
                    .isEmpty();
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void theEndIsKnownAlsoOfAContainerThatIsDestroyedAtOnce(@TempDir Path workDir) throws Exception {
        ScheduledExecutorService threads = Executors.newScheduledThreadPool(2);
        try (Containers containers = NativeContainers.start(
                ContainersOptions.defaults(workDir).withRuntime("processes"), threads, threads)) {
            containers.recover().toCompletableFuture().get(20, TimeUnit.SECONDS);
            Containment containment = new Containment(containers, threads, "192.0.2.1", List.of());
            ContainerID id = ContainerIds.of("c");
            ContainerSpec spec = new ContainerSpec(
                    id,
                    Optional.of(CommandInfo.newBuilder().setValue("sleep 1000").build()),
                    Optional.empty(),
                    Map.of(),
                    Optional.empty(),
                    workDir.resolve("sandbox"),
                    Limits.NONE,
                    List.of());

            Containment.Running running =
                    containment.launch(spec, () -> {}).toCompletableFuture().get(20, TimeUnit.SECONDS);
            containers.destroy(id).toCompletableFuture().get(20, TimeUnit.SECONDS);

            assertThat(running.exited().toCompletableFuture())
                    .isCompletedWithValueMatching(exit -> exit.signal() == Signals.SIGKILL);
        } finally {
            threads.shutdownNow();
        }
    }

    private static List<String> addresses(Containment containment, Launched launched) {
        return containment.status(ContainerIds.of("c"), launched).getNetworkInfosList().stream()
                .flatMap(network -> network.getIpAddressesList().stream())
                .map(NetworkInfo.IPAddress::getIpAddress)
                .toList();
    }
}
