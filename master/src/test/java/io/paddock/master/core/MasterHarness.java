package io.paddock.master.core;

import com.google.protobuf.ByteString;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.MasterEffect.Answer;
import io.paddock.master.core.allocator.AllocatorOptions;
import io.paddock.master.core.snapshot.AgentView;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.master.core.snapshot.FrameworkView;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.Heartbeat;
import io.paddock.proto.link.Register;
import io.paddock.proto.link.Reregister;
import io.paddock.proto.link.StatusUpdate;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.MasterInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A master core with a shell of plain collections: virtual time, timers, a registry that confirms at once or when told. */
final class MasterHarness {
    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    final TreeMap<String, ByteString> store = new TreeMap<>();
    final Map<String, List<Event>> events = new HashMap<>();
    final Map<String, List<ToAgent>> sent = new HashMap<>();
    final Set<String> closedStreams = new LinkedHashSet<>();
    final Set<String> closedLinks = new LinkedHashSet<>();
    final Map<String, Answer> answers = new HashMap<>();
    final List<MasterEffect.Publish> published = new ArrayList<>();
    final ArrayDeque<Long> unconfirmed = new ArrayDeque<>();
    final Map<Timer, Instant> timers = new LinkedHashMap<>();

    @Nullable
    String gaveUp;

    /** Links whose agents do not answer heartbeats. */
    final Set<String> silent = new HashSet<>();

    boolean confirmWrites = true;
    Instant now = START;
    BiConsumer<MasterEvent, List<MasterEffect>> trace = (event, effects) -> {};

    private final MasterConfig config;
    private MasterCore core;
    private int requests;
    private int uuids;

    MasterHarness() {
        this(MasterConfig.defaults());
    }

    MasterHarness(MasterConfig config) {
        this.config = config;
        this.core = core("m1");
        feed(new MasterEvent.RegistryRecovered(new TreeMap<>(store)));
    }

    /** The default but for what is about agents that go and who is let in. */
    static MasterConfig config(
            MasterConfig.Memory memory, MasterConfig.Removals removals, MasterConfig.Admissions admissions) {
        return config(memory, removals, admissions, Collections.emptySortedMap());
    }

    /** The default but for the weights of roles. */
    static MasterConfig config(SortedMap<String, Double> weights) {
        MasterConfig usual = MasterConfig.defaults();
        return config(usual.memory(), usual.removals(), usual.admissions(), weights);
    }

    private static MasterConfig config(
            MasterConfig.Memory memory,
            MasterConfig.Removals removals,
            MasterConfig.Admissions admissions,
            SortedMap<String, Double> weights) {
        MasterConfig usual = MasterConfig.defaults();
        return new MasterConfig(
                usual.allocationDelay(),
                usual.allocationInterval(),
                usual.offerTimeout(),
                usual.agentHeartbeat(),
                usual.silentHeartbeats(),
                usual.agentReregisterTimeout(),
                usual.maxCompletedFrameworks(),
                usual.maxCompletedTasks(),
                usual.maxUnreachableTasks(),
                usual.agentRecoveryFactor(),
                usual.allocationRecoveryTimeout(),
                usual.regexLimits(),
                memory,
                removals,
                admissions,
                weights);
    }

    private MasterCore core(String id) {
        MasterInfo info = MasterInfo.newBuilder()
                .setId(id)
                .setIp(0)
                .setPort(5050)
                .setHostname("localhost")
                .build();
        return new MasterCore(config, AllocatorOptions.defaults(1), info);
    }

    /** Another master takes over: all streams, links and timers are gone, the registry stays. */
    void failOver(String newId) {
        timers.clear();
        events.clear();
        sent.clear();
        unconfirmed.clear();
        core = core(newId);
        feed(new MasterEvent.RegistryRecovered(new TreeMap<>(store)));
    }

    void feed(MasterEvent event) {
        List<MasterEffect> effects = core.on(now, event);
        trace.accept(event, effects);
        effects.forEach(this::carryOut);
    }

    private void carryOut(MasterEffect effect) {
        if (effect instanceof MasterEffect.Persist persist) {
            persist.writes().forEach((key, value) -> {
                if (value.isPresent()) {
                    store.put(key, value.get());
                } else {
                    store.remove(key);
                }
            });
            if (confirmWrites) {
                feed(new MasterEvent.Persisted(persist.ticket()));
            } else {
                unconfirmed.add(persist.ticket());
            }
        } else if (effect instanceof MasterEffect.SendToScheduler send) {
            events(send.stream()).add(send.event());
        } else if (effect instanceof MasterEffect.SendToAgent send) {
            sent(send.link()).add(send.message());
            if (send.message().hasHeartbeat() && !silent.contains(send.link())) {
                spoke(send.link(), FromAgent.newBuilder().setHeartbeat(Heartbeat.getDefaultInstance()));
            }
        } else if (effect instanceof MasterEffect.CloseStream close) {
            closedStreams.add(close.stream());
        } else if (effect instanceof MasterEffect.CloseLink close) {
            closedLinks.add(close.link());
        } else if (effect instanceof MasterEffect.Reply reply) {
            answers.put(reply.request(), reply.answer());
        } else if (effect instanceof MasterEffect.StartTimer start) {
            timers.put(start.timer(), now.plus(start.delay()));
        } else if (effect instanceof MasterEffect.CancelTimer cancel) {
            timers.remove(cancel.timer());
        } else if (effect instanceof MasterEffect.Publish publish) {
            published.add(publish);
        } else if (effect instanceof MasterEffect.GiveUpLeadership giveUp) {
            gaveUp = giveUp.reason();
        }
    }

