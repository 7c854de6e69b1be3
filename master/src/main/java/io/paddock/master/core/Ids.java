package io.paddock.master.core;

import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.OfferID;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TimeInfo;
import java.time.Instant;

/** Id and time messages from plain values. */
final class Ids {
    private Ids() {}

    static FrameworkID framework(String id) {
        return FrameworkID.newBuilder().setValue(id).build();
    }

    static AgentID agent(String id) {
        return AgentID.newBuilder().setValue(id).build();
    }

    static OfferID offer(String id) {
        return OfferID.newBuilder().setValue(id).build();
    }

    static TaskID task(String id) {
        return TaskID.newBuilder().setValue(id).build();
    }

    static ExecutorID executor(String id) {
        return ExecutorID.newBuilder().setValue(id).build();
    }

    static TimeInfo time(Instant at) {
        return TimeInfo.newBuilder()
                .setNanoseconds(at.getEpochSecond() * 1_000_000_000L + at.getNano())
                .build();
    }

    static Instant instant(TimeInfo time) {
        return Instant.ofEpochSecond(0, time.getNanoseconds());
    }

    /** Seconds since the epoch, as TaskStatus.timestamp has them. */
    static double seconds(Instant at) {
        return at.getEpochSecond() + at.getNano() / 1e9;
    }
}
