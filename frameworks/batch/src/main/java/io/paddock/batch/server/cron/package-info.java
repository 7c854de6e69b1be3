/**
 * Cron: what a schedule's text means, by the cron-utils library. Immutable, usable from any thread.
 */
@NullMarked
package io.paddock.batch.server.cron;

import org.jspecify.annotations.NullMarked;
