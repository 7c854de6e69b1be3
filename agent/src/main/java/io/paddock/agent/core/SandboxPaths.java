package io.paddock.agent.core;

import io.paddock.proto.v1.ContainerID;

/** Where sandboxes are: the layout that tools written for Mesos read. */
public final class SandboxPaths {
    private SandboxPaths() {}

    /** The directory of all runs of an executor. */
    public static String runs(String workDir, String agentId, ExecutorKey key) {
        return workDir + "/slaves/" + agentId + "/frameworks/" + key.frameworkId() + "/executors/" + key.executorId()
                + "/runs";
    }

    public static String run(String workDir, String agentId, ExecutorKey key, ContainerID container) {
        return runs(workDir, agentId, key) + "/" + container.getValue();
    }

    /** The sandbox of a container nested in the one whose sandbox is given. */
    public static String nested(String parentSandbox, ContainerID container) {
        return parentSandbox + "/containers/" + container.getValue();
    }

    /** The link from a task of a group to its container's sandbox. */
    public static String taskLink(String parentSandbox, String taskId) {
        return parentSandbox + "/tasks/" + taskId;
    }
}
