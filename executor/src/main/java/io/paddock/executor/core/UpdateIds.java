package io.paddock.executor.core;

import com.google.protobuf.ByteString;

/**
 * Where the uuids of status updates come from: random in production, counted in tests and in the simulation. Handed in,
 * because a core draws no random numbers.
 */
@FunctionalInterface
public interface UpdateIds {
    /** A uuid never given before: 16 bytes. */
    ByteString next();
}
