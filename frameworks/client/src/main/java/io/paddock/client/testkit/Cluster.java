package io.paddock.client.testkit;

import io.paddock.client.testkit.Ledger.Agent;
import io.paddock.client.testkit.Ledger.Framework;
import io.paddock.client.testkit.Ledger.OpenOffer;
import io.paddock.client.testkit.Ledger.Task;
import io.paddock.common.Rejection;
import io.paddock.common.resources.Resources;
import io.paddock.proto.v1.Address;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.Attribute;
import io.paddock.proto.v1.Filters;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.MasterInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OfferID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The master's side of every call. One lock guards it and the ledger behind it. */
final class Cluster {
    private static final int CALLS_KEPT = 10_000;
    /** Timers and filters do not go by the same clock: the end of a filter is looked at a little later. */
    private static final Duration CLOCKS_APART = Duration.ofMillis(10);

    private final Ledger ledger = new Ledger();
    private final Offers offers = new Offers(ledger);
    private final Tasks tasks;
    private final ScheduledExecutorService timers;
    private final Duration heartbeat;
    private final int port;
    private final List<Call> calls = new ArrayList<>();
    private String masterId = UUID.randomUUID().toString();
    private int nextAgent;
    private int nextFramework;

    Cluster(ScheduledExecutorService timers, Duration heartbeat, int port) {
        this.timers = timers;
        this.heartbeat = heartbeat;
        this.port = port;
        this.tasks = new Tasks(ledger, this::after);
    }

    private void after(Duration delay, Runnable task) {
        if (!timers.isShutdown()) {
            timers.schedule(
                    () -> {
                        synchronized (this) {
                            task.run();
                            allocate();
                        }
                    },
                    delay.toNanos(),
                    TimeUnit.NANOSECONDS);
        }
    }

    private void allocate() {
        offers.allocate(masterId);
    }

    synchronized AgentID addAgent(String hostname, int agentPort, Resources total, List<Attribute> attributes) {
        AgentID id =
                AgentID.newBuilder().setValue(masterId + "-S" + nextAgent++).build();
        ledger.agents.put(id, new Agent(id, hostname, agentPort, total, attributes));
        allocate();
        return id;
    }

    synchronized void removeAgent(AgentID id) {
        Agent agent = ledger.agents.remove(id);
        if (agent != null) {
            offers.rescind(agent);
            tasks.unreachable(id);
            Event failure = Event.newBuilder()
                    .setType(Event.Type.FAILURE)
                    .setFailure(Event.Failure.newBuilder().setAgentId(id))
                    .build();
            emit(failure);
        }
    }

    synchronized void follow(Function<TaskInfo, TaskScript> scripts) {
        tasks.follow(scripts);
    }

    /** Opens a stream for a framework, or says why not. */
    synchronized Optional<Rejection> subscribe(Call call, EventWriter stream, String streamId) {
        remember(call);
        FrameworkInfo info = call.getSubscribe().getFrameworkInfo();
        if (info.hasId() != call.hasFrameworkId() || !info.getId().equals(call.getFrameworkId())) {
            return Optional.of(
                    Rejection.invalid("framework_id: must be the same as subscribe.framework_info.id, or both absent"));
        }
        FrameworkID id = info.hasId()
                ? info.getId()
                : FrameworkID.newBuilder()
                        .setValue(masterId + String.format("-%04d", nextFramework++))
                        .build();
        if (ledger.removedFrameworks.contains(id)) {
            stream.send(error("Framework has been removed"));
            stream.close();
            return Optional.empty();
        }
        Framework framework = ledger.frameworks.computeIfAbsent(id, i -> new Framework(i, info));
        if (framework.stream != null) {
            framework.stream.send(error("Framework failed over"));
            framework.stream.close();
        }
        framework.info = info.toBuilder().setId(id).build();
        framework.stream = stream;
        framework.streamId = streamId;
        framework.offers.clear();
        framework.filters.clear();
        framework.suppressed.clear();
        framework.suppressed.addAll(call.getSubscribe().getSuppressedRolesList());
        stream.send(Event.newBuilder()
                .setType(Event.Type.SUBSCRIBED)
                .setSubscribed(Event.Subscribed.newBuilder()
                        .setFrameworkId(id)
                        .setHeartbeatIntervalSeconds(heartbeat.toMillis() / 1000.0)
                        .setMasterInfo(masterInfo()))
                .build());
        tasks.resend(framework);
        allocate();
        return Optional.empty();
    }

