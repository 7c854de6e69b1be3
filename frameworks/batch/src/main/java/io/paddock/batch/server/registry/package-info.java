/**
 * The batch framework's hard state in the store: {@code jobs/}, {@code runs/}, {@code finished/} and {@code framework/}.
 * Knows no HTTP. Usable from any thread.
 */
@NullMarked
package io.paddock.batch.server.registry;

import org.jspecify.annotations.NullMarked;
