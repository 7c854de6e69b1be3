package io.paddock.agent.server.executors;

import io.paddock.agent.core.Termination;
import io.paddock.agent.server.containers.ContainerIds;
import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.Containers;
import io.paddock.agent.server.containers.Exit;
import io.paddock.agent.server.containers.Launched;
import io.paddock.agent.server.containers.Recovered;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.ContainerStatus;
import io.paddock.proto.v1.NetworkInfo;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What both kinds of executors need of containers: launch with directories made first, ends as terminations, and what was
 * found after a restart. Thread safe after construction.
 */
public final class Containment {
    private final Containers containers;
    private final Executor blocking;
    private final String agentIp;
    private final Map<String, Recovered> found = new HashMap<>();

    /**
     * @param blocking where directories are made
     * @param agentIp the address of containers on the host's network
     * @param recovered what {@link Containers#recover} gave
     */
    public Containment(Containers containers, Executor blocking, String agentIp, List<Recovered> recovered) {
        this.containers = containers;
        this.blocking = blocking;
        this.agentIp = agentIp;
        recovered.forEach(r -> found.put(ContainerIds.text(r.spec().id()), r));
    }

    Containers containers() {
        return containers;
    }

    /** The container as the restart found it; null if it was not there. */
    @Nullable
    Recovered found(ContainerID id) {
        return found.get(ContainerIds.text(id));
    }

    /**
     * A container that was started.
     *
     * @param exited its end, also when it is destroyed before anybody asks
     */
    record Running(Launched launched, CompletionStage<Exit> exited) {}

    CompletionStage<Running> launch(ContainerSpec spec, Runnable makeDirectories) {
        return CompletableFuture.runAsync(
                        () -> {
                            makeDirectories.run();
                            spec.mounts().forEach(mount -> Volumes.create(mount.hostPath()));
                        },
                        blocking)
                .thenCompose(done -> {
                    CompletionStage<Launched> launch = containers.launch(spec);
                    CompletionStage<Exit> exited = containers.exited(spec.id());
                    return launch.thenApply(launched -> new Running(launched, exited));
                });
    }

    /** One that was found after the restart. */
    Running running(Recovered recovered) {
        return new Running(
                recovered.launched(), containers.exited(recovered.spec().id()));
    }

    /** Ends a container and all in it; says how its first process ended, if that is known. */
    CompletionStage<Termination> destroy(ContainerID id) {
        CompletionStage<Termination> end = containers
                .exited(id)
                .handle((Exit exit, Throwable failure) -> exit != null
                        ? ContainerEnds.forAgent(exit)
                        : Termination.lost("the container was not running"));
        return containers.destroy(id).thenCompose(done -> end);
    }

    ContainerStatus status(ContainerID id, Launched launched) {
        ContainerStatus.Builder status = ContainerStatus.newBuilder().setContainerId(id);
        if (launched.pid() > 0) {
            status.setExecutorPid((int) launched.pid());
        }
        status.addAllNetworkInfos(launched.networks());
        if (launched.namespace().isEmpty()) {
            status.addNetworkInfos(NetworkInfo.newBuilder()
                    .addIpAddresses(NetworkInfo.IPAddress.newBuilder()
                            .setProtocol(NetworkInfo.Protocol.IPv4)
                            .setIpAddress(agentIp)));
        }
        return status.build();
    }

    /** Destroys every container found after the restart that the agent knows nothing of. */
    public void destroyOrphans(java.util.Set<ContainerID> known) {
        found.values().stream()
                .map(r -> r.spec().id())
                .filter(id -> !id.hasParent() && !known.contains(id))
                .forEach(containers::destroy);
    }
}
