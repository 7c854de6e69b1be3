package io.paddock.master.core.snapshot;

import io.paddock.master.core.allocator.AllocatorFigures;
import java.util.Map;

/**
 * What is put together only when somebody asks for metrics.
 *
 * @param frameworks by id
 */
public record MasterFigures(AllocatorFigures allocator, Map<String, FrameworkTally> frameworks) {}
