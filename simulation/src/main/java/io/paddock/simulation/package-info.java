/**
 * The real cores of master, agents, executors and frameworks in one process and in virtual time, connected by their wire
 * messages, with faults.
 *
 * <p>One seed decides every delay, lost connection, lost call, duplicate, crash, reboot and partition; the same seed gives
 * the same run, step by step. Nothing here decides anything the cores decide in production: nodes are shells of plain
 * collections. Single-threaded. Nothing depends on this module.
 */
@NullMarked
package io.paddock.simulation;

import org.jspecify.annotations.NullMarked;
