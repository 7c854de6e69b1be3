package io.paddock.agent.core;

import io.paddock.agent.core.Executor.Doom;
import io.paddock.common.Core;
import io.paddock.common.Rejection;
import io.paddock.common.resources.Resources;
import io.paddock.proto.checkpoint.ExecutorAdded;
import io.paddock.proto.checkpoint.Record;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.Leaving;
import io.paddock.proto.link.Refused;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The agent's core: routes each event to the part that decides about it. */
public final class AgentCore implements Core<AgentEvent, AgentEffect>, AgentEvent.Handler<@Nullable Void> {
    /** Beyond the shutdown grace: what destroying the containers may take when the agent leaves. */
    private static final Duration LEAVE_MARGIN = Duration.ofSeconds(10);

    private final Decision decision;
    private final Registration registration;
    private final StatusUpdates updates;
    private final TerminatedExecutors terminated;
    private final Launching launching;
    private final Killing killing;
    private final ExecutorCalls calls;
    private final Operations operations;
    private @Nullable String leaving;
    private boolean forgetId;
    private boolean exited;

    /**
     * An agent that goes on where the records end.
     *
     * @param records all records of the log, oldest first; empty at the very first start
     */
    public AgentCore(AgentSettings settings, Ids ids, List<Record> records) {
        AgentState state = new AgentState(settings.maxCompletedExecutors());
        records.forEach(state::apply);
        decision = new Decision(settings, state, ids);
        registration = new Registration(decision);
        updates = new StatusUpdates(decision, registration);
        terminated = new TerminatedExecutors(decision, registration, updates);
        launching = new Launching(decision, updates);
        killing = new Killing(decision, updates, terminated);
        calls = new ExecutorCalls(decision, registration, updates, launching, killing, terminated);
        operations = new Operations(decision, registration);
    }

    /** Why this agent must not be started with these settings, if it must not; see {@link Reconfiguration}. */
    public Optional<Rejection> checkReconfiguration(boolean additive) {
        AgentInfo before = decision.state.info();
        return before == null || decision.state.id() == null
                ? Optional.empty()
                : Reconfiguration.check(before, decision.settings.info(), isIdle(before), additive);
    }

    /** Nothing runs, and nothing is reserved or kept on volumes. */
    private boolean isIdle(AgentInfo before) {
        boolean running = decision.state.frameworks.values().stream()
                .flatMap(framework -> framework.tasks.values().stream())
                .anyMatch(task -> !task.finished());
        return !running
                && ResourceMessages.fromMessages(before.getResourcesList()).equals(decision.state.totals());
    }

    @Override
    public List<AgentEffect> on(Instant now, AgentEvent event) {
        decision.begin(now);
        if (!exited) {
            event.accept(this);
            leaveWhenEmpty();
        }
        return decision.end();
    }

    /** All of the hard state as the shortest list of records, for a compacted log. */
    public List<Record> records() {
        return decision.state.records();
    }

    /** What to show: immutable, complete, of this instant. */
    public AgentView view() {
        return AgentView.of(decision, registration);
    }

    @Override
    public @Nullable Void on(AgentEvent.Recovered event) {
        AgentState state = decision.state;
        AgentSettings settings = decision.settings;
        AgentInfo before = state.info();
        boolean rebooted = before != null && !state.bootId().equals(settings.bootId());
        recordIdentity(before, settings, rebooted);
        for (Framework framework : List.copyOf(state.frameworks.values())) {
            for (Executor executor : List.copyOf(framework.executors.values())) {
                if (rebooted) {
                    executor.doom = new Doom(
                            TaskState.TASK_GONE,
                            TaskStatus.Reason.REASON_AGENT_RESTARTED,
                            "The agent's machine was rebooted");
                    terminated.finishEnding(executor);
                } else {
                    recover(framework, executor);
                }
            }
        }
        return null;
    }

