package io.paddock.agent.core;

import com.google.protobuf.ByteString;

/** Where ids and chance come from: random in production, seeded in tests and in the simulation. */
public interface Ids {
    /** The uuid of a status update, never given before: 16 bytes. */
    ByteString updateId();

    /** A container id, never given before. */
    String containerId();

    /** Even in [0, 1): spreads the agents' retries. */
    double fraction();
}
