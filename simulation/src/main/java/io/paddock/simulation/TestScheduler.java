package io.paddock.simulation;

import io.paddock.client.core.Calls;
import io.paddock.client.core.OfferRoom;
import io.paddock.client.core.TaskReconciliation;
import io.paddock.client.core.TaskSpec;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OfferID;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A framework that keeps some tasks running and brings some others to their end, by the book: it writes down a task before it
 * launches it, acknowledges what it has written down, reconciles, and kills what it does not want any more.
 */
final class TestScheduler extends FrameworkNode {
    private static final Duration TICK = Duration.ofSeconds(5);
    private static final Duration RECONCILE_EVERY = Duration.ofSeconds(60);

    /** A task that was launched and is wanted. */
    private static final class Known {
        final AgentID agent;
        final boolean endless;
        TaskState state = TaskState.TASK_STAGING;
        boolean killing;

        Known(AgentID agent, boolean endless) {
            this.agent = agent;
            this.endless = endless;
        }
    }

    private final FrameworkInfo.Builder info;
    private final int endlessWanted;
    private int toFinish;

    // On its disk.
    private final Map<String, Known> tasks = new LinkedHashMap<>();
    private @Nullable FrameworkID id;
    private int lastTask;

    // In memory.
    private TaskReconciliation reconciliation = newReconciliation();
    private Instant nextReconcile = World.START;
    /** Whether the master was told to make no offers; null when a call that said so may or may not have arrived. */
    private @Nullable Boolean suppressed = false;

    private boolean killsAtRandom = true;

    TestScheduler(
            World world,
            Network network,
            String name,
            Election election,
            Invariants invariants,
            FrameworkInfo info,
            int endlessWanted,
            int toFinish) {
        super(world, network, name, election, invariants);
        this.info = info.toBuilder();
        this.endlessWanted = endlessWanted;
        this.toFinish = toFinish;
    }

    private TaskReconciliation newReconciliation() {
        return new TaskReconciliation(Duration.ofSeconds(2), Duration.ofSeconds(30), world.random.nextLong());
    }

    @Override
    void settleDown() {
        killsAtRandom = false;
    }

    @Override
    @Nullable
    FrameworkID frameworkId() {
        return id;
    }

    @Override
    Call subscribeCall() {
        if (id != null) {
            info.setId(id);
        }
        suppressed = false;
        return Calls.subscribe(info.build(), List.of());
    }

    @Override
    void begin() {
        reconciliation = newReconciliation();
        suppressed = false;
        later(TICK, this::tick);
    }

    private long endless() {
        return tasks.values().stream().filter(task -> task.endless).count();
    }

    private long finite() {
        return tasks.values().stream().filter(task -> !task.endless).count();
    }

    private boolean needsMore() {
        return endless() < endlessWanted || finite() < toFinish;
    }

    @Override
    List<String> running() {
        return tasks.entrySet().stream()
                .filter(e -> e.getValue().state == TaskState.TASK_RUNNING)
                .map(Map.Entry::getKey)
                .toList();
    }

    @Override
    boolean isContent() {
        return isSubscribed()
                && toFinish == 0
                && tasks.size() == endlessWanted
                && tasks.values().stream().allMatch(task -> task.state == TaskState.TASK_RUNNING);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(name + " subscribed=" + isSubscribed() + " wants " + endlessWanted
                + " and " + toFinish + " to finish:");
        tasks.forEach((task, known) -> text.append(' ').append(task).append('=').append(known.state));
        return text.toString();
    }

    @Override
    void heard(Event event) {
        switch (event.getType()) {
            case SUBSCRIBED:
                id = event.getSubscribed().getFrameworkId();
                reconcileAll();
                break;
            case OFFERS:
                event.getOffers().getOffersList().forEach(this::offered);
                break;
            case UPDATE:
                updated(event.getUpdate().getStatus());
                break;
            default:
                break;
        }
    }

    /** Asks for all the master knows, which finds tasks that are not wanted any more, and for all that is wanted. */
    private void reconcileAll() {
        send(Calls.reconcile(Map.of()));
        Map<TaskID, @Nullable AgentID> open = new LinkedHashMap<>();
        tasks.forEach((task, known) -> open.put(taskId(task), known.agent));
        reconciliation.start(world.now(), open);
        nextReconcile = world.now().plus(RECONCILE_EVERY);
        reconciliation.poll(world.now()).ifPresent(this::send);
    }