    private MasterInfo masterInfo() {
        return MasterInfo.newBuilder()
                .setId(masterId)
                .setIp(0x0100007f)
                .setPort(port)
                .setPid("master@127.0.0.1:" + port)
                .setHostname("localhost")
                .setVersion("1.11.0")
                .setAddress(Address.newBuilder()
                        .setHostname("localhost")
                        .setIp("127.0.0.1")
                        .setPort(port))
                .build();
    }

    /** The other end of a stream is gone: the framework has its failover timeout to come back. */
    synchronized void streamLost(EventWriter stream) {
        for (Framework framework : List.copyOf(ledger.frameworks.values())) {
            if (framework.stream == stream) {
                framework.stream = null;
                framework.offers.clear();
                framework.filters.clear();
                after(Duration.ofMillis(Math.round(framework.info.getFailoverTimeout() * 1000)), () -> {
                    if (framework.stream == null && ledger.frameworks.get(framework.id) == framework) {
                        remove(framework);
                    }
                });
            }
        }
        allocate();
    }

    /** Any call but SUBSCRIBE; answers why it is refused. */
    synchronized Optional<Rejection> call(Call call, @Nullable String streamId) {
        remember(call);
        Framework framework = ledger.frameworks.get(call.getFrameworkId());
        if (framework == null) {
            return Optional.of(Rejection.invalid("Framework cannot be found"));
        }
        if (framework.stream == null) {
            return Optional.of(new Rejection(Rejection.Code.FORBIDDEN, "Framework is not subscribed"));
        }
        if (!framework.streamId.equals(streamId)) {
            return Optional.of(Rejection.invalid("Mesos-Stream-Id: is not that of the framework's subscription"));
        }
        Optional<Rejection> rejection = carryOut(framework, call);
        allocate();
        return rejection;
    }

    private Optional<Rejection> carryOut(Framework framework, Call call) {
        switch (call.getType()) {
            case TEARDOWN -> remove(framework);
            case ACCEPT -> accept(framework, call.getAccept());
            case DECLINE ->
                takeBack(
                        framework,
                        call.getDecline().getOfferIdsList(),
                        call.getDecline().getFilters());
            case REVIVE -> {
                framework.suppressed.removeAll(
                        rolesOf(framework, call.getRevive().getRolesList()));
                framework.filters.removeIf(
                        f -> rolesOf(framework, call.getRevive().getRolesList()).contains(f.role()));
            }
            case SUPPRESS ->
                framework.suppressed.addAll(
                        rolesOf(framework, call.getSuppress().getRolesList()));
            case KILL -> tasks.kill(framework, call.getKill());
            case ACKNOWLEDGE -> tasks.acknowledge(framework, call.getAcknowledge());
            case RECONCILE -> tasks.reconcile(framework, call.getReconcile());
            case UPDATE_FRAMEWORK -> {
                framework.info = call.getUpdateFramework().getFrameworkInfo();
                framework.suppressed.clear();
                framework.suppressed.addAll(call.getUpdateFramework().getSuppressedRolesList());
            }
            case SHUTDOWN,
                    MESSAGE,
                    REQUEST,
                    ACCEPT_INVERSE_OFFERS,
                    DECLINE_INVERSE_OFFERS,
                    ACKNOWLEDGE_OPERATION_STATUS,
                    RECONCILE_OPERATIONS -> {}
            case SUBSCRIBE, UNKNOWN -> {
                return Optional.of(new Rejection(Rejection.Code.NOT_SUPPORTED, "type: " + call.getType()));
            }
        }
        return Optional.empty();
    }

    private static List<String> rolesOf(Framework framework, List<String> named) {
        return named.isEmpty() ? framework.roles() : named;
    }

