package io.paddock.batch.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.paddock.common.TransitionTable.Edge;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.Attribute;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OfferID;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.Value;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The batch core in virtual time: a master that answers what the test says, a store that confirms writes at once unless
 * told to wait, a schedule that fires every full minute.
 */
final class Story {
    static final Instant START = Instant.parse("2026-03-01T12:00:30Z");

    private final List<Change> stored = new ArrayList<>();
    private final Set<Edge<RunPhase>> edges = new LinkedHashSet<>();
    private final Map<String, RunPhase> phases = new HashMap<>();
    private final int historyCount;
    private BatchCore core;
    private final List<News> news = new ArrayList<>();
    private final List<Call> calls = new ArrayList<>();
    private final Map<Long, Answer> answers = new HashMap<>();
    private Instant now = START;
    private @Nullable Instant timer;
    private long requests;
    private long offers;
    private int suffix;
    private boolean storeWaits;
    private BatchEffect.@Nullable Persist pending;
    private String gaveUp = "";
    private int startedOver;

    Story() {
        this(3);
    }

    Story(int historyCount) {
        this.historyCount = historyCount;
        core = new BatchCore(settings(), Story::everyMinute, suffixes(), new BatchState());
        feed(new BatchEvent.Elected());
    }

    /** With a master that knows the framework. */
    static Story subscribed() {
        Story story = new Story();
        story.subscribe();
        return story;
    }

    private BatchSettings settings() {
        return new BatchSettings(historyCount, Duration.ofSeconds(5));
    }

    private static Optional<Instant> everyMinute(Schedule schedule, Instant after) {
        long minute = after.getEpochSecond() / 60 + 1;
        return Optional.of(Instant.ofEpochSecond(minute * 60));
    }

    private RunSuffixes suffixes() {
        return () -> String.format("%05d", ++suffix);
    }

    /** A new leader with what the store has; the old core and its memory are gone. */
    void restart() {
        BatchState state = new BatchState();
        stored.forEach(state::apply);
        core = new BatchCore(settings(), Story::everyMinute, suffixes(), state);
        calls.clear();
        timer = null;
        pending = null;
        storeWaits = false;
        feed(new BatchEvent.Elected());
    }

    /** From now on writes are confirmed only by {@link #storeAnswers}. */
    void storeWaits() {
        storeWaits = true;
    }

    void storeAnswers() {
        storeWaits = false;
        BatchEffect.Persist write = pending;
        pending = null;
        if (write != null) {
            write.steps().forEach(stored::addAll);
            feed(new BatchEvent.Persisted(write.sequence()));
        }
    }

    static JobSpec job(String id, String... dependencies) {
        return new JobSpec(id, null, Map.of(), List.of(dependencies), run(false, null));
    }

    static JobSpec retrying(String id, @Nullable Long activeDeadlineSeconds) {
        return new JobSpec(id, null, Map.of(), List.of(), run(true, activeDeadlineSeconds));
    }

    static RunSpec run(boolean onFailure, @Nullable Long activeDeadlineSeconds) {
        return new RunSpec(
                1,
                128,
                0,
                0,
                "true",
                null,
                null,
                Map.of(),
                List.of(),
                List.of(),
                3600,
                null,
                null,
                List.of(),
                new RunSpec.Restart(onFailure, activeDeadlineSeconds),
                null,
                Map.of(),
                List.of());
    }

    static Schedule schedule(boolean forbid) {
        return new Schedule("default", "* * * * *", "UTC", 900, forbid, true);
    }

    /** How many requests were made: the number of the last one. */
    long requests() {
        return requests;
    }

    /** Whether a write waits for the store's answer. */
    boolean writing() {
        return pending != null;
    }

    /** Asks and answers, or null while the store has not answered. */
    @Nullable
    Answer ask(Request request) {
        long id = ++requests;
        feed(new BatchEvent.Requested(id, request));
        return answers.get(id);
    }

    @Nullable
    Answer answer(long request) {
        return answers.get(request);
    }

    Answer create(JobSpec spec) {
        return ask(new Request.CreateJob(spec, null));
    }

    /** Starts a run and answers its id. */
    String start(String jobId) {
        Answer answer = ask(new Request.StartRun(jobId, RunOverrides.NONE));
        return ((Answer.OneRun) answer).run().run().id();
    }

    void succeed(String jobId) {
        String run = start(jobId);
        offer(4, 1024);
        pass(Duration.ofSeconds(1));
        status(jobId + "_" + run + ".1", TaskState.TASK_RUNNING);
        status(jobId + "_" + run + ".1", TaskState.TASK_FINISHED);
    }

    /** Creates a job, starts a run and answers the id of its running task. */
    String running(JobSpec job) {
        create(job);
        String run = start(job.id());
        offer(1, 128);
        String task = job.id() + "_" + run + ".1";
        status(task, TaskState.TASK_RUNNING);
        return task;
    }

    static Refusal refusal(@Nullable Answer answer) {
        assertThat(answer).isInstanceOf(Answer.Refused.class);
        return ((Answer.Refused) answer).refusal();
    }

    JobView view(String jobId) {
        return ((Answer.OneJob) ask(new Request.GetJob(jobId, true))).job();
    }

    String waiting(String jobId) {
        return view(jobId).activeRuns().get(0).waiting();
    }

    void subscribe() {
        feed(master(Event.newBuilder()
                .setType(Event.Type.SUBSCRIBED)
                .setSubscribed(Event.Subscribed.newBuilder()
                        .setFrameworkId(FrameworkID.newBuilder().setValue("f1")))));
    }

    void disconnect() {
        feed(new BatchEvent.Disconnected("stream broke"));
    }

