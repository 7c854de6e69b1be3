package io.paddock.agent.server.executors;

import io.paddock.agent.core.ExecutorLaunch;
import io.paddock.agent.core.SandboxPaths;
import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.Launched;
import io.paddock.agent.server.containers.Recovered;
import io.paddock.agent.server.containers.SignalScope;
import io.paddock.common.Signals;
import io.paddock.executor.checks.CheckRunner;
import io.paddock.executor.checks.CheckSite;
import io.paddock.executor.core.CheckOutcome;
import io.paddock.executor.core.ContainerEnd;
import io.paddock.executor.core.ExecutorCore;
import io.paddock.executor.core.ExecutorEffect;
import io.paddock.executor.core.ExecutorEvent;
import io.paddock.executor.core.RecoveredTask;
import io.paddock.executor.core.TimerKey;
import io.paddock.executor.core.UpdateIds;
import io.paddock.proto.checkpoint.ExecutorAdded;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.ContainerStatus;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.executor.Call;
import io.paddock.proto.v1.executor.Event;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One executor of ours: its core, and the containers it asks for. */
final class BuiltInExecutor implements ExecutorEffect.Handler<@Nullable Void> {
    private final ExecutorLaunch launch;
    private final ExecutorCore core;
    private final Containment containment;
    private final ContainerSpecs specs;
    private final AgentMailbox mailbox;
    private final ExecutorTimers timers;
    private final Consumer<Call> calls;
    private final CheckRunner checks;
    private final Runnable exit;
    private final Set<TimerKey> runningTimers = new HashSet<>();
    /** Written by the threads that complete launches, before the executor is told. */
    private final Map<String, ContainerStatus> statuses = new ConcurrentHashMap<>();

    private final Map<String, CheckSite> sites = new ConcurrentHashMap<>();

    private boolean subscribed;

    BuiltInExecutor(
            ExecutorLaunch launch,
            UpdateIds ids,
            Containment containment,
            ContainerSpecs specs,
            AgentMailbox mailbox,
            ExecutorTimers timers,
            Consumer<Call> calls,
            CheckRunner checks,
            Runnable exit) {
        this.launch = launch;
        this.containment = containment;
        this.specs = specs;
        this.mailbox = mailbox;
        this.timers = timers;
        this.calls = calls;
        this.checks = checks;
        this.exit = exit;
        // without tasks there is nothing to recover: it is told what to run like a new one
        this.core = launch.tasks().isEmpty()
                ? new ExecutorCore(launch.key().framework(), launch.key().executor(), ids)
                : ExecutorCore.recovered(launch.key().framework(), launch.key().executor(), ids, launch.tasks());
    }

    ContainerID container() {
        return launch.container();
    }

    void subscribe() {
        calls.accept(core.subscribe());
    }

    void deliver(Event event, Instant now) {
        happened(new ExecutorEvent.Received(event), now);
        if (!subscribed && event.getType() == Event.Type.SUBSCRIBED) {
            subscribed = true;
            launch.tasks().forEach(task -> recover(task, now));
        }
    }

    void happened(ExecutorEvent event, Instant now) {
        core.on(now, event).forEach(effect -> effect.accept(this));
    }

    /** Says what became of a task's container while the agent was away; starts it if it never was. */
    private void recover(RecoveredTask task, Instant now) {
        String taskId = task.task().getTaskId().getValue();
        ContainerID id = containerOf(taskId);
        Recovered found = containment.found(id);
        TaskStatus last = task.lastStatus();
        // Had it run, its container would be found: it is recorded before that is said, and until its end is
        // acknowledged.
        boolean starting = last == null
                || last.getState() == TaskState.TASK_STARTING
                || (last.getState() == TaskState.TASK_KILLING && task.kill() != null);
        if (found != null) {
            started(taskId, id, containment.running(found));
        } else if (starting && task.kill() == null) {
            start(task.task());
        } else if (starting) {
            String message = "Killed before its container was started";
            TaskStatus.Reason reason = TaskStatus.Reason.REASON_TASK_KILLED_DURING_LAUNCH;
            happened(new ExecutorEvent.ContainerStartFailed(taskId, reason, message), now);
        } else {
            happened(new ExecutorEvent.ContainerExited(taskId, ContainerEnd.lost()), now);
        }
    }

    private ContainerID containerOf(String taskId) {
        return isCommand() ? launch.container() : ContainerSpecs.nestedId(launch.container(), taskId);
    }

    private boolean isCommand() {
        return launch.kind() == ExecutorAdded.Kind.COMMAND;
    }

