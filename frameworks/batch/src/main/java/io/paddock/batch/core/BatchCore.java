package io.paddock.batch.core;

import io.paddock.batch.core.Agenda.Due.Kind;
import io.paddock.client.core.TaskReconciliation;
import io.paddock.common.Core;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The batch framework. Routes events to its parts: {@link JobRequests}, {@link RunControl}, {@link Launcher},
 * {@link Schedules}.
 *
 * <p>Guarantees: nothing is answered, launched or acknowledged before all that led to it is durable; a task is launched
 * under an id written before, so that after a crash it is asked for and not launched twice; a run that waits can say why.
 */
public final class BatchCore implements Core<BatchEvent, BatchEffect>, BatchEvent.Handler<Void> {
    private static final Duration RECONCILE_FIRST = Duration.ofSeconds(2);
    private static final Duration RECONCILE_MAX = Duration.ofMinutes(1);

    private final Workbench bench;
    private final Launcher launcher;
    private final RunControl runs;
    private final Schedules schedules;
    private final JobRequests requests;
    private final TaskReconciliation reconciliation = new TaskReconciliation(RECONCILE_FIRST, RECONCILE_MAX, 1);
    private Instant now = Instant.EPOCH;
    private boolean connected;
    private @Nullable Instant timer;
    private List<BatchEffect> out = new ArrayList<>();

    /**
     * A framework with the state its predecessor left, empty for a new one.
     *
     * @param suffixes must not repeat those of the predecessor within a second
     */
    public BatchCore(BatchSettings settings, FireTimes fireTimes, RunSuffixes suffixes, BatchState state) {
        bench = new Workbench(settings, fireTimes, suffixes, state, new Outbox(state), new Agenda());
        Dependencies dependencies = new Dependencies(state);
        launcher = new Launcher(bench);
        runs = new RunControl(bench, launcher, dependencies);
        schedules = new Schedules(bench, runs);
        requests = new JobRequests(bench, runs, launcher, schedules, dependencies);
    }

    @Override
    public List<BatchEffect> on(Instant time, BatchEvent event) {
        now = time;
        out = new ArrayList<>();
        event.accept(this);
        launcher.settle(now);
        bench.outbox().flush(out);
        Optional<Instant> next = bench.agenda().next();
        if (next.isPresent() && !next.get().equals(timer)) {
            timer = next.get();
            out.add(new BatchEffect.SetTimer(timer));
        }
        return List.copyOf(out);
    }

    /** The id the framework had last; empty when it never subscribed. */
    public String frameworkId() {
        return bench.state().frameworkId();
    }

    /** How many jobs there are. */
    public int jobCount() {
        return bench.state().jobs().size();
    }

    /** How many runs are not over. */
    public int activeRunCount() {
        return bench.state().runs().size();
    }

    /** How many runs wait for an offer. */
    public int waitingRunCount() {
        return launcher.queued();
    }

    @Override
    public @Nullable Void elected(BatchEvent.Elected event) {
        bench.state().jobs().forEach(job -> schedules.arm(now, job));
        bench.state().runs().stream()
                .sorted(Comparator.comparing(Run::createdAt).thenComparing(Run::id))
                .toList()
                .forEach(run -> runs.recover(now, run));
        return null;
    }

    @Override
    public @Nullable Void requested(BatchEvent.Requested event) {
        Answer answer = requests.answer(now, event.request());
        bench.outbox().effect(new BatchEffect.Reply(event.requestId(), answer));
        return null;
    }

    @Override
    public @Nullable Void fromMaster(BatchEvent.FromMaster received) {
        Event event = received.event();
        switch (event.getType()) {
            case SUBSCRIBED -> subscribed(event.getSubscribed().getFrameworkId().getValue());
            case OFFERS -> launcher.offers(now, event.getOffers().getOffersList());
            case UPDATE -> {
                reconciliation.answered(event.getUpdate().getStatus().getTaskId());
                runs.status(now, event.getUpdate().getStatus());
            }
            case ERROR -> failed(event.getError().getMessage());
            // An offer is used or declined when it comes, so a rescinded one concerns us no more; what became of tasks
            // on a failed agent is told by their updates.
            case RESCIND,
                    FAILURE,
                    MESSAGE,
                    HEARTBEAT,
                    INVERSE_OFFERS,
                    RESCIND_INVERSE_OFFER,
                    UPDATE_OPERATION_STATUS,
                    UNKNOWN -> {}
        }
        return null;
    }