    void confirmAll() {
        confirmWrites = true;
        while (!unconfirmed.isEmpty()) {
            feed(new MasterEvent.Persisted(unconfirmed.poll()));
        }
    }

    /** Lets time pass; due timers fire in order. */
    void advance(Duration duration) {
        Instant end = now.plus(duration);
        while (true) {
            Optional<Map.Entry<Timer, Instant>> next =
                    timers.entrySet().stream().min(Comparator.comparing(Map.Entry::getValue));
            if (next.isEmpty() || next.get().getValue().isAfter(end)) {
                break;
            }
            now = next.get().getValue();
            Timer timer = next.get().getKey();
            timers.remove(timer);
            feed(new MasterEvent.TimerFired(timer));
        }
        now = end;
    }

    /** Long enough for a coalesced allocation. */
    void settle() {
        advance(Duration.ofMillis(10));
    }

    List<Event> events(String stream) {
        return events.computeIfAbsent(stream, s -> new ArrayList<>());
    }

    List<Event> events(String stream, Event.Type type) {
        return events(stream).stream().filter(e -> e.getType() == type).toList();
    }

    List<ToAgent> sent(String link) {
        return sent.computeIfAbsent(link, l -> new ArrayList<>());
    }

    List<ToAgent> sent(String link, ToAgent.MessageCase messageCase) {
        return sent(link).stream()
                .filter(m -> m.getMessageCase() == messageCase)
                .toList();
    }

    ClusterSnapshot snapshot() {
        return core.snapshot(now);
    }

