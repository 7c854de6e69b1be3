package io.paddock.marathon.core;

import com.google.protobuf.ByteString;
import io.paddock.common.resources.Resources;
import io.paddock.marathon.core.health.CheckOutcome;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.PathId;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.Attribute;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.MasterInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OfferID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.Value;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A master with agents, a store and a network around a marathon core, in virtual time. Tasks run as soon as they are
 * launched unless a test says otherwise. Everything random comes from one seed.
 */
final class FakeCluster implements MarathonEffect.Handler {
    static final Instant START = Instant.parse("2020-05-01T12:00:00Z");

    private record Happening(Instant at, long order, Runnable what) {}

    private static final class FakeAgent {
        private final String id;
        private final Map<String, String> attributes;
        private Resources free;

        FakeAgent(String id, Map<String, String> attributes, Resources free) {
            this.id = id;
            this.attributes = attributes;
            this.free = free;
        }
    }

    private record FakeTask(TaskInfo info, FakeAgent agent, TaskState state) {
        FakeTask in(TaskState next) {
            return new FakeTask(info, agent, next);
        }
    }

    private final PriorityQueue<Happening> happenings =
            new PriorityQueue<>(Comparator.comparing(Happening::at).thenComparing(Happening::order));
    private final Map<String, FakeAgent> agents = new LinkedHashMap<>();
    private final Map<String, FakeTask> tasks = new LinkedHashMap<>();
    private final Map<String, Resources> offered = new LinkedHashMap<>();
    private final Map<String, FakeAgent> offeredOn = new LinkedHashMap<>();
    private final Map<String, Instant> refusedUntil = new LinkedHashMap<>();
    private final Map<String, Fact> store = new LinkedHashMap<>();
    private final Map<Long, Answer> answers = new LinkedHashMap<>();
    private final Random random;
    private MarathonCore core;
    private CommitQueue commits = new CommitQueue();
    private boolean up = true;
    private boolean suppressed;
    private long order;
    private long nextId;
    private long nodes = 1;
    private Instant wakeAt = Instant.MAX;

    final List<Call> calls = new ArrayList<>();
    final List<Notice> notices = new ArrayList<>();
    final Set<String> launchedEver = new HashSet<>();
    Instant now = START;
    Duration runsAfter = Duration.ofMillis(200);
    Duration diesAfterKill = Duration.ofMillis(300);
    Duration writeTakes = Duration.ofMillis(2);
    Predicate<TaskInfo> startsWell = task -> true;
    Predicate<String> answersHealthChecks = taskId -> true;
    Consumer<FakeCluster> afterEachStep = cluster -> {};

    @Nullable
    String exited;

    FakeCluster(long seed) {
        this.random = new Random(seed);
        this.core = newCore();
        feed(new MarathonEvent.StateRecovered(List.of()));
        subscribe();
    }

    private MarathonCore newCore() {
        FrameworkInfo framework = FrameworkInfo.newBuilder()
                .setName("marathon")
                .setUser("root")
                .addRoles("*")
                .build();
        return new MarathonCore(Settings.of(framework), nodes++);
    }

    // ---- what tests do ----

    FakeCluster agent(String id, String resources, String... attributes) {
        Map<String, String> map = new TreeMap<>();
        for (int i = 0; i < attributes.length; i += 2) {
            map.put(attributes[i], attributes[i + 1]);
        }
        agents.put(id, new FakeAgent(id, map, Resources.parse(resources)));
        in(Duration.ZERO, this::offerEverything);
        return this;
    }

    Answer ask(Request request) {
        long id = nextId++;
        feed(new MarathonEvent.RequestReceived(id, new MarathonEvent.Origin("127.0.0.1", "/v2/apps"), request));
        for (int i = 0; i < 1000 && !answers.containsKey(id); i++) {
            advance(Duration.ofMillis(1));
        }
        return answers.get(id);
    }

    Answer create(App app) {
        return ask(new Request.CreateApp(app, false));
    }

    /** Changes an app from what it is now. */
    Answer change(App app, boolean force) {
        Instant basedOn = view().definition(app.id()).map(App::version).orElse(null);
        return ask(new Request.ChangeApps(List.of(new Request.ChangeApps.Change(app, basedOn)), force));
    }

    void advance(Duration by) {
        Instant end = now.plus(by);
        while (!happenings.isEmpty() && !happenings.peek().at().isAfter(end)) {
            Happening next = happenings.remove();
            now = next.at();
            next.what().run();
            afterEachStep.accept(this);
        }
        now = end;
    }

    /** Ends a task as if it had crashed. */
    void crash(String taskId, TaskState how) {
        update(taskId, how, null);
    }

    void report(String taskId, TaskState state, @Nullable Boolean healthy) {
        update(taskId, state, healthy);
    }

    /** The agent is lost with all its tasks still running on it. */
    void loseAgent(String agentId) {
        List.copyOf(tasks.values()).stream()
                .filter(t -> t.agent.id.equals(agentId))
                .forEach(t -> update(t.info.getTaskId().getValue(), TaskState.TASK_UNREACHABLE, null));
    }

