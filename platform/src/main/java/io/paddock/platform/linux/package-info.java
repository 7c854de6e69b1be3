/** System calls that the JDK has no method for, by JNA. Blocking, for any thread that may block; failures are the kernel's. */
@NullMarked
package io.paddock.platform.linux;

import org.jspecify.annotations.NullMarked;
