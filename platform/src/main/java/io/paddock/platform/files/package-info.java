/** Files of this machine that may be read over HTTP: sandboxes, logs. Knows no component; reads run on the executor given. */
@NullMarked
package io.paddock.platform.files;

import org.jspecify.annotations.NullMarked;
