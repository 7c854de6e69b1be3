package io.paddock.agent.server.containers;

import java.time.Instant;
import java.util.Map;

/**
 * An image on this machine.
 *
 * @param name its completed name, such as {@code docker.io/library/nginx:1.27}
 * @param digest of its manifest
 * @param bytes of its layers as they were pulled, compressed; layers that images share count for each
 * @param pulled when it was last brought here
 * @param labels what its maker says of it
 */
public record LocalImage(String name, String digest, long bytes, Instant pulled, Map<String, String> labels) {}