    /** Offers and answers the tasks launched on it, once the store let them go. */
    List<TaskInfo> offer(double cpus, double mem, String... attributes) {
        int before = calls.size();
        Offer.Builder offer = Offer.newBuilder()
                .setId(OfferID.newBuilder().setValue("o" + ++offers))
                .setFrameworkId(FrameworkID.newBuilder().setValue("f1"))
                .setAgentId(AgentID.newBuilder().setValue("a1"))
                .setHostname("host1")
                .addResources(scalar("cpus", cpus))
                .addResources(scalar("mem", mem));
        for (String attribute : attributes) {
            String[] parts = attribute.split(":");
            offer.addAttributes(Attribute.newBuilder()
                    .setName(parts[0])
                    .setType(Value.Type.TEXT)
                    .setText(Value.Text.newBuilder().setValue(parts[1])));
        }
        feed(master(Event.newBuilder()
                .setType(Event.Type.OFFERS)
                .setOffers(Event.Offers.newBuilder().addOffers(offer))));
        return launched(before);
    }

    List<TaskInfo> launched(int sinceCall) {
        List<TaskInfo> tasks = new ArrayList<>();
        for (Call call : calls.subList(sinceCall, calls.size())) {
            call.getAccept()
                    .getOperationsList()
                    .forEach(operation -> tasks.addAll(operation.getLaunch().getTaskInfosList()));
        }
        return tasks;
    }

    /** An agent reports; answers the calls that followed. */
    List<Call> status(String taskId, TaskState state) {
        return status(taskId, state, true);
    }

    /** Reported by an agent (with a uuid), or by the master. */
    List<Call> status(String taskId, TaskState state, boolean byAgent) {
        TaskStatus.Builder status = TaskStatus.newBuilder()
                .setTaskId(TaskID.newBuilder().setValue(taskId))
                .setState(state)
                .setAgentId(AgentID.newBuilder().setValue("a1"));
        if (byAgent) {
            status.setUuid(ByteString.copyFromUtf8(state + taskId));
        }
        int before = calls.size();
        feed(master(Event.newBuilder()
                .setType(Event.Type.UPDATE)
                .setUpdate(Event.Update.newBuilder().setStatus(status))));
        return List.copyOf(calls.subList(before, calls.size()));
    }

    void error(String message) {
        feed(master(Event.newBuilder()
                .setType(Event.Type.ERROR)
                .setError(Event.Error.newBuilder().setMessage(message))));
    }

    /** Lets time pass, with the timer firing on the way. */
    void pass(Duration duration) {
        Instant end = now.plus(duration);
        while (timer != null && !timer.isAfter(end)) {
            now = timer;
            timer = null;
            feed(new BatchEvent.TimerFired());
        }
        now = end;
    }

    Instant now() {
        return now;
    }

    List<Call> calls() {
        return calls;
    }

    List<News.Kind> news() {
        return news.stream().map(News::kind).toList();
    }

    Call lastCall() {
        return calls.get(calls.size() - 1);
    }

    List<Call.Type> callTypes() {
        return calls.stream().map(Call::getType).toList();
    }

    Set<Edge<RunPhase>> edges() {
        return edges;
    }

    /** How often the framework went on under a new id. */
    int startedOver() {
        return startedOver;
    }

    String gaveUp() {
        return gaveUp;
    }

    private static BatchEvent master(Event.Builder event) {
        return new BatchEvent.FromMaster(event.build());
    }

    private static Resource scalar(String name, double value) {
        return Resource.newBuilder()
                .setName(name)
                .setType(Value.Type.SCALAR)
                .setScalar(Value.Scalar.newBuilder().setValue(value))
                .build();
    }

    private void feed(BatchEvent event) {
        for (BatchEffect effect : core.on(now, event)) {
            effect.accept(new Hands());
        }
    }

    private void visit(String runId, RunPhase next) {
        RunPhase before = phases.put(runId, next);
        if (before != null && before != next) {
            edges.add(new Edge<>(before, next));
        }
    }

    /** Carries effects out. */
    private final class Hands implements BatchEffect.Handler<Void> {
        @Override
        public @Nullable Void send(BatchEffect.Send effect) {
            calls.add(effect.call());
            return null;
        }

        @Override
        public @Nullable Void persist(BatchEffect.Persist effect) {
            pending = effect;
            for (Change change : effect.steps().stream().flatMap(List::stream).toList()) {
                if (change instanceof Change.PutRun put) {
                    visit(put.run().id(), put.run().phase());
                }
                if (change instanceof Change.PutFinished put) {
                    visit(put.run().id(), put.run().success() ? RunPhase.SUCCESS : RunPhase.FAILED);
                }
            }
            if (!storeWaits) {
                storeAnswers();
            }
            return null;
        }

        @Override
        public @Nullable Void reply(BatchEffect.Reply effect) {
            answers.put(effect.requestId(), effect.answer());
            if (effect.answer() instanceof Answer.OneRun one) {
                phases.putIfAbsent(one.run().run().id(), one.run().phase());
            }
            return null;
        }

        @Override
        public @Nullable Void announce(BatchEffect.Announce effect) {
            news.add(effect.news());
            return null;
        }

        @Override
        public @Nullable Void setTimer(BatchEffect.SetTimer effect) {
            timer = effect.at();
            return null;
        }

        @Override
        public @Nullable Void startOver(BatchEffect.StartOver effect) {
            startedOver++;
            return null;
        }

        @Override
        public @Nullable Void giveUp(BatchEffect.GiveUp effect) {
            gaveUp = effect.reason();
            return null;
        }
    }
}
