/**
 * What a user asks for: apps, groups and their parts, as Marathon's API defines them.
 *
 * <p>Immutable values only; usable from any thread. Nothing here knows JSON, a cluster or a running task: the server maps
 * these from and to JSON, the core decides with them.
 */
@NullMarked
package io.paddock.marathon.core.model;

import org.jspecify.annotations.NullMarked;
