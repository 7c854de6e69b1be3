package io.paddock.agent.core;

import io.paddock.executor.core.RecoveredTask;
import io.paddock.proto.checkpoint.ExecutorAdded;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.Resource;
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
 * @param resources of the executor and of all its tasks so far
 * @param recovered whether an earlier run of the agent started it: what still runs must be kept and watched. If nothing of
 *     it is there, a custom executor with tasks is lost ({@code ExecutorTerminated}), one without is started
 * @param tasks of a recovered executor: the unfinished tasks that were handed to it
 */
public record ExecutorLaunch(
        ExecutorKey key,
        ExecutorAdded.Kind kind,
        FrameworkInfo framework,
        ExecutorInfo info,
        ContainerID container,
        String sandbox,
        SortedMap<String, String> environment,
        List<Resource> resources,
        boolean recovered,
        List<RecoveredTask> tasks) {}
