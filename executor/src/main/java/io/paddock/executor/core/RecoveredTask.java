package io.paddock.executor.core;

import io.paddock.proto.v1.KillPolicy;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskStatus;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A task that was not terminal when the host of its executor went down, as the host has it on disk.
 *
 * @param lastStatus the newest status the executor reported; null when it had reported none (the start was not reported
 *     either, so the container may or may not exist)
 * @param launchedAt when the executor was told to launch it; max_completion_time counts from there
 * @param groupId the same for all tasks of one task group, null for a task of its own
 * @param kill how it was asked to end, null if it was not; the kill itself comes again as an event
 */
public record RecoveredTask(
        TaskInfo task,
        @Nullable TaskStatus lastStatus,
        Instant launchedAt,
        @Nullable String groupId,
        @Nullable KillPolicy kill) {}