    /** Marathon is killed: what was not stored is lost; then a new one starts. */
    void crashMarathon(Duration downtime) {
        up = false;
        commits = new CommitQueue();
        wakeAt = Instant.MAX;
        suppressed = false;
        advance(downtime);
        core = newCore();
        up = true;
        feed(new MarathonEvent.StateRecovered(List.copyOf(store.values())));
        subscribe();
    }

    MarathonView view() {
        return core.view();
    }

    List<Instance> instances(String app) {
        AppView known = view().apps().get(PathId.of(app));
        return known == null ? List.of() : known.instances();
    }

    List<String> runningTasks(String app) {
        String prefix = PathId.of(app).safe() + ".instance-";
        return tasks.values().stream()
                .filter(t -> t.state == TaskState.TASK_RUNNING)
                .map(t -> t.info.getTaskId().getValue())
                .filter(id -> id.startsWith(prefix))
                .toList();
    }

    TaskInfo task(String taskId) {
        return tasks.get(taskId).info;
    }

    int deployments() {
        return view().deployments().size();
    }

    int random(int bound) {
        return random.nextInt(bound);
    }

    long count(Call.Type type) {
        return calls.stream().filter(c -> c.getType() == type).count();
    }

    // ---- the shell ----

    private void feed(MarathonEvent event) {
        if (up) {
            step(commits.offer(core.on(now, event)));
        }
    }

    private void step(CommitQueue.Step step) {
        step.ready().forEach(e -> e.handle(this));
        if (!step.write().isEmpty()) {
            CommitQueue mine = commits;
            in(writeTakes, () -> {
                if (commits == mine) {
                    step.write().forEach(this::keep);
                    step(mine.written());
                }
            });
        }
    }

    private void keep(Fact fact) {
        for (String key : fact.keys()) {
            if (fact.takesAway()) {
                store.remove(key);
            } else {
                store.put(key, fact);
            }
        }
    }

    private void in(Duration delay, Runnable what) {
        happenings.add(new Happening(now.plus(delay), order++, what));
    }

    private void say(Event.Builder event) {
        in(Duration.ofMillis(1), () -> feed(new MarathonEvent.MasterSaid(event.build())));
    }

    @Override
    public void store(MarathonEffect.Store effect) {
        throw new AssertionError("the commit queue keeps these");
    }

    @Override
    public void send(MarathonEffect.Send effect) {
        calls.add(effect.call());
        onCall(effect.call());
    }

    @Override
    public void reply(MarathonEffect.Reply effect) {
        answers.put(effect.requestId(), effect.answer());
    }

    @Override
    public void publish(MarathonEffect.Publish effect) {
        notices.add(effect.notice());
    }

    @Override
    public void runCheck(MarathonEffect.RunCheck effect) {
        boolean good = answersHealthChecks.test(effect.check().taskId())
                && tasks.containsKey(effect.check().taskId());
        CheckOutcome outcome =
                good ? CheckOutcome.answered(200, null, null) : CheckOutcome.failed("connection refused");
        in(Duration.ofMillis(5), () -> feed(new MarathonEvent.CheckFinished(effect.check(), outcome)));
    }

    @Override
    public void wakeAt(MarathonEffect.WakeAt effect) {
        wakeAt = effect.at();
        Duration delay = Duration.between(now, effect.at());
        in(delay.isNegative() ? Duration.ZERO : delay, () -> {
            if (!wakeAt.isAfter(now)) {
                wakeAt = Instant.MAX;
                feed(new MarathonEvent.TimePassed());
            }
        });
    }

    @Override
    public void exit(MarathonEffect.Exit effect) {
        exited = effect.reason();
    }

    // ---- the master ----

    private void subscribe() {
        offeredOn.forEach((id, agent) -> agent.free = agent.free.plus(offered.get(id)));
        offered.clear();
        offeredOn.clear();
        Event.Builder event = Event.newBuilder().setType(Event.Type.SUBSCRIBED);
        event.getSubscribedBuilder()
                .setFrameworkId(FrameworkID.newBuilder().setValue("framework"))
                .setMasterInfo(MasterInfo.newBuilder()
                        .setId("m")
                        .setIp(1)
                        .setPort(5050)
                        .setHostname("master"));
        say(event);
        in(Duration.ofMillis(2), this::offerEverything);
    }

    private void offerEverything() {
        if (suppressed || !up) {
            return;
        }
        Event.Builder event = Event.newBuilder().setType(Event.Type.OFFERS);
        for (FakeAgent agent : agents.values()) {
            Resources free = agent.free;
            boolean refused =
                    refusedUntil.getOrDefault(agent.id + free, Instant.EPOCH).isAfter(now);
            if (free.isEmpty() || refused) {
                continue;
            }
            String id = "O" + nextId++;
            offered.put(id, free);
            offeredOn.put(id, agent);
            agent.free = Resources.EMPTY;
            Offer.Builder offer = event.getOffersBuilder()
                    .addOffersBuilder()
                    .setId(OfferID.newBuilder().setValue(id))
                    .setFrameworkId(FrameworkID.newBuilder().setValue("framework"))
                    .setAgentId(AgentID.newBuilder().setValue(agent.id))
                    .setHostname(agent.id + ".local")
                    .addAllResources(ResourceMessages.toMessages(free.allocatedTo("*")));
            offer.getAllocationInfoBuilder().setRole("*");
            agent.attributes.forEach((name, value) -> offer.addAttributes(Attribute.newBuilder()
                    .setName(name)
                    .setType(Value.Type.TEXT)
                    .setText(Value.Text.newBuilder().setValue(value))));
        }
        if (event.getOffers().getOffersCount() > 0) {
            say(event);
        }
    }

