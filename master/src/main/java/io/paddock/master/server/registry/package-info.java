/**
 * Brings the core's registry records to the state store and back. Knows keys and bytes only; no HTTP, no decisions. Its
 * methods may be called from any thread and do not block.
 */
@NullMarked
package io.paddock.master.server.registry;

import org.jspecify.annotations.NullMarked;
