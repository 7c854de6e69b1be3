package io.paddock.master.core.allocator;

import io.paddock.common.resources.Resources;

/**
 * Resources of one agent that one framework holds in one role: an offer just made, or what its tasks and executors use.
 *
 * @param resources never carries an allocation role in its keys
 */
public record Allocation(String frameworkId, String role, String agentId, Resources resources) {}
