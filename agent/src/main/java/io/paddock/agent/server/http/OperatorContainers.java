package io.paddock.agent.server.http;

import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * What containers that operators and executors start themselves need.
 *
 * @param standalone those of no executor
 * @param limits from resources to bounds
 * @param ended told of the sandbox of each that has ended
 */
public record OperatorContainers(StandaloneContainers standalone, ContainerLimits limits, Consumer<Path> ended) {}
