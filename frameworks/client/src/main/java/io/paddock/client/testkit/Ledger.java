package io.paddock.client.testkit;

import io.paddock.common.resources.Resources;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.Attribute;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.OfferID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the master in memory knows. Guarded by the lock of its {@link Cluster}. */
final class Ledger {
    /** A simulated machine. */
    static final class Agent {
        final AgentID id;
        final String hostname;
        final int port;
        final Resources total;
        final List<Attribute> attributes;
        /** What its tasks hold that are not over. */
        Resources used = Resources.EMPTY;
        /** False after a failover until it has registered with the new master. */
        boolean registered = true;

        Agent(AgentID id, String hostname, int port, Resources total, List<Attribute> attributes) {
            this.id = id;
            this.hostname = hostname;
            this.port = port;
            this.total = total;
            this.attributes = attributes;
        }
    }

    /** A refusal: what is within these resources of this agent is not offered for that role until then. */
    record Filter(AgentID agent, String role, Resources refused, Instant until) {}

    /** An offer that is out. */
    record OpenOffer(OfferID id, Agent agent, String role, Resources resources) {}

    /** A framework and its stream, if it has one. */
    static final class Framework {
        final FrameworkID id;
        FrameworkInfo info;

        @Nullable
        EventWriter stream;

        String streamId = "";
        final Set<String> suppressed = new LinkedHashSet<>();
        final List<Filter> filters = new ArrayList<>();
        /** The agents of which it has declined an offer since the batch began that ends then. */
        final Set<AgentID> declined = new HashSet<>();

        Instant batchEnds = Instant.MIN;
        final Map<OfferID, OpenOffer> offers = new LinkedHashMap<>();

        Framework(FrameworkID id, FrameworkInfo info) {
            this.id = id;
            this.info = info;
        }

        boolean has(FrameworkInfo.Capability.Type capability) {
            return info.getCapabilitiesList().stream().anyMatch(c -> c.getType() == capability);
        }

        @SuppressWarnings("deprecation") // the field of frameworks without MULTI_ROLE
        List<String> roles() {
            return has(FrameworkInfo.Capability.Type.MULTI_ROLE) ? info.getRolesList() : List.of(info.getRole());
        }
    }

    /** A task and the statuses its agent still has to get acknowledged, the first of them in flight. */
    static final class Task {
        final TaskInfo info;
        final FrameworkID framework;
        final Resources resources;
        final TaskScript script;
        private TaskState state = TaskState.TASK_STAGING;

        @Nullable
        TaskStatus latest;

        final Queue<TaskStatus> unacknowledged = new ArrayDeque<>();

        Task(TaskInfo info, FrameworkID framework, Resources resources, TaskScript script) {
            this.info = info;
            this.framework = framework;
            this.resources = resources;
            this.script = script;
        }

        TaskState state() {
            return state;
        }
    }

    final Map<AgentID, Agent> agents = new LinkedHashMap<>();
    final Map<FrameworkID, Framework> frameworks = new LinkedHashMap<>();
    final Set<FrameworkID> removedFrameworks = new LinkedHashSet<>();
    /** By framework and task id. */
    final Map<String, Task> tasks = new LinkedHashMap<>();

    static String key(FrameworkID framework, String task) {
        return framework.getValue() + "/" + task;
    }

    /** Takes what a new task needs from its agent. */
    void launched(Task task) {
        tasks.put(key(task.framework, task.info.getTaskId().getValue()), task);
        Agent agent = agents.get(task.info.getAgentId());
        if (agent != null) {
            agent.used = agent.used.plus(task.resources);
        }
    }

    /** Gives a task another state; with one after which nothing more is expected its resources are free again. */
    void become(Task task, TaskState state) {
        boolean ends = States.isOver(state) && !States.isOver(task.state);
        task.state = state;
        Agent agent = agents.get(task.info.getAgentId());
        if (ends && agent != null) {
            agent.used = agent.used.minus(task.resources);
        }
    }

    /** What of an agent is neither used nor offered. */
    Resources free(Agent agent) {
        Resources left = agent.total.minus(agent.used);
        for (Framework framework : frameworks.values()) {
            for (OpenOffer offer : framework.offers.values()) {
                if (offer.agent() == agent) {
                    left = left.minus(offer.resources());
                }
            }
        }
        return left;
    }
}