    AgentView agent(String id) {
        return snapshot().agents().stream()
                .filter(a -> a.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    FrameworkView framework(String id) {
        return snapshot().frameworks().stream()
                .filter(f -> f.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    MasterCore core() {
        return core;
    }

    // --- agents ---

    static AgentInfo.Builder agentInfo(String hostname, String resources) {
        return AgentInfo.newBuilder()
                .setHostname(hostname)
                .setPort(5051)
                .addAllResources(ResourceMessages.toMessages(Resources.parse(resources)));
    }

    static List<AgentInfo.Capability> capabilities() {
        List<AgentInfo.Capability> all = new ArrayList<>();
        for (AgentInfo.Capability.Type type : AgentInfo.Capability.Type.values()) {
            if (type != AgentInfo.Capability.Type.UNKNOWN) {
                all.add(AgentInfo.Capability.newBuilder().setType(type).build());
            }
        }
        return all;
    }

    void spoke(String link, FromAgent.Builder message) {
        feed(new MasterEvent.AgentSpoke(link, null, message.build()));
    }

    /** @return the agent's id, empty when it was not registered */
    String register(String link, String resources) {
        spoke(
                link,
                FromAgent.newBuilder()
                        .setRegister(Register.newBuilder()
                                .setAgent(agentInfo("host-" + link, resources))
                                .setVersion("0.1.0")
                                .addAllCapabilities(capabilities())));
        return sent(link, ToAgent.MessageCase.REGISTERED).stream()
                .map(m -> m.getRegistered().getAgentId().getValue())
                .findFirst()
                .orElse("");
    }

    /** What an agent that lost its link or its master says again. */
    Reregister.Builder reregister(String host, String resources, String agentId) {
        return Reregister.newBuilder()
                .setAgent(agentInfo(host, resources).setId(AgentID.newBuilder().setValue(agentId)))
                .setVersion("0.1.0")
                .addAllCapabilities(capabilities());
    }

    void update(String link, String frameworkId, TaskStatus status) {
        update(link, frameworkId, status, status.getState());
    }

    void update(String link, String frameworkId, TaskStatus status, TaskState latest) {
        spoke(
                link,
                FromAgent.newBuilder()
                        .setStatusUpdate(StatusUpdate.newBuilder()
                                .setFrameworkId(FrameworkID.newBuilder().setValue(frameworkId))
                                .setStatus(status)
                                .setLatestState(latest)));
    }

    TaskStatus status(String taskId, TaskState state) {
        byte[] uuid = new byte[16];
        uuid[0] = (byte) ++uuids;
        return TaskStatus.newBuilder()
                .setTaskId(TaskID.newBuilder().setValue(taskId))
                .setState(state)
                .setSource(TaskStatus.Source.SOURCE_EXECUTOR)
                .setUuid(ByteString.copyFrom(uuid))
                .build();
    }

    // --- schedulers ---

    static FrameworkInfo.Builder frameworkInfo(String name, String... roles) {
        return FrameworkInfo.newBuilder()
                .setUser("root")
                .setName(name)
                .setFailoverTimeout(60)
                .addAllRoles(List.of(roles))
                .addCapabilities(capability(FrameworkInfo.Capability.Type.MULTI_ROLE))
                .addCapabilities(capability(FrameworkInfo.Capability.Type.RESERVATION_REFINEMENT))
                .addCapabilities(capability(FrameworkInfo.Capability.Type.PARTITION_AWARE));
    }

    static FrameworkInfo.Capability capability(FrameworkInfo.Capability.Type type) {
        return FrameworkInfo.Capability.newBuilder().setType(type).build();
    }

    static Call.Builder subscribe(FrameworkInfo info) {
        Call.Builder call = Call.newBuilder()
                .setType(Call.Type.SUBSCRIBE)
                .setSubscribe(Call.Subscribe.newBuilder().setFrameworkInfo(info));
        if (info.hasId()) {
            call.setFrameworkId(info.getId());
        }
        return call;
    }

    /** @return the answer of SUBSCRIBE */
    Answer subscribe(String stream, Call call) {
        return subscribe(stream, null, null, call);
    }

    Answer subscribe(String stream, @Nullable String givenStream, @Nullable String principal, Call call) {
        String request = "r" + ++requests;
        feed(new MasterEvent.SubscribeCalled(request, stream, givenStream, principal, call));
        return answers.get(request);
    }

    /** @return the framework's id */
    String subscribed(String stream, FrameworkInfo.Builder info) {
        subscribe(stream, subscribe(info.build()).build());
        return events(stream, Event.Type.SUBSCRIBED)
                .get(0)
                .getSubscribed()
                .getFrameworkId()
                .getValue();
    }

    static Call.Builder call(String frameworkId, Call.Type type) {
        return Call.newBuilder()
                .setFrameworkId(FrameworkID.newBuilder().setValue(frameworkId))
                .setType(type);
    }

    Answer call(String stream, Call.Builder call) {
        return call(stream, null, call);
    }

    Answer call(@Nullable String stream, @Nullable String principal, Call.Builder call) {
        String request = "r" + ++requests;
        feed(new MasterEvent.SchedulerCalled(request, stream, principal, call.build()));
        return answers.get(request);
    }

    Answer operate(io.paddock.proto.v1.master.Call.Builder call) {
        String request = "r" + ++requests;
        feed(new MasterEvent.OperatorCalled(request, null, call.build()));
        return answers.get(request);
    }

    /** All offers a stream was sent so far. */
    List<Offer> offers(String stream) {
        return events(stream, Event.Type.OFFERS).stream()
                .flatMap(e -> e.getOffers().getOffersList().stream())
                .toList();
    }

    Offer lastOffer(String stream) {
        List<Offer> all = offers(stream);
        return all.get(all.size() - 1);
    }

    static TaskInfo.Builder task(String id, Offer offer, String resources) {
        return TaskInfo.newBuilder()
                .setName(id)
                .setTaskId(TaskID.newBuilder().setValue(id))
                .setAgentId(offer.getAgentId())
                .setCommand(CommandInfo.newBuilder().setValue("sleep 1000"))
                .addAllResources(ResourceMessages.toMessages(Resources.parse(resources)));
    }

    static Offer.Operation launch(TaskInfo... tasks) {
        return Offer.Operation.newBuilder()
                .setType(Offer.Operation.Type.LAUNCH)
                .setLaunch(Offer.Operation.Launch.newBuilder().addAllTaskInfos(List.of(tasks)))
                .build();
    }

    Answer accept(String stream, String frameworkId, Offer offer, Offer.Operation... operations) {
        return call(
                stream,
                call(frameworkId, Call.Type.ACCEPT)
                        .setAccept(Call.Accept.newBuilder()
                                .addOfferIds(offer.getId())
                                .addAllOperations(List.of(operations))));
    }

    Answer acknowledge(String stream, String frameworkId, String agentId, TaskStatus status) {
        return call(
                stream,
                call(frameworkId, Call.Type.ACKNOWLEDGE)
                        .setAcknowledge(Call.Acknowledge.newBuilder()
                                .setAgentId(AgentID.newBuilder().setValue(agentId))
                                .setTaskId(status.getTaskId())
                                .setUuid(status.getUuid())));
    }

    List<TaskStatus> updates(String stream) {
        return events(stream, Event.Type.UPDATE).stream()
                .map(e -> e.getUpdate().getStatus())
                .toList();
    }

    TaskStatus lastUpdate(String stream) {
        List<TaskStatus> all = updates(stream);
        return all.get(all.size() - 1);
    }
}
