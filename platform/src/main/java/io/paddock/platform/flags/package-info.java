/**
 * Flags of a command: from the command line, the environment and a properties file, documented by {@code --help}.
 *
 * <p>Never starts a server and never exits the JVM. Used by the main thread.
 */
@NullMarked
package io.paddock.platform.flags;

import org.jspecify.annotations.NullMarked;