    @Override
    public @Nullable Void disconnected(BatchEvent.Disconnected event) {
        connected = false;
        reconciliation.stop();
        launcher.disconnected(event.why());
        return null;
    }

    @Override
    public @Nullable Void persisted(BatchEvent.Persisted event) {
        bench.outbox().persisted(event.sequence(), out);
        return null;
    }

    @Override
    public @Nullable Void timerFired(BatchEvent.TimerFired event) {
        timer = null;
        for (Optional<Agenda.Entry> entry = bench.agenda().poll(now);
                entry.isPresent();
                entry = bench.agenda().poll(now)) {
            due(entry.get());
        }
        return null;
    }

    private void due(Agenda.Entry entry) {
        String id = entry.due().id();
        switch (entry.due().kind()) {
            case FIRE -> schedules.fire(now, id, entry.at());
            case DEADLINE -> runs.deadline(now, id);
            case RETRY -> runs.retry(now, id);
            case KILL_AGAIN -> runs.killAgain(now, id);
            case REVIVE_AGAIN -> launcher.reviveAgain(now);
            case RECONCILE -> reconcile();
        }
    }

    private void subscribed(String frameworkId) {
        if (!frameworkId.equals(bench.state().frameworkId())) {
            bench.outbox().change(new Change.PutFramework(frameworkId));
        }
        connected = true;
        launcher.subscribed();
        for (Run run : List.copyOf(bench.state().runs())) {
            if (run.stopping()) {
                runs.killAgain(now, run.id());
            }
        }
        reconciliation.start(now, liveTasks(Instant.MAX));
        reconcile();
    }

    /** Goes on with the round under way, or starts one about tasks that nothing was heard of. */
    private void reconcile() {
        if (!connected) {
            return;
        }
        if (reconciliation.open() == 0) {
            reconciliation.start(now, liveTasks(now.minus(Launcher.SILENCE)));
        }
        reconciliation.poll(now).ifPresent(call -> bench.outbox().effect(new BatchEffect.Send(call)));
        reconciliation.nextAt().ifPresent(at -> bench.agenda().put(Kind.RECONCILE, "", at));
        watchSilence();
    }

    /** Tasks that may be running; before a time: only those launched before it that nothing was heard of. */
    private Map<TaskID, @Nullable AgentID> liveTasks(Instant launchedBefore) {
        boolean all = launchedBefore.equals(Instant.MAX);
        Map<TaskID, @Nullable AgentID> tasks = new LinkedHashMap<>();
        for (Run run : bench.state().runs()) {
            RunTask task = run.liveTask();
            if (task != null && (all || (!task.heardOf() && !task.startedAt().isAfter(launchedBefore)))) {
                tasks.put(
                        TaskID.newBuilder().setValue(task.id()).build(),
                        AgentID.newBuilder().setValue(task.agentId()).build());
            }
        }
        return tasks;
    }

    private void watchSilence() {
        boolean silent =
                bench.state().runs().stream().map(Run::liveTask).anyMatch(task -> task != null && !task.heardOf());
        if (silent && bench.agenda().at(Kind.RECONCILE, "") == null) {
            bench.agenda().put(Kind.RECONCILE, "", now.plus(Launcher.SILENCE));
        }
    }

    /**
     * A removed framework goes on as a new one: its tasks were killed with it, which reconciliation will tell. Anything else
     * the master says against it is for an operator to mend.
     */
    private void failed(String message) {
        disconnected(new BatchEvent.Disconnected(message));
        if (message.toLowerCase(Locale.ROOT).contains("removed")) {
            bench.outbox().change(new Change.PutFramework(""));
            bench.outbox().effect(new BatchEffect.StartOver());
        } else {
            bench.outbox().effect(new BatchEffect.GiveUp("The master refuses the framework: " + message));
        }
    }
}
