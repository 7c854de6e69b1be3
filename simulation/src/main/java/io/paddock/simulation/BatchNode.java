package io.paddock.simulation;

import io.paddock.batch.core.BatchCore;
import io.paddock.batch.core.BatchEffect;
import io.paddock.batch.core.BatchEvent;
import io.paddock.batch.core.BatchSettings;
import io.paddock.batch.core.BatchState;
import io.paddock.batch.core.Change;
import io.paddock.batch.core.JobSpec;
import io.paddock.batch.core.Request;
import io.paddock.batch.core.RunOverrides;
import io.paddock.batch.core.RunSpec;
import io.paddock.client.core.Calls;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A batch process: the shell of a batch core, and a user who starts runs of two jobs, one of which fails at times. */
final class BatchNode extends FrameworkNode implements BatchEffect.Handler<@Nullable Void> {
    private static final String SUFFIX_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private final FrameworkInfo info;
    private final List<Change> disk = new ArrayList<>();
    private BatchState state = new BatchState();
    private List<List<Change>> writing = List.of();
    private @Nullable BatchCore core;
    private int timerVersion;
    private long requests;
    private boolean userIsActive = true;

    BatchNode(World world, Network network, String name, Election election, Invariants invariants, FrameworkInfo info) {
        super(world, network, name, election, invariants);
        this.info = info;
    }

    @Override
    void settleDown() {
        userIsActive = false;
    }

    @Override
    @Nullable
    FrameworkID frameworkId() {
        return state.frameworkId().isEmpty()
                ? null
                : FrameworkID.newBuilder().setValue(state.frameworkId()).build();
    }

    @Override
    Call subscribeCall() {
        FrameworkID id = frameworkId();
        return Calls.subscribe(id == null ? info : info.toBuilder().setId(id).build(), List.of());
    }

    @Override
    void begin() {
        state = new BatchState();
        disk.forEach(state::apply);
        core = new BatchCore(
                new BatchSettings(20, Duration.ofSeconds(5)),
                (schedule, after) -> Optional.empty(),
                this::suffix,
                state);
        feed(new BatchEvent.Elected());
        later(world.between(500, 3000), this::userActs);
    }

    private String suffix() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 5; i++) {
            text.append(SUFFIX_LETTERS.charAt(world.random.nextInt(SUFFIX_LETTERS.length())));
        }
        return text.toString();
    }

    @Override
    void crashed() {
        super.crashed();
        int survives = writing.isEmpty() ? 0 : world.random.nextInt(writing.size() + 1);
        writing.subList(0, survives).forEach(disk::addAll);
        writing = List.of();
        core = null;
    }

    private void userActs() {
        if (state.job("good") == null) {
            request(new Request.CreateJob(job("good", "exit 0 700", false), null));
            request(new Request.CreateJob(job("bad", "exit 1 300", true), null));
        } else if (userIsActive) {
            request(new Request.StartRun(world.chance(0.7) ? "good" : "bad", RunOverrides.NONE));
        }
        later(world.between(2000, 30_000), this::userActs);
    }

    private void request(Request request) {
        feed(new BatchEvent.Requested(++requests, request));
    }

    /** @param again whether a run that failed is tried again, for half a minute */
    private static JobSpec job(String id, String command, boolean again) {
        RunSpec run = new RunSpec(
                0.25,
                32,
                0,
                0,
                command,
                null,
                null,
                Map.of(),
                List.of(),
                List.of(),
                3600,
                null,
                null,
                List.of(),
                new RunSpec.Restart(again, again ? 30L : null),
                null,
                Map.of(),
                List.of());
        return new JobSpec(id, null, Map.of(), List.of(), run);
    }

    private void feed(BatchEvent event) {
        BatchCore current = core;
        int mine = life();
        if (current != null) {
            for (BatchEffect effect : current.on(world.now(), event)) {
                if (life() == mine) {
                    effect.accept(this);
                }
            }
        }
    }

    @Override
    void heard(Event event) {
        if (event.getType() == Event.Type.UPDATE) {
            invariants.toldFramework(
                    name,
                    event.getUpdate().getStatus().getTaskId().getValue(),
                    event.getUpdate().getStatus());
        }
        feed(new BatchEvent.FromMaster(event));
    }

    @Override
    void lost(String reason) {
        feed(new BatchEvent.Disconnected(reason));
    }

    @Override
    void refused(Call call, String reason) {
        // The core does not ask what became of a call: it repeats what must happen.
    }

    @Override
    void over(String reason) {
        invariants.frameworkRefused(name, reason);
    }

    @Override
    public @Nullable Void send(BatchEffect.Send effect) {
        send(effect.call());
        return null;
    }

    @Override
    public @Nullable Void persist(BatchEffect.Persist effect) {
        writing = effect.steps();
        later(world.between(1, 50), () -> {
            writing.forEach(disk::addAll);
            writing = List.of();
            feed(new BatchEvent.Persisted(effect.sequence()));
        });
        return null;
    }

    @Override
    public @Nullable Void reply(BatchEffect.Reply effect) {
        world.log(name, "answers its user " + effect.answer().getClass().getSimpleName());
        return null;
    }

    @Override
    public @Nullable Void announce(BatchEffect.Announce effect) {
        return null;
    }

    @Override
    public @Nullable Void setTimer(BatchEffect.SetTimer effect) {
        int version = ++timerVersion;
        Duration wait = Duration.between(world.now(), effect.at());
        later(wait.isNegative() ? Duration.ZERO : wait, () -> {
            if (version == timerVersion) {
                feed(new BatchEvent.TimerFired());
            }
        });
        return null;
    }

    @Override
    public @Nullable Void startOver(BatchEffect.StartOver effect) {
        invariants.frameworkRefused(name, "its id is used up");
        return null;
    }

    @Override
    public @Nullable Void giveUp(BatchEffect.GiveUp effect) {
        crash(effect.reason());
        restartAfter(world.between(500, 5000));
        return null;
    }

    /** Every run it was asked for is over. */
    @Override
    boolean isContent() {
        return isSubscribed() && core != null && core.activeRunCount() == 0 && state.job("good") != null;
    }

    @Override
    List<String> running() {
        return List.of();
    }

    @Override
    public String toString() {
        return name + " subscribed=" + isSubscribed() + ", runs not over: "
                + (core == null ? "?" : core.activeRunCount()) + ", waiting: "
                + (core == null ? "?" : core.waitingRunCount());
    }
}
