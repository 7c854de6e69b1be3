package io.paddock.agent.server.containers;

import java.time.Instant;

/**
 * A step of a container's launch or cleanup that runs just now.
 *
 * @param container its id; ids of a nest are joined by dots
 * @param operation {@code network::prepare}: the step, and whether it is done or undone
 */
public record PendingOperation(String container, String operation, Instant since) {}
