package io.paddock.agent.server.containers;

import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerInfo;
import java.util.Optional;

/** Containers of images of the registry that tests share. */
final class ImageContainers {
    private static final String CONFIGURED = "configured:1";

    private final RunningContainers running;
    private final SharedRegistry registry;

    ImageContainers(RunningContainers running, SharedRegistry registry) {
        this.running = running;
        this.registry = registry;
    }

    /** Of the image with a command, a working directory and an environment of its own. */
    ContainerInfo.Builder docker(String... parameters) {
        return ContainerInfos.docker(name(), parameters);
    }

    /** The same, asked for in the other way. */
    ContainerInfo.Builder mesos() {
        return ContainerInfos.mesos(name());
    }

    /** The image's name. */
    String name() {
        return registry.name(CONFIGURED);
    }

    ContainerSpec spec(ContainerInfo.Builder container, CommandInfo command) {
        return running.spec(Optional.of(command), Optional.of(container.build()), Limits.requested(0.1, 64));
    }

    ContainerSpec spec(ContainerInfo.Builder container, String script) {
        return spec(container, RunningContainers.sh(script));
    }
}
