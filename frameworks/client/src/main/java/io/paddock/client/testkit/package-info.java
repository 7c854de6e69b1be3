/**
 * A master in memory for testing frameworks: real HTTP on loopback, simulated agents, tasks that follow a script. It keeps
 * the rules of the scheduler API that a framework can notice, allocates simply, and runs nothing. For tests only: never
 * used by a component at run time. Any thread may call {@link io.paddock.client.testkit.InMemoryMaster}.
 */
@NullMarked
package io.paddock.client.testkit;

import org.jspecify.annotations.NullMarked;
