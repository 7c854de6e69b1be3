/**
 * The client commands of {@code ./paddock}. They talk to a cluster as anybody could: over the master's, the agents', marathon's
 * and batch's HTTP APIs; they never touch a component's classes or files. A command runs on the main thread and may block;
 * nothing here starts an actor system.
 */
@NullMarked
package io.paddock.cli;

import org.jspecify.annotations.NullMarked;
