/**
 * The hard state: what must survive a master. Decide, persist, apply.
 *
 * <p>Each durable change is a small {@link io.paddock.master.core.registry.RegistryRecord}. A decision turns it into
 * writes; only {@link io.paddock.master.core.registry.Registry#apply} changes what is true, both when a write was
 * confirmed and when the registry is read after an election. Owned by the core's thread; never does the writing itself.
 */
@NullMarked
package io.paddock.master.core.registry;

import org.jspecify.annotations.NullMarked;
