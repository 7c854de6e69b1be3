package io.paddock.agent.core;

import io.paddock.agent.core.Executor.Doom;
import io.paddock.proto.link.ExecutorTerminated;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.executor.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The end of executors: asked for by SHUTDOWN with a grace period, forced by destroying the container, or found out. Gives
 * every unfinished task its last state and forgets the executor once nobody waits for its tasks' updates.
 */
final class TerminatedExecutors {
    private final Decision decision;
    private final Registration registration;
    private final StatusUpdates updates;
    /** Ends of executors that were named to a master which has not answered yet. */
    private final List<FromAgent.Builder> untold = new ArrayList<>();

    TerminatedExecutors(Decision decision, Registration registration, StatusUpdates updates) {
        this.decision = decision;
        this.registration = registration;
        this.updates = updates;
    }

    /** Asks an executor to end itself; destroys it after its grace period, or at once when it is not connected. */
    void shutDown(Executor executor, Doom doom) {
        if (executor.ending()) {
            return;
        }
        executor.doom = doom;
        decision.cancelRegistration(executor);
        decision.commit(Records.stopping(executor.key));
        if (executor.connection == 0) {
            destroy(executor);
            return;
        }
        decision.toExecutor(executor.key, Event.newBuilder().setType(Event.Type.SHUTDOWN));
        Duration grace = executor.shutdownGrace(decision.settings.executorShutdownGrace());
        decision.after(grace, new Deadline.ExecutorShutdown(executor.key));
    }

    /** Ends an executor without asking it. */
    void kill(Executor executor, Doom doom) {
        if (executor.ending()) {
            return;
        }
        executor.doom = doom;
        decision.cancelRegistration(executor);
        decision.commit(Records.stopping(executor.key));
        destroy(executor);
    }

    private void destroy(Executor executor) {
        decision.effect(new AgentEffect.DestroyExecutor(executor.key, executor.container));
    }

    /** Ends an executor again that was already ending when the agent restarted, or that has nothing left to do. */
    void finishEnding(Executor executor) {
        if (!executor.ending()) {
            decision.commit(Records.stopping(executor.key));
        }
        destroy(executor);
    }

    void graceOver(ExecutorKey key) {
        Executor executor = decision.executor(key);
        if (executor != null && executor.phase() == ExecutorPhase.TERMINATING) {
            destroy(executor);
        }
    }

    void notRegistered(ExecutorKey key, boolean recovered) {
        Executor executor = decision.executor(key);
        if (executor == null || executor.phase() != ExecutorPhase.REGISTERING) {
            return;
        }
        kill(
                executor,
                recovered
                        ? new Doom(
                                TaskState.TASK_GONE,
                                TaskStatus.Reason.REASON_EXECUTOR_REREGISTRATION_TIMEOUT,
                                "The executor did not subscribe again within "
                                        + decision.settings
                                                .executorReregistrationTimeout()
                                                .toMillis()
                                        + " ms after the agent's restart")
                        : new Doom(
                                TaskState.TASK_FAILED,
                                TaskStatus.Reason.REASON_EXECUTOR_REGISTRATION_TIMEOUT,
                                "The executor did not subscribe within "
                                        + decision.settings
                                                .executorRegistrationTimeout()
                                                .toMillis()
                                        + " ms after its start"));
    }

    void launchFailed(AgentEvent.ExecutorLaunchFailed event) {
        Executor executor = decision.executor(event.executor());
        if (executor == null || !executor.container.equals(event.container())) {
            return;
        }
        decision.counters.add(Count.CONTAINER_LAUNCH_ERRORS);
        if (executor.doom == null) {
            executor.doom =
                    new Doom(TaskState.TASK_FAILED, TaskStatus.Reason.REASON_CONTAINER_LAUNCH_FAILED, event.message());
        }
        ended(executor, Termination.lost(event.message()));
    }

    void terminated(AgentEvent.ExecutorTerminated event) {
        Executor executor = decision.executor(event.executor());
        if (executor != null && executor.container.equals(event.container())) {
            ended(executor, event.termination());
        }
    }

