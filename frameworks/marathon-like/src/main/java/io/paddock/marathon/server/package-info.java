/**
 * The shell of marathon: one actor feeds the core and carries out its effects; around it the store, the election, the
 * connection to the master, and the checks marathon runs itself.
 *
 * <p>Decides nothing about apps. Nothing here blocks a thread of the actor system.
 */
@NullMarked
package io.paddock.marathon.server;

import org.jspecify.annotations.NullMarked;