    private void onCall(Call call) {
        switch (call.getType()) {
            case ACCEPT -> onAccept(call.getAccept());
            case DECLINE ->
                call.getDecline().getOfferIdsList().forEach(id -> {
                    FakeAgent agent = offeredOn.remove(id.getValue());
                    Resources back = offered.remove(id.getValue());
                    if (agent != null && back != null) {
                        agent.free = agent.free.plus(back);
                        refusedUntil.put(agent.id + agent.free, now.plusSeconds((long)
                                call.getDecline().getFilters().getRefuseSeconds()));
                    }
                });
            case REVIVE -> {
                suppressed = false;
                refusedUntil.clear();
                in(Duration.ofMillis(1), this::offerEverything);
            }
            case SUPPRESS -> suppressed = true;
            case KILL -> onKill(call.getKill().getTaskId().getValue());
            case RECONCILE ->
                call.getReconcile()
                        .getTasksList()
                        .forEach(t -> onReconcile(t.getTaskId().getValue()));
            default -> {}
        }
    }

    private void onAccept(Call.Accept accept) {
        String offerId = accept.getOfferIds(0).getValue();
        FakeAgent agent = offeredOn.remove(offerId);
        Resources left = offered.remove(offerId);
        for (TaskInfo task : accept.getOperations(0).getLaunch().getTaskInfosList()) {
            String id = task.getTaskId().getValue();
            if (agent == null || left == null) {
                tasks.put(
                        id,
                        new FakeTask(task, new FakeAgent("none", Map.of(), Resources.EMPTY), TaskState.TASK_STAGING));
                update(id, TaskState.TASK_DROPPED, null);
                continue;
            }
            Resources wanted =
                    ResourceMessages.fromMessages(task.getResourcesList()).unallocated();
            if (!left.contains(wanted)) {
                throw new AssertionError("task " + id + " wants " + wanted + " but the offer has " + left);
            }
            if (!launchedEver.add(id)) {
                throw new AssertionError("task " + id + " was launched twice");
            }
            left = left.minus(wanted);
            tasks.put(id, new FakeTask(task, agent, TaskState.TASK_STAGING));
            TaskState next = startsWell.test(task) ? TaskState.TASK_RUNNING : TaskState.TASK_FAILED;
            in(runsAfter, () -> {
                FakeTask t = tasks.get(id);
                if (t != null && t.state == TaskState.TASK_STAGING) {
                    update(id, next, null);
                }
            });
        }
        if (agent != null && left != null) {
            agent.free = agent.free.plus(left);
            in(Duration.ofMillis(5), this::offerEverything);
        }
    }

    private void onKill(String taskId) {
        if (tasks.containsKey(taskId)) {
            in(diesAfterKill, () -> update(taskId, TaskState.TASK_KILLED, null));
        } else {
            onReconcile(taskId);
        }
    }

    private void onReconcile(String taskId) {
        FakeTask task = tasks.get(taskId);
        TaskState state = task == null ? TaskState.TASK_UNKNOWN : task.state;
        say(status(taskId, state, task == null ? null : task.agent));
    }

    private void update(String taskId, TaskState state, @Nullable Boolean healthy) {
        FakeTask task = tasks.get(taskId);
        if (task == null) {
            return;
        }
        boolean over = Tasks.condition(state).isTerminal();
        if (over) {
            tasks.remove(taskId);
            Resources back =
                    ResourceMessages.fromMessages(task.info.getResourcesList()).unallocated();
            task.agent.free = task.agent.free.plus(back);
            in(Duration.ofMillis(5), this::offerEverything);
        } else {
            tasks.put(taskId, task.in(state));
        }
        Event.Builder event = status(taskId, state, task.agent);
        TaskStatus.Builder status =
                event.getUpdateBuilder().getStatusBuilder().setUuid(ByteString.copyFromUtf8("uuid-" + nextId++));
        if (healthy != null) {
            status.setHealthy(healthy);
        }
        say(event);
    }

    private static Event.Builder status(String taskId, TaskState state, @Nullable FakeAgent agent) {
        TaskStatus.Builder status = TaskStatus.newBuilder().setState(state).setMessage("told by the fake master");
        status.getTaskIdBuilder().setValue(taskId);
        if (agent != null) {
            status.getAgentIdBuilder().setValue(agent.id);
        }
        Event.Builder event = Event.newBuilder().setType(Event.Type.UPDATE);
        event.getUpdateBuilder().setStatus(status);
        return event;
    }
}
