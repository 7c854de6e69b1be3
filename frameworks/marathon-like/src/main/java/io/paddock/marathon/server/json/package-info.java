/**
 * JSON of Marathon's API, and of the store, from and to the core's values.
 *
 * <p>Pure functions, usable from any thread. Reading collects everything that is wrong with a document, each with the path
 * of its field, before it refuses.
 */
@NullMarked
package io.paddock.marathon.server.json;

import org.jspecify.annotations.NullMarked;
