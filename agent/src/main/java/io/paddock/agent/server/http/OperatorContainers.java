package io.paddock.agent.server.http;

import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.proto.v1.Resource;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What containers that operators and executors start themselves need.
 *
 * @param standalone those of no executor
 * @param limits from resources to bounds
 * @param mounts the persistent volumes among resources, and where they are seen inside
 * @param ended told of the sandbox of each that has ended
 * @param spare told of each sandbox that is not to be collected any more: of one that was removed, before its id may be used
 *     again, and of one that is launched, as there may be one that was left
 */
public record OperatorContainers(
        StandaloneContainers standalone,
        ContainerLimits limits,
        Function<List<Resource>, List<ContainerSpec.Mount>> mounts,
        Consumer<Path> ended,
        Consumer<Path> spare) {}
