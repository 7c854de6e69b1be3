/**
 * The agent's records on disk: an append-only log below {@code meta/}, rewritten when it has grown.
 *
 * <p>Knows frames and fsync, never what a record means. Files are touched by the log's own thread only; its methods may be
 * called from any thread.
 */
@NullMarked
package io.paddock.agent.server.checkpoint;

import org.jspecify.annotations.NullMarked;
