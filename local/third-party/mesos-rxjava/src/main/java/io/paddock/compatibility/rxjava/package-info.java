/**
 * A framework as somebody would have written it for Mesos, with {@code mesos-rxjava} and its protobuf 2 messages. It runs in a
 * process of its own, started by a test of module {@code local}; it must never use a class of Paddock.
 */
@NullMarked
package io.paddock.compatibility.rxjava;

import org.jspecify.annotations.NullMarked;
