/**
 * Who may do what: rules as values, and the one question asked of them.
 *
 * <p>Never reads a file, never knows a request. Immutable; any thread.
 */
@NullMarked
package io.paddock.common.authorization;

import org.jspecify.annotations.NullMarked;
