package io.paddock.agent.core;

import io.paddock.proto.checkpoint.ExecutorAdded;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskStatus;
import java.util.List;
import java.util.SortedMap;

/**
 * An executor to start.
 *
 * @param kind {@code CUSTOM}: run {@code info.command} in the container; otherwise an executor of ours inside the agent,
 *     which subscribes and asks for its tasks' containers itself
 * @param container the executor's container; a command task runs in this very container
 * @param sandbox the directory on the host, below the work directory
 * @param environment the variables of the executor API, without those of {@code info.command}
 * @param recovered whether it was started by an earlier run of the agent: the containers that still run must be kept
 * @param tasks of a recovered built-in executor: its unfinished tasks, each with the newest status it reported
 */
public record ExecutorLaunch(
        ExecutorKey key,
        ExecutorAdded.Kind kind,
        FrameworkInfo framework,
        ExecutorInfo info,
        ContainerID container,
        String sandbox,
        SortedMap<String, String> environment,
        boolean recovered,
        List<RecoveredTask> tasks) {
    /**
     * A task the executor had when the agent ended.
     *
     * @param latest the statuses it reported so far, oldest first; empty when it reported none
     */
    public record RecoveredTask(TaskInfo info, List<TaskStatus> latest) {}
}