    /** The executor's container is gone. */
    void ended(Executor executor, Termination termination) {
        if (executor.phase() == ExecutorPhase.TERMINATED) {
            return;
        }
        decision.counters.add(Count.EXECUTORS_TERMINATED);
        Framework framework = decision.state.frameworks.get(executor.key.frameworkId());
        if (framework == null) {
            throw new IllegalStateException(executor.key + " has no framework");
        }
        if (!executor.ending()) {
            // or a restart would take it for one that has not been started yet
            decision.commit(Records.stopping(executor.key));
        }
        executor.enter(ExecutorPhase.TERMINATED);
        decision.cancelRegistration(executor);
        decision.deadlines.cancel(new Deadline.ExecutorShutdown(executor.key));
        decision.deadlines.cancel(new Deadline.ExecutorHeartbeat(executor.key));
        if (executor.connection != 0) {
            executor.connection = 0;
            decision.effect(new AgentEffect.CloseExecutor(executor.key));
        }
        for (Task task : executor.tasks.values()) {
            if (!task.finished()) {
                reportEnd(framework, executor, task, termination);
            }
        }
        if (!executor.command()) {
            ExecutorTerminated.Builder m = ExecutorTerminated.newBuilder()
                    .setFrameworkId(executor.key.framework())
                    .setExecutorId(executor.key.executor());
            if (termination.waitStatus() != null) {
                m.setStatus(termination.waitStatus());
            }
            tell(FromAgent.newBuilder().setExecutorTerminated(m));
        }
        settle(framework, executor);
    }

    private void tell(FromAgent.Builder end) {
        if (registration.registered()) {
            decision.toMaster(end);
        } else if (registration.phase() == Registration.Phase.REGISTERING) {
            untold.add(end);
        }
    }

    /** A link is there and the executors named on it will be those of this moment. */
    void linkOpened() {
        untold.clear();
    }

    /** The master has the executors named when the link was opened; some have ended since. */
    void registered() {
        untold.forEach(decision::toMaster);
        untold.clear();
    }

    private void reportEnd(Framework framework, Executor executor, Task task, Termination termination) {
        Doom doom = executor.doom;
        TaskState state = TaskState.TASK_FAILED;
        TaskStatus.@Nullable Reason reason = TaskStatus.Reason.REASON_EXECUTOR_TERMINATED;
        String message = termination.message() != null ? termination.message() : describe(termination.waitStatus());
        if (termination.state() != null) {
            state = termination.state();
            reason = termination.reason();
        } else if (doom != null) {
            state = doom.state();
            reason = doom.reason();
            message = doom.message();
        }
        TaskStatus.Builder status = TaskStatus.newBuilder()
                .setTaskId(task.info.getTaskId())
                .setState(TaskStates.forFramework(framework.info, state))
                .setSource(TaskStatus.Source.SOURCE_AGENT)
                .setMessage(message)
                .setUuid(decision.ids.updateId());
        if (reason != null) {
            status.setReason(reason);
        }
        if (termination.limitation() != null) {
            status.setLimitation(termination.limitation());
        }
        updates.report(framework, task, status);
    }

    private static String describe(@Nullable Integer waitStatus) {
        if (waitStatus == null) {
            return "The executor ended, nobody saw how";
        }
        int signal = waitStatus & 0x7f;
        return signal != 0
                ? "The executor was ended by signal " + signal
                : "The executor exited with status " + (waitStatus >> 8);
    }

    /** Forgets an ended executor, and its framework with it, when nobody waits for updates of its tasks. */
    void settle(Framework framework, Executor executor) {
        boolean awaited = !framework.terminating && !executor.tasks.isEmpty();
        if (executor.phase() != ExecutorPhase.TERMINATED || awaited) {
            return;
        }
        decision.note(Records.executorRemoved(executor.key));
        decision.effect(new AgentEffect.RetireSandbox(SandboxPaths.run(
                decision.settings.workDir(), decision.agentId().getValue(), executor.key, executor.container)));
        if (framework.executors.isEmpty()) {
            decision.note(Records.frameworkRemoved(framework.info.getId()));
        }
    }
}
