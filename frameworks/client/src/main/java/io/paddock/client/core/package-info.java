/**
 * The decisions of the client as values: when to connect, wait, give up and reconcile; how calls and tasks are put
 * together. Pure: no clocks, sockets or threads, so frameworks' own cores may use it. Instances are owned by the thread
 * that owns the core around them.
 */
@NullMarked
package io.paddock.client.core;

import org.jspecify.annotations.NullMarked;
