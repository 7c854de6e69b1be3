package io.paddock.agent.server;

import com.google.protobuf.ByteString;
import io.paddock.agent.core.Ids;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/** Ids that are unique in the world. Thread safe. */
final class RandomIds implements Ids {
    @Override
    public ByteString updateId() {
        UUID id = UUID.randomUUID();
        return ByteString.copyFrom(ByteBuffer.allocate(16)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array());
    }

    @Override
    public String containerId() {
        return UUID.randomUUID().toString();
    }

    @Override
    public double fraction() {
        return ThreadLocalRandom.current().nextDouble();
    }
}
