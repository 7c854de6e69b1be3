/** Measurements of a server and the page that shows them to Prometheus. Usable from any thread. */
@NullMarked
package io.paddock.platform.metrics;

import org.jspecify.annotations.NullMarked;
