package io.paddock.simulation;

import io.paddock.agent.core.AgentEvent;
import io.paddock.agent.core.ExecutorKey;
import io.paddock.agent.core.ExecutorLaunch;
import io.paddock.agent.core.Termination;
import io.paddock.executor.core.CheckOutcome;
import io.paddock.executor.core.ContainerEnd;
import io.paddock.executor.core.ExecutorCore;
import io.paddock.executor.core.ExecutorEffect;
import io.paddock.executor.core.ExecutorEvent;
import io.paddock.executor.core.RecoveredTask;
import io.paddock.executor.core.TimerKey;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.executor.Event;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A built-in executor inside an agent process: the shell of an executor core over the machine's containers. */
final class HostedExecutor implements ExecutorEffect.Handler<@Nullable Void> {
    private static final double START_FAILS = 0.02;
    private static final int SIGKILL = 9;

    private final AgentNode agent;
    private final ExecutorLaunch launch;
    private final ExecutorCore core;
    private final Map<TimerKey, Integer> timers = new LinkedHashMap<>();
    private final Set<String> tasks = new LinkedHashSet<>();
    private int timerVersions;
    private long subscription;
    private boolean over;

    HostedExecutor(AgentNode agent, ExecutorLaunch launch) {
        this.agent = agent;
        this.launch = launch;
        this.core = launch.recovered()
                ? ExecutorCore.recovered(
                        launch.key().framework(), launch.key().executor(), agent::nextUuid, launch.tasks())
                : new ExecutorCore(launch.key().framework(), launch.key().executor(), agent::nextUuid);
        launch.tasks().forEach(task -> tasks.add(task.task().getTaskId().getValue()));
    }

    ExecutorKey key() {
        return launch.key();
    }

    boolean runs(Machine.Container container) {
        return container.frameworkId.equals(launch.key().frameworkId()) && tasks.contains(container.taskId());
    }

    void start() {
        agent.later(agent.world.between(1, 50), () -> {
            if (!over) {
                agent.feed(new AgentEvent.ExecutorLaunched(launch.key(), launch.container(), null));
                subscription = agent.nextRequest();
                agent.post(new AgentEvent.ExecutorCalled(subscription, core.subscribe(), false));
            }
        });
    }

    void accepted(long request) {
        if (request == subscription && launch.recovered()) {
            agent.later(Duration.ofMillis(1), () -> launch.tasks().forEach(this::tellWhatBecameOf));
        }
    }

    void refused(long request) {
        if (request == subscription) {
            destroy();
        }
    }

    private void tellWhatBecameOf(RecoveredTask recovered) {
        String id = recovered.task().getTaskId().getValue();
        Machine.Container container = agent.machine.find(launch.key().frameworkId(), id);
        if (container == null) {
            feed(new ExecutorEvent.ContainerStartFailed(
                    id, TaskStatus.Reason.REASON_CONTAINER_LAUNCH_FAILED, "the agent restarted before the start"));
        } else if (container.end != null) {
            feed(new ExecutorEvent.ContainerExited(id, container.end));
        } else if (container.running) {
            feed(new ExecutorEvent.ContainerStarted(id));
        }
        // Otherwise its start is under way, and the machine will tell.
    }

    void receive(Event event) {
        agent.later(Duration.ofNanos(1), () -> feed(new ExecutorEvent.Received(event)));
    }

    void containerStarted(Machine.Container container) {
        feed(new ExecutorEvent.ContainerStarted(container.taskId()));
    }

    void containerEnded(Machine.Container container, ContainerEnd end) {
        feed(new ExecutorEvent.ContainerExited(container.taskId(), end));
    }

    private void feed(ExecutorEvent event) {
        if (!over) {
            core.on(agent.world.now(), event).forEach(effect -> effect.accept(this));
        }
    }

    /** Kills all it runs; the agent hears of the end when everything is gone. */
    void destroy() {
        if (!over) {
            over = true;
            agent.machine
                    .of(key().frameworkId(), key().executorId())
                    .forEach(container -> agent.machine.end(container, ContainerEnd.signalled(SIGKILL)));
            agent.later(agent.world.between(20, 100), () -> {
                agent.executorGone(this);
                agent.feed(new AgentEvent.ExecutorTerminated(
                        launch.key(), launch.container(), Termination.lost("destroyed")));
            });
        }
    }

    /** Destroys what an earlier agent process left of an executor that this one never took up. */
    static void destroyLeftover(AgentNode agent, ExecutorKey key, ContainerID container) {
        agent.machine
                .of(key.frameworkId(), key.executorId())
                .forEach(left -> agent.machine.end(left, ContainerEnd.signalled(SIGKILL)));
        agent.later(
                agent.world.between(20, 100),
                () -> agent.feed(new AgentEvent.ExecutorTerminated(key, container, Termination.lost("destroyed"))));
    }

    @Override
    public @Nullable Void sendCall(ExecutorEffect.SendCall effect) {
        agent.post(new AgentEvent.ExecutorCalled(agent.nextRequest(), effect.call(), false));
        return null;
    }

    @Override
    public @Nullable Void startContainer(ExecutorEffect.StartContainer effect) {
        String id = effect.task().getTaskId().getValue();
        tasks.add(id);
        if (agent.world.chance(START_FAILS)) {
            agent.later(
                    agent.world.between(1, 100),
                    () -> feed(new ExecutorEvent.ContainerStartFailed(
                            id, TaskStatus.Reason.REASON_CONTAINER_LAUNCH_FAILED, "no luck")));
        } else {
            agent.machine.start(launch.key().frameworkId(), launch.key().executorId(), effect.task());
        }
        return null;
    }

    @Override
    public @Nullable Void abandonStart(ExecutorEffect.AbandonStart effect) {
        // Always too late: the executor signals the container once it runs.
        return null;
    }

    @Override
    public @Nullable Void signalContainer(ExecutorEffect.SignalContainer effect) {
        Machine.Container container = agent.machine.find(launch.key().frameworkId(), effect.taskId());
        if (container != null) {
            agent.machine.signal(container, effect.signal() == ExecutorEffect.KillSignal.KILL);
        }
        return null;
    }

    @Override
    public @Nullable Void runCheck(ExecutorEffect.RunCheck effect) {
        Machine.Container container = agent.machine.find(launch.key().frameworkId(), effect.taskId());
        boolean well = container != null && container.running;
        agent.later(
                agent.world.between(5, 100),
                () -> feed(new ExecutorEvent.CheckFinished(
                        effect.taskId(), effect.kind(), new CheckOutcome.CommandExited(well ? 0 : 1))));
        return null;
    }

    @Override
    public @Nullable Void startTimer(ExecutorEffect.StartTimer effect) {
        int version = ++timerVersions;
        timers.put(effect.key(), version);
        agent.later(effect.after(), () -> {
            if (timers.remove(effect.key(), version)) {
                feed(new ExecutorEvent.TimerFired(effect.key()));
            }
        });
        return null;
    }

    @Override
    public @Nullable Void cancelTimer(ExecutorEffect.CancelTimer effect) {
        timers.remove(effect.key());
        return null;
    }

    @Override
    public @Nullable Void exit(ExecutorEffect.Exit effect) {
        if (!over) {
            over = true;
            agent.later(agent.world.between(1, 30), () -> {
                agent.executorGone(this);
                agent.feed(new AgentEvent.ExecutorTerminated(launch.key(), launch.container(), Termination.exited(0)));
            });
        }
        return null;
    }
}
