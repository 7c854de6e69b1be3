/**
 * Conversion between messages and the values of {@code io.paddock.common}: pure functions, called once at the edge of a
 * core.
 */
@NullMarked
package io.paddock.proto.domain;

import org.jspecify.annotations.NullMarked;