    private void recordIdentity(@Nullable AgentInfo before, AgentSettings settings, boolean rebooted) {
        AgentInfo.Builder info = settings.info().toBuilder();
        if (before != null && before.hasId()) {
            info.setId(before.getId());
        }
        Resources base = ResourceMessages.fromMessages(settings.info().getResourcesList());
        Resources totals = decision.state.totals();
        if (totals == null || before == null || !before.hasId()) {
            decision.commit(Records.totals(base));
        } else if (!before.getResourcesList().equals(settings.info().getResourcesList())) {
            Resources old = ResourceMessages.fromMessages(before.getResourcesList());
            decision.commit(Records.totals(totals.equals(old) ? base : totals.plus(base.minus(old))));
        }
        if (rebooted || !info.build().equals(before)) {
            decision.commit(Records.identity(info.build(), settings.bootId()));
        }
    }

    private void recover(Framework framework, Executor executor) {
        boolean ours = executor.kind != ExecutorAdded.Kind.CUSTOM;
        if (executor.ending() || (ours && !executor.hasUnfinished())) {
            terminated.finishEnding(executor);
            return;
        }
        launching.start(framework, executor, true);
        if (!ours) {
            decision.after(
                    decision.settings.executorReregistrationTimeout(),
                    new Deadline.ExecutorRegistration(executor.key, true));
        }
    }

    @Override
    public @Nullable Void on(AgentEvent.LinkOpened event) {
        terminated.linkOpened();
        registration.linkOpened();
        return null;
    }

    @Override
    public @Nullable Void on(AgentEvent.LinkClosed event) {
        registration.linkClosed();
        return null;
    }

    @Override
    public @Nullable Void on(AgentEvent.MasterSpoke event) {
        registration.heard();
        ToAgent m = event.message();
        switch (m.getMessageCase()) {
            case REGISTERED -> {
                if (registration.registered(m.getRegistered())) {
                    terminated.registered();
                    updates.resendAll();
                    operations.resendAll();
                }
            }
            case REFUSED -> refused(m.getRefused());
            case HEARTBEAT, MESSAGE_NOT_SET -> {
                // hearing from the master was all
            }
            case RUN_TASKS -> launching.run(m.getRunTasks());
            case KILL_TASK ->
                killing.kill(
                        m.getKillTask().getFrameworkId(),
                        m.getKillTask().getTaskId(),
                        m.getKillTask().hasKillPolicy() ? m.getKillTask().getKillPolicy() : null);
            case ACKNOWLEDGE -> updates.acknowledged(m.getAcknowledge(), terminated);
            case SHUTDOWN_EXECUTOR ->
                killing.shutDownExecutor(
                        m.getShutdownExecutor().getFrameworkId(),
                        m.getShutdownExecutor().getExecutorId());
            case SHUTDOWN_FRAMEWORK ->
                killing.shutDownFramework(m.getShutdownFramework().getFrameworkId());
            case SCHEDULER_MESSAGE ->
                calls.message(
                        ExecutorKey.of(
                                m.getSchedulerMessage().getFrameworkId(),
                                m.getSchedulerMessage().getExecutorId()),
                        m.getSchedulerMessage().getData());
            case APPLY_OPERATION -> operations.apply(m.getApplyOperation());
            case ACKNOWLEDGE_OPERATION -> operations.acknowledged(m.getAcknowledgeOperation());
            case UPDATE_FRAMEWORK -> updateFramework(m);
            case RECONCILE_TASKS -> reconcile(m);
            case SHUTDOWN -> leave("The master said: " + m.getShutdown().getMessage());
            case DRAIN -> killing.drain(m.getDrain());
        }
        return null;
    }

    private void refused(Refused m) {
        registration.refused();
        if (m.getShutdown()) {
            forgetId = true;
            leave("The master refused this agent: " + m.getMessage());
        } else {
            exit("The master refused this agent: " + m.getMessage());
        }
    }

    private void updateFramework(ToAgent m) {
        Framework framework =
                decision.state.framework(m.getUpdateFramework().getFramework().getId());
        if (framework != null && !framework.info.equals(m.getUpdateFramework().getFramework())) {
            decision.commit(Records.framework(m.getUpdateFramework().getFramework()));
        }
    }

