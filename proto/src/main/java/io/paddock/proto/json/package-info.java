/**
 * Protobuf messages as JSON in the Mesos mapping: snake_case names, 64-bit integers as numbers, bytes in base64, enums by
 * name, explicit defaults printed.
 *
 * <p>Works by transcoding between JSON and the protobuf encoding over tables computed once per message type, so that no
 * message is touched by reflection. Never knows what a message means. Usable from any thread.
 */
@NullMarked
package io.paddock.proto.json;

import org.jspecify.annotations.NullMarked;