    private void accept(Framework framework, Call.Accept accept) {
        List<OpenOffer> used = new ArrayList<>();
        for (OfferID id : accept.getOfferIdsList()) {
            OpenOffer offer = framework.offers.remove(id);
            if (offer != null) {
                used.add(offer);
            }
        }
        boolean valid = used.size() == accept.getOfferIdsCount()
                && used.stream().map(OpenOffer::agent).distinct().count() == 1;
        if (!valid) {
            accept.getOperationsList().forEach(operation -> tasks.drop(framework, operation));
            return;
        }
        Resources offered = Resources.EMPTY;
        for (OpenOffer offer : used) {
            offered = offered.plus(offer.resources());
        }
        Resources room = offered;
        for (Offer.Operation operation : accept.getOperationsList()) {
            room = tasks.launch(framework, used.get(0).agent(), room, operation);
        }
        boolean whole = room.equals(offered);
        offerAgainAfter(Offers.refuse(framework, used.get(0), room, accept.getFilters(), whole));
    }

    private void takeBack(Framework framework, List<OfferID> ids, Filters filters) {
        for (OfferID id : ids) {
            OpenOffer offer = framework.offers.remove(id);
            if (offer != null) {
                offerAgainAfter(Offers.refuse(framework, offer, offer.resources(), filters, true));
            }
        }
    }

    /** What is not refused any more is offered with the call that it came back by. */
    private void offerAgainAfter(Duration refused) {
        if (!refused.isZero()) {
            after(refused.plus(CLOCKS_APART), () -> {});
        }
    }

    private void remove(Framework framework) {
        ledger.frameworks.remove(framework.id);
        ledger.removedFrameworks.add(framework.id);
        for (Task task : ledger.tasks.values()) {
            if (task.framework.equals(framework.id) && !States.isOver(task.state())) {
                ledger.become(task, TaskState.TASK_KILLED);
                task.unacknowledged.clear();
            }
        }
        if (framework.stream != null) {
            framework.stream.close();
        }
    }

    /** A new master takes over: frameworks and offers are forgotten, agents and their tasks are not. */
    synchronized void failover(boolean agentsRegister) {
        masterId = UUID.randomUUID().toString();
        nextFramework = 0;
        ledger.frameworks.clear();
        ledger.removedFrameworks.clear();
        ledger.agents.values().forEach(agent -> agent.registered = agentsRegister);
    }

    synchronized void agentsRegister() {
        ledger.agents.values().forEach(agent -> agent.registered = true);
        ledger.frameworks.values().forEach(tasks::resend);
        allocate();
    }

    synchronized void report(
            String taskId,
            TaskState state,
            @Nullable String message,
            TaskStatus.@Nullable Reason reason,
            @Nullable Boolean healthy) {
        tasks.report(task(taskId), state, message, reason, healthy);
        allocate();
    }

    private Task task(String taskId) {
        return ledger.tasks.values().stream()
                .filter(task -> task.info.getTaskId().getValue().equals(taskId))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "no task " + taskId + " was launched; there are " + tasks().keySet()));
    }

    synchronized TaskInfo info(String taskId) {
        return task(taskId).info;
    }

    synchronized Map<String, TaskState> tasks() {
        Map<String, TaskState> states = new LinkedHashMap<>();
        ledger.tasks.values().forEach(task -> states.put(task.info.getTaskId().getValue(), task.state()));
        return states;
    }

    synchronized List<FrameworkInfo> frameworks() {
        return ledger.frameworks.values().stream()
                .filter(f -> f.stream != null)
                .map(f -> f.info)
                .toList();
    }

    synchronized int openOffers() {
        return ledger.frameworks.values().stream()
                .mapToInt(f -> f.offers.size())
                .sum();
    }

    synchronized int unacknowledged() {
        return ledger.tasks.values().stream()
                .mapToInt(t -> t.unacknowledged.size())
                .sum();
    }

    synchronized void rescindAll() {
        ledger.agents.values().forEach(offers::rescind);
    }

    /** Sends an event of the test's making to every framework. */
    synchronized void emit(Event event) {
        ledger.frameworks.values().forEach(framework -> {
            if (framework.stream != null) {
                framework.stream.send(event);
            }
        });
    }

    synchronized List<Call> calls() {
        return List.copyOf(calls);
    }

    private void remember(Call call) {
        if (calls.size() == CALLS_KEPT) {
            calls.remove(0);
        }
        calls.add(call);
    }

    private static Event error(String message) {
        return Event.newBuilder()
                .setType(Event.Type.ERROR)
                .setError(Event.Error.newBuilder().setMessage(message))
                .build();
    }
}
