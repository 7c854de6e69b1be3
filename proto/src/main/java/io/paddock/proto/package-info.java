/**
 * The wire: generated messages ({@code io.paddock.proto.v1…}, {@code io.paddock.proto.link}), RecordIO framing and the
 * JSON mapping. No behaviour of any component; usable from any thread.
 */
@NullMarked
package io.paddock.proto;

import org.jspecify.annotations.NullMarked;