    private void reconcile(ToAgent m) {
        FrameworkID id = m.getReconcileTasks().getFrameworkId();
        Framework framework = decision.state.framework(id);
        for (TaskID task : m.getReconcileTasks().getTaskIdsList()) {
            if (decision.state.task(id, task) == null) {
                updates.reportUnknown(
                        id,
                        framework == null ? null : framework.info,
                        task,
                        null,
                        TaskState.TASK_DROPPED,
                        TaskStatus.Reason.REASON_RECONCILIATION,
                        "The task is not on this agent");
            }
        }
    }

    @Override
    public @Nullable Void on(AgentEvent.ExecutorCalled event) {
        calls.called(event);
        return null;
    }

    @Override
    public @Nullable Void on(AgentEvent.ExecutorDisconnected event) {
        calls.disconnected(event.executor(), event.connection());
        return null;
    }

    @Override
    public @Nullable Void on(AgentEvent.ExecutorLaunched event) {
        Executor executor = decision.executor(event.executor());
        if (executor == null || !executor.container.equals(event.container())) {
            return null;
        }
        executor.status = event.status();
        Deadline again = new Deadline.ExecutorRegistration(executor.key, true);
        if (executor.phase() == ExecutorPhase.REGISTERING && !decision.deadlines.isSet(again)) {
            decision.after(
                    decision.settings.executorRegistrationTimeout(),
                    new Deadline.ExecutorRegistration(executor.key, false));
        }
        return null;
    }

    @Override
    public @Nullable Void on(AgentEvent.ExecutorLaunchFailed event) {
        terminated.launchFailed(event);
        return null;
    }

    @Override
    public @Nullable Void on(AgentEvent.TasksNotDelivered event) {
        killing.notDelivered(event);
        return null;
    }

    @Override
    public @Nullable Void on(AgentEvent.ExecutorTerminated event) {
        terminated.terminated(event);
        return null;
    }

    @Override
    public @Nullable Void on(AgentEvent.Woken event) {
        decision.deadlines.woken();
        Deadline due = decision.deadlines.takeDue(decision.now());
        while (due != null && !exited) {
            due(due);
            due = decision.deadlines.takeDue(decision.now());
        }
        return null;
    }

    private void due(Deadline deadline) {
        if (deadline instanceof Deadline.ResendUpdate d) {
            updates.resend(d);
        } else if (deadline instanceof Deadline.ResendOperation d) {
            operations.resend(d.uuid());
        } else if (deadline instanceof Deadline.RegisterAgain) {
            registration.askAgain();
        } else if (deadline instanceof Deadline.SendHeartbeat) {
            registration.sendHeartbeat();
        } else if (deadline instanceof Deadline.LinkSilent) {
            registration.checkSilence();
        } else if (deadline instanceof Deadline.ExecutorRegistration d) {
            terminated.notRegistered(d.executor(), d.recovered());
        } else if (deadline instanceof Deadline.ExecutorShutdown d) {
            terminated.graceOver(d.executor());
        } else if (deadline instanceof Deadline.ExecutorHeartbeat d) {
            calls.heartbeat(d.executor());
        } else {
            goodbye("some containers did not end in time");
        }
    }

    @Override
    public @Nullable Void on(AgentEvent.StopRequested event) {
        leave(event.why());
        return null;
    }

    private void leave(String why) {
        if (leaving != null) {
            return;
        }
        leaving = why;
        launching.close();
        killing.shutDownAll(why);
        decision.after(decision.settings.executorShutdownGrace().plus(LEAVE_MARGIN), new Deadline.Leave());
    }

    private void leaveWhenEmpty() {
        if (leaving == null || exited) {
            return;
        }
        for (Framework framework : decision.state.frameworks.values()) {
            for (Executor executor : framework.executors.values()) {
                if (executor.phase() != ExecutorPhase.TERMINATED) {
                    return;
                }
            }
        }
        goodbye(leaving);
    }

    private void goodbye(String why) {
        if (registration.registered()) {
            decision.toMaster(FromAgent.newBuilder().setLeaving(Leaving.getDefaultInstance()));
        }
        if (forgetId) {
            decision.commit(Records.forgotten());
        }
        exit(why);
    }

    private void exit(String why) {
        exited = true;
        decision.effect(new AgentEffect.Exit(why));
    }
}
