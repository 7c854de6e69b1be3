/**
 * ZooKeeper: addresses, a connection, leader election and detection, durable state, and servers to run.
 *
 * <p>Knows no HTTP and no component; values are bytes. Callbacks come on ZooKeeper's event thread and must not block: hand
 * them to an actor.
 */
@NullMarked
package io.paddock.platform.zookeeper;

import org.jspecify.annotations.NullMarked;
