package io.paddock.master.core;

import io.paddock.common.FrameworkLabels;
import io.paddock.common.TransitionTable;
import io.paddock.common.resources.HeldResources;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.snapshot.FrameworkView;
import io.paddock.master.core.snapshot.OfferView;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.FrameworkInfo.Capability;
import io.paddock.proto.v1.Task;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One framework on the master's books. Its view is rebuilt only after a change. */
final class Framework {
    /** Where a framework's scheduler is. */
    enum State {
        /** Known from the registry or from agents, not seen since this master leads. */
        RECOVERED,
        CONNECTED,
        /** Its stream was lost; it is removed when its failover timeout has passed. */
        DISCONNECTED,
        REMOVED
    }

    static final TransitionTable<State> LIFECYCLE = TransitionTable.of("framework", State.class)
            .from(State.RECOVERED, State.CONNECTED, State.REMOVED)
            .from(State.CONNECTED, State.CONNECTED, State.DISCONNECTED, State.REMOVED)
            .from(State.DISCONNECTED, State.CONNECTED, State.REMOVED)
            .from(State.REMOVED)
            .build();

    final String id;
    final Instant registeredAt;
    /** Not terminal, or terminal and not yet acknowledged, by id. */
    final Map<String, TrackedTask> tasks = new LinkedHashMap<>();

    final FrameworkCounters counters = new FrameworkCounters();
    final Map<String, OfferView> offers = new LinkedHashMap<>();
    final BatchDeclines declines = new BatchDeclines();
    /** Operations that asked for feedback and are not over, by operation id. */
    final Map<String, TrackedOperation> operations = new LinkedHashMap<>();

    private final int maxCompleted;
    private final int maxUnreachable;
    private final ArrayDeque<Task> completed = new ArrayDeque<>();
    private final LinkedHashMap<String, Task> unreachable = new LinkedHashMap<>();

    private State state;
    private FrameworkInfo info;
    private List<String> roles = List.of();
    private Set<Capability.Type> capabilities = EnumSet.noneOf(Capability.Type.class);
    private OfferTerms terms = OfferTerms.NONE;
    private @Nullable String stream;
    private final HeldResources used = new HeldResources();
    private final HeldResources offered = new HeldResources();
    private @Nullable Instant reregisteredAt;
    private @Nullable Instant disconnectedAt;
    private @Nullable Instant unregisteredAt;
    private @Nullable FrameworkView view;
    /** Its removal is being written: it cannot come back. */
    boolean leaving;

    Framework(FrameworkInfo info, State state, Instant registeredAt, MasterConfig config) {
        this.id = info.getId().getValue();
        this.state = state;
        this.info = info;
        this.registeredAt = registeredAt;
        this.maxCompleted = config.maxCompletedTasks();
        this.maxUnreachable = config.maxUnreachableTasks();
        describe(info, OfferTerms.NONE);
    }

    /** Takes over a new description; the terms replace the former ones. */
    void describe(FrameworkInfo newInfo, OfferTerms newTerms) {
        info = newInfo;
        roles = FrameworkDescriptions.rolesOf(newInfo);
        EnumSet<Capability.Type> types = EnumSet.noneOf(Capability.Type.class);
        newInfo.getCapabilitiesList().forEach(c -> types.add(c.getType()));
        capabilities = types;
        terms = newTerms;
        changed();
    }

    void suppressedRoles(List<String> newSuppressed) {
        terms = terms.suppressing(newSuppressed);
        changed();
    }

    void connected(String newStream, Instant now) {
        boolean first = state == State.CONNECTED && stream == null;
        state = LIFECYCLE.require(id, state, State.CONNECTED);
        stream = newStream;
        if (!first) {
            reregisteredAt = now;
        }
        disconnectedAt = null;
        changed();
    }

    void disconnected(Instant now) {
        state = LIFECYCLE.require(id, state, State.DISCONNECTED);
        stream = null;
        disconnectedAt = now;
        changed();
    }

    void removed(Instant now) {
        state = LIFECYCLE.require(id, state, State.REMOVED);
        stream = null;
        unregisteredAt = now;
        changed();
    }

    State state() {
        return state;
    }

    /** Whether its scheduler is away, it is not to wait for it, and none of its tasks runs, or may run where nobody sees it. */
    boolean isDone() {
        return !isConnected() && endsWithItsTasks() && hasOnlyEndedTasks();
    }

    /** See {@link FrameworkLabels#ENDS_WITH_ITS_TASKS}. */
    private boolean endsWithItsTasks() {
        return info.getLabels().getLabelsList().stream()
                .anyMatch(label -> label.getKey().equals(FrameworkLabels.ENDS_WITH_ITS_TASKS)
                        && label.getValue().equals("true"));
    }

    private boolean hasOnlyEndedTasks() {
        return unreachable.isEmpty()
                && !(tasks.isEmpty() && completed.isEmpty())
                && tasks.values().stream().allMatch(TrackedTask::isTerminal);
    }

    boolean isConnected() {
        return state == State.CONNECTED;
    }

    FrameworkInfo info() {
        return info;
    }

    List<String> roles() {
        return roles;
    }

    List<String> suppressedRoles() {
        return terms.suppressedRoles();
    }

    OfferTerms terms() {
        return terms;
    }

    boolean has(Capability.Type capability) {
        return capabilities.contains(capability);
    }

    @Nullable
    String stream() {
        return stream;
    }

    @Nullable
    Task unreachableTask(String taskId) {
        return unreachable.get(taskId);
    }

    void complete(Task task) {
        counters.taskEnded(task.getState());
        completed.addLast(task);
        if (completed.size() > maxCompleted) {
            completed.removeFirst();
        }
        changed();
    }

    void becameUnreachable(Task task) {
        unreachable.put(task.getTaskId().getValue(), task);
        if (unreachable.size() > maxUnreachable) {
            Iterator<Task> oldest = unreachable.values().iterator();
            oldest.next();
            oldest.remove();
        }
        changed();
    }

    /** Takes a task off the unreachable ones; answers it if it was one of them. */
    @Nullable
    Task reachableAgain(String taskId) {
        changed();
        return unreachable.remove(taskId);
    }

    void uses(Resources resources) {
        used.add(Holdings.scalars(resources));
        changed();
    }

    void usesNoMore(Resources resources) {
        used.remove(Holdings.scalars(resources));
        changed();
    }

    void offered(OfferView offer) {
        offers.put(offer.id(), offer);
        offered.add(Holdings.scalars(offer.resources()));
        changed();
    }

    void offeredNoMore(OfferView offer) {
        offers.remove(offer.id());
        offered.remove(Holdings.scalars(offer.resources()));
        changed();
    }

    void changed() {
        view = null;
    }

    FrameworkView view() {
        FrameworkView current = view;
        if (current == null) {
            current = new FrameworkView(
                    info,
                    roles,
                    terms.suppressedRoles(),
                    terms.constraints(),
                    isConnected(),
                    isConnected(),
                    state == State.RECOVERED,
                    used.sum(),
                    offered.sum(),
                    registeredAt,
                    reregisteredAt,
                    disconnectedAt,
                    unregisteredAt,
                    List.copyOf(completed),
                    List.copyOf(unreachable.values()));
            view = current;
        }
        return current;
    }
}
