package io.paddock.agent.core;

import com.google.protobuf.ByteString;

/** Something that has to be done at a time; at most one of each is pending. */
sealed interface Deadline {
    /** The master has not answered the registration. */
    record RegisterAgain() implements Deadline {}

    record SendHeartbeat() implements Deadline {}

    /** The master may have been silent for too long. */
    record LinkSilent() implements Deadline {}

    /** The update in flight of this task was not acknowledged. */
    record ResendUpdate(String frameworkId, String taskId) implements Deadline {}

    /** The status of this operation was not acknowledged. */
    record ResendOperation(ByteString uuid) implements Deadline {}

    /** The executor should have subscribed by now: after its start, or again after the agent's restart. */
    record ExecutorRegistration(ExecutorKey executor, boolean recovered) implements Deadline {}

    /** The executor was told to shut down and should have ended by now. */
    record ExecutorShutdown(ExecutorKey executor) implements Deadline {}

    record ExecutorHeartbeat(ExecutorKey executor) implements Deadline {}

    /** Stopping for good has taken too long. */
    record Leave() implements Deadline {}
}
