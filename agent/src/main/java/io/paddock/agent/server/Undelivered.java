package io.paddock.agent.server;

import io.paddock.agent.core.AgentEffect;
import io.paddock.agent.core.AgentEvent;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.executor.Event;
import java.util.List;

/** Launches that were decided and do not happen. */
final class Undelivered {
    private Undelivered() {}

    /** What the core is told of one. */
    static AgentEvent of(AgentEffect launch, String why) {
        if (launch instanceof AgentEffect.LaunchExecutor executor) {
            return new AgentEvent.ExecutorLaunchFailed(
                    executor.launch().key(), executor.launch().container(), why);
        }
        if (launch instanceof AgentEffect.SendToExecutor send) {
            return new AgentEvent.TasksNotDelivered(send.executor(), tasks(send.event()), why);
        }
        throw new IllegalArgumentException(launch + " launches nothing");
    }

    private static List<TaskID> tasks(Event event) {
        List<TaskInfo> tasks = event.hasLaunch()
                ? List.of(event.getLaunch().getTask())
                : event.getLaunchGroup().getTaskGroup().getTasksList();
        return tasks.stream().map(TaskInfo::getTaskId).toList();
    }

    static boolean isStatus(AgentEffect effect) {
        return effect instanceof AgentEffect.SendToMaster send && send.message().hasStatusUpdate();
    }
}
