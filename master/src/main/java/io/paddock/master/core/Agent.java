package io.paddock.master.core;

import com.google.protobuf.ByteString;
import io.paddock.common.TransitionTable;
import io.paddock.common.resources.HeldResources;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.snapshot.AgentView;
import io.paddock.master.core.snapshot.OfferView;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.DrainInfo;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.Task;
import io.paddock.proto.v1.Unavailability;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One registered agent on the master's books. Its view is rebuilt only after a change. */
final class Agent {
    /** Whether the agent can be reached. */
    enum State {
        CONNECTED,
        /** Its link broke; what it runs is believed to go on. */
        DISCONNECTED,
        /** Unreachable, gone or left. */
        REMOVED
    }

    static final TransitionTable<State> LIFECYCLE = TransitionTable.of("agent", State.class)
            .from(State.CONNECTED, State.CONNECTED, State.DISCONNECTED, State.REMOVED)
            .from(State.DISCONNECTED, State.CONNECTED, State.REMOVED)
            .from(State.REMOVED)
            .build();

    /** Which executor of which framework. */
    record ExecutorKey(String frameworkId, String executorId) {}

    /** An executor given by a framework and the resources (allocated to the role) it holds besides its tasks. */
    record HeldExecutor(ExecutorInfo info, String role, Resources resources) {}

    final String id;
    final Instant registeredAt;
    final Set<TrackedTask> tasks = new LinkedHashSet<>();
    final Map<ExecutorKey, HeldExecutor> executors = new LinkedHashMap<>();
    /** Executors that no status or report has shown to be there yet. */
    final Set<ExecutorKey> unconfirmedExecutors = new HashSet<>();

    final Map<String, OfferView> offers = new LinkedHashMap<>();
    /** By uuid, in the order they were sent. */
    final Map<ByteString, TrackedOperation> operations = new LinkedHashMap<>();

    private State state = State.CONNECTED;
    private AgentInfo info;
    private String version;
    private List<AgentInfo.Capability> capabilities;
    private Resources total;
    private final HeldResources used = new HeldResources();
    private final HeldResources offered = new HeldResources();
    private boolean https;
    private boolean deactivated;
    private boolean awaitsRemoval;
    private String ip = "";
    private @Nullable Unavailability unavailability;
    private @Nullable DrainInfo drain;
    private @Nullable Instant drainSince;
    private @Nullable String link;
    private @Nullable Instant reregisteredAt;
    private @Nullable AgentView view;
    Instant lastHeard;
    /** Its removal is being written: it is not served until that is done. */
    boolean leaving;

    Agent(
            AgentInfo info,
            String version,
            List<AgentInfo.Capability> capabilities,
            Resources total,
            String link,
            Instant now) {
        this.id = info.getId().getValue();
        this.info = info;
        this.version = version;
        this.capabilities = List.copyOf(capabilities);
        this.total = total;
        this.link = link;
        this.registeredAt = now;
        this.lastHeard = now;
    }

    void reconnected(
            AgentInfo newInfo,
            String newVersion,
            List<AgentInfo.Capability> newCapabilities,
            Resources newTotal,
            String newLink,
            Instant now) {
        state = LIFECYCLE.require(id, state, State.CONNECTED);
        info = newInfo;
        version = newVersion;
        capabilities = List.copyOf(newCapabilities);
        total = newTotal;
        link = newLink;
        reregisteredAt = now;
        lastHeard = now;
        changed();
    }

    /** Whether its own port speaks HTTPS. */
    boolean https() {
        return https;
    }

    void speaks(boolean newHttps) {
        https = newHttps;
        changed();
    }

    void disconnected() {
        state = LIFECYCLE.require(id, state, State.DISCONNECTED);
        link = null;
        changed();
    }

    void removed() {
        state = LIFECYCLE.require(id, state, State.REMOVED);
        link = null;
        changed();
    }

    State state() {
        return state;
    }

    boolean isConnected() {
        return state == State.CONNECTED && !leaving;
    }

    /** Whether its resources may be offered. */
    boolean isActive() {
        return isConnected() && !deactivated && !awaitsRemoval;
    }

    /** Whether its time is over and it only waits to be marked unreachable. */
    boolean awaitsRemoval() {
        return awaitsRemoval;
    }

    void awaitsRemoval(boolean waits) {
        awaitsRemoval = waits;
        changed();
    }

    AgentInfo info() {
        return info;
    }

    List<AgentInfo.Capability> capabilities() {
        return capabilities;
    }

    boolean has(AgentInfo.Capability.Type capability) {
        return capabilities.stream().anyMatch(c -> c.getType() == capability);
    }

    @Nullable
    String link() {
        return link;
    }

    Resources total() {
        return total;
    }

    void total(Resources newTotal) {
        total = newTotal;
        changed();
    }

    /** The address it says it is reached under; empty when it does not say. */
    String ip() {
        return ip;
    }

    void ip(String newIp) {
        ip = newIp;
        changed();
    }

    /** When its machine will be under maintenance, if that is planned. */
    @Nullable
    Unavailability unavailability() {
        return unavailability;
    }

    void unavailability(@Nullable Unavailability planned) {
        unavailability = planned;
        changed();
    }

    boolean isDeactivated() {
        return deactivated;
    }

    @Nullable
    DrainInfo drain() {
        return drain;
    }

    /** When the drain was asked for. */
    @Nullable
    Instant drainSince() {
        return drainSince;
    }

    void decidedByOperator(boolean nowDeactivated, @Nullable DrainInfo newDrain, @Nullable Instant newSince) {
        deactivated = nowDeactivated;
        drain = newDrain;
        drainSince = newSince;
        changed();
    }

    void uses(Resources resources) {
        used.add(resources);
        changed();
    }

    void usesNoMore(Resources resources) {
        used.remove(resources);
        changed();
    }

    void offered(OfferView offer) {
        offers.put(offer.id(), offer);
        offered.add(offer.resources());
        changed();
    }

    void offeredNoMore(OfferView offer) {
        offers.remove(offer.id());
        offered.remove(offer.resources());
        changed();
    }

    void changed() {
        view = null;
    }

    AgentView view() {
        AgentView current = view;
        if (current == null) {
            List<Task> taskList = new ArrayList<>(tasks.size());
            tasks.forEach(task -> taskList.add(task.message()));
            List<AgentView.ExecutorView> executorList = new ArrayList<>(executors.size());
            executors.forEach(
                    (key, held) -> executorList.add(new AgentView.ExecutorView(key.frameworkId(), held.info())));
            current = new AgentView(
                    info,
                    ip,
                    version,
                    capabilities,
                    https,
                    state == State.CONNECTED,
                    isActive(),
                    deactivated,
                    drain,
                    drainSince,
                    unavailability,
                    registeredAt,
                    reregisteredAt,
                    total,
                    used.sum(),
                    offered.sum(),
                    List.copyOf(taskList),
                    List.copyOf(executorList),
                    List.copyOf(offers.values()),
                    operations.values().stream().map(TrackedOperation::message).toList());
            view = current;
        }
        return current;
    }
}
