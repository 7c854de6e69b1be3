/**
 * RecordIO: the framing of every Mesos event stream. Bytes only; what a record means is the caller's business.
 *
 * <p>A decoder belongs to one stream and one thread.
 */
@NullMarked
package io.paddock.proto.recordio;

import org.jspecify.annotations.NullMarked;
