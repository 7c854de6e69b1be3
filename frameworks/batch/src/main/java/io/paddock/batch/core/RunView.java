package io.paddock.batch.core;

/**
 * A run that is not over, or was just ended by the request.
 *
 * @param phase as reported
 * @param waiting why its task does not run yet; empty when it runs
 */
public record RunView(Run run, RunPhase phase, String waiting) {}