    private void start(TaskInfo task) {
        String taskId = task.getTaskId().getValue();
        ContainerSpec spec;
        try {
            spec = isCommand() ? specs.ofCommandTask(launch, task) : specs.ofGroupTask(launch, task);
        } catch (RuntimeException e) {
            startFailed(taskId, e);
            return;
        }
        containment.launch(spec, () -> makeSandbox(spec, taskId)).whenComplete((running, failure) -> {
            if (running != null) {
                started(taskId, spec.id(), running);
            } else {
                startFailed(taskId, failure == null ? new IllegalStateException("no result") : failure);
            }
        });
    }

    private void startFailed(String taskId, Throwable why) {
        tell(new ExecutorEvent.ContainerStartFailed(
                taskId, ContainerEnds.launchReason(why), ContainerEnds.launchMessage(why)));
    }

    private void makeSandbox(ContainerSpec spec, String taskId) {
        if (isCommand()) {
            Sandboxes.createRun(spec.sandbox());
        } else {
            Sandboxes.linkNested(
                    spec.outermostSandbox(), spec.sandbox(), Path.of(SandboxPaths.taskLink(launch.sandbox(), taskId)));
        }
    }

    /** On any thread. */
    private void started(String taskId, ContainerID id, Containment.Running running) {
        Launched launched = running.launched();
        statuses.put(taskId, containment.status(id, launched));
        sites.put(taskId, new ContainerSite(containment.containers(), id, launched.namespace()));
        tell(new ExecutorEvent.ContainerStarted(taskId));
        running.exited().whenComplete((ended, failure) -> {
            sites.remove(taskId);
            tell(new ExecutorEvent.ContainerExited(
                    taskId, ended != null ? ContainerEnds.forExecutor(ended) : ContainerEnd.lost()));
        });
    }

    private void tell(ExecutorEvent event) {
        mailbox.tell(launch.key(), launch.container(), event);
    }

    @Override
    public @Nullable Void sendCall(ExecutorEffect.SendCall effect) {
        Call call = effect.call();
        ContainerStatus status =
                statuses.get(call.getUpdate().getStatus().getTaskId().getValue());
        if (call.hasUpdate() && status != null && !call.getUpdate().getStatus().hasContainerStatus()) {
            Call.Builder withStatus = call.toBuilder();
            withStatus.getUpdateBuilder().getStatusBuilder().setContainerStatus(status);
            call = withStatus.build();
        }
        calls.accept(call);
        return null;
    }

    @Override
    public @Nullable Void startContainer(ExecutorEffect.StartContainer effect) {
        start(effect.task());
        return null;
    }

    @Override
    public @Nullable Void abandonStart(ExecutorEffect.AbandonStart effect) {
        containment.containers().destroy(containerOf(effect.taskId()));
        return null;
    }

    @Override
    public @Nullable Void signalContainer(ExecutorEffect.SignalContainer effect) {
        int signal = effect.signal() == ExecutorEffect.KillSignal.TERM ? Signals.SIGTERM : Signals.SIGKILL;
        containment.containers().signal(containerOf(effect.taskId()), signal, SignalScope.TREE);
        return null;
    }

    @Override
    public @Nullable Void runCheck(ExecutorEffect.RunCheck effect) {
        CheckSite site = sites.get(effect.taskId());
        CompletionStage<CheckOutcome> outcome = site == null
                ? CompletableFuture.completedFuture(new CheckOutcome.Unanswered("the container does not run"))
                : checks.run(effect, site);
        outcome.thenAccept(result -> tell(new ExecutorEvent.CheckFinished(effect.taskId(), effect.kind(), result)));
        return null;
    }

    @Override
    public @Nullable Void startTimer(ExecutorEffect.StartTimer effect) {
        runningTimers.add(effect.key());
        timers.start(timer(effect.key()), effect.after());
        return null;
    }

    @Override
    public @Nullable Void cancelTimer(ExecutorEffect.CancelTimer effect) {
        runningTimers.remove(effect.key());
        timers.cancel(timer(effect.key()));
        return null;
    }

    private ExecutorTimers.Name timer(TimerKey key) {
        return new ExecutorTimers.Name(launch.key(), launch.container(), key);
    }

    @Override
    public @Nullable Void exit(ExecutorEffect.Exit effect) {
        exit.run();
        return null;
    }

    /** It is of no more interest what happens to it. */
    void stop() {
        runningTimers.forEach(key -> timers.cancel(timer(key)));
        runningTimers.clear();
    }
}
