/**
 * What a process logs while it runs: how much, changed for a while by an operator, and a file that its readers can ask for.
 * All of it is the process's, shared by all components in it. Any thread.
 */
@NullMarked
package io.paddock.platform.logging;

import org.jspecify.annotations.NullMarked;