    private void offered(Offer offer) {
        OfferRoom room = OfferRoom.of(offer);
        if (endless() + 2 <= endlessWanted && world.chance(0.5) && launchGroup(room)) {
            return;
        }
        List<TaskInfo> launched = new ArrayList<>();
        while (needsMore() && launched.size() < 2) {
            boolean isEndless = endless() < endlessWanted;
            String task = name + "-t" + (lastTask + 1);
            String command = isEndless
                    ? "run"
                    : "exit " + (world.chance(0.8) ? 0 : 1) + " " + (100 + world.random.nextInt(8000));
            TaskSpec spec = TaskSpec.command(task, command)
                    .cpus(0.5 + 0.25 * world.random.nextInt(4))
                    .mem(64)
                    .ports(world.random.nextInt(2));
            if (!room.add(spec)) {
                break;
            }
            lastTask++;
            tasks.put(task, new Known(offer.getAgentId(), isEndless));
            launched.add(room.tasks().get(launched.size()));
        }
        if (launched.isEmpty()) {
            send(Calls.decline(List.of(offer.getId()), Duration.ofSeconds(needsMore() ? 1 : 5)));
        } else {
            List<OfferID> offers = List.of(offer.getId());
            send(Calls.launch(offers.get(0), launched, world.chance(0.5) ? null : Duration.ofSeconds(2)));
        }
    }

    /** Two endless tasks that live and die together. */
    private boolean launchGroup(OfferRoom room) {
        String group = name + "-g" + (lastTask + 1);
        List<String> names = List.of(name + "-t" + (lastTask + 1), name + "-t" + (lastTask + 2));
        boolean fits = room.add(TaskSpec.of(group).cpus(0.1).mem(32).disk(1));
        for (String task : names) {
            fits = fits && room.add(TaskSpec.command(task, "run").cpus(0.5).mem(64));
        }
        if (!fits) {
            return false;
        }
        lastTask += 2;
        names.forEach(task -> tasks.put(task, new Known(room.offer().getAgentId(), true)));
        Offer.Operation.Builder operation = Offer.Operation.newBuilder().setType(Offer.Operation.Type.LAUNCH_GROUP);
        operation
                .getLaunchGroupBuilder()
                .setExecutor(ExecutorInfo.newBuilder()
                        .setType(ExecutorInfo.Type.DEFAULT)
                        .setExecutorId(ExecutorID.newBuilder().setValue(group))
                        .addAllResources(room.tasks().get(0).getResourcesList()))
                .getTaskGroupBuilder()
                .addAllTasks(room.tasks().subList(1, 3));
        send(Calls.accept(List.of(room.offer().getId()), List.of(operation.build()), null));
        return true;
    }

    private void updated(TaskStatus status) {
        String task = status.getTaskId().getValue();
        invariants.toldFramework(name, task, status);
        reconciliation.answered(status.getTaskId());
        Known known = tasks.get(task);
        if (known != null) {
            known.state = status.getState();
            if (isLost(status.getState())) {
                tasks.remove(task);
            } else if (isOver(status.getState())) {
                tasks.remove(task);
                if (!known.endless && status.getState() == TaskState.TASK_FINISHED) {
                    toFinish--;
                }
            }
        } else if (!isLost(status.getState()) && !isOver(status.getState())) {
            send(Calls.kill(status.getTaskId(), status.hasAgentId() ? status.getAgentId() : null, null));
        }
        if (Calls.wantsAcknowledgement(status)) {
            send(Calls.acknowledge(status));
        }
        askForOffersAsNeeded();
    }

    static boolean isOver(TaskState state) {
        switch (state) {
            case TASK_FINISHED:
            case TASK_FAILED:
            case TASK_KILLED:
            case TASK_ERROR:
                return true;
            default:
                return false;
        }
    }

    /** Nobody promises that it runs: given up, and killed should it come back. */
    static boolean isLost(TaskState state) {
        switch (state) {
            case TASK_LOST:
            case TASK_DROPPED:
            case TASK_GONE:
            case TASK_GONE_BY_OPERATOR:
            case TASK_UNKNOWN:
            case TASK_UNREACHABLE:
                return true;
            default:
                return false;
        }
    }

    private void askForOffersAsNeeded() {
        if (!isSubscribed()) {
            return;
        }
        boolean enough = !needsMore();
        if (suppressed == null || suppressed != enough) {
            suppressed = enough;
            send(enough ? Calls.suppress(List.of()) : Calls.revive(List.of()));
        }
    }

    private void tick() {
        later(TICK, this::tick);
        if (!isSubscribed()) {
            return;
        }
        if (!world.now().isBefore(nextReconcile)) {
            reconcileAll();
        } else {
            reconciliation.poll(world.now()).ifPresent(this::send);
        }
        tasks.forEach((task, known) -> {
            if (known.killing || (killsAtRandom && known.endless && world.chance(0.02))) {
                known.killing = true;
                send(Calls.kill(taskId(task), known.agent, null));
            }
        });
        askForOffersAsNeeded();
    }

    private static TaskID taskId(String task) {
        return TaskID.newBuilder().setValue(task).build();
    }

    @Override
    void lost(String reason) {
        reconciliation.stop();
    }

    @Override
    void refused(Call call, String reason) {
        if (call.getType() == Call.Type.REVIVE || call.getType() == Call.Type.SUPPRESS) {
            suppressed = null;
        }
    }

    @Override
    void over(String reason) {
        invariants.frameworkRefused(name, reason);
    }
}
