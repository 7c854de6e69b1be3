/** JSON of our own records: one mapper for all. Usable from any thread. */
@NullMarked
package io.paddock.platform.json;

import org.jspecify.annotations.NullMarked;
