package io.paddock.master.core;

import io.paddock.common.resources.Quantity;
import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.allocator.Allocation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Who holds which resources: keeps the agent's, the framework's and the allocator's books in step. Tasks hold until their
 * newest state is terminal, executors until they are reported terminated.
 */
final class Holdings {
    private Holdings() {}

    /** Only the numbers: ranges and sets of several agents cannot be added up. */
    static Resources scalars(Resources resources) {
        Map<ResourceKey, Quantity> scalars = new HashMap<>();
        resources.amounts().forEach((key, quantity) -> {
            if (quantity instanceof Quantity.Scalar) {
                scalars.put(key, quantity);
            }
        });
        return Resources.of(scalars);
    }

    /** Puts a task on the books of agent and framework; the allocator already counts it as held. */
    static void hold(Agent agent, Framework framework, TrackedTask task) {
        agent.tasks.add(task);
        framework.tasks.put(task.id, task);
        if (task.holding) {
            agent.uses(task.resources);
            framework.uses(task.resources);
        }
        agent.changed();
        framework.changed();
    }

    static void hold(Agent agent, Framework framework, Agent.ExecutorKey key, Agent.HeldExecutor executor) {
        agent.executors.put(key, executor);
        agent.uses(executor.resources());
        framework.uses(executor.resources());
    }

    /** Gives a task's resources back; does nothing the second time. */
    static void release(Cluster cluster, Agent agent, Framework framework, TrackedTask task) {
        if (!task.holding) {
            return;
        }
        task.holding = false;
        agent.usesNoMore(task.resources);
        framework.usesNoMore(task.resources);
        recover(cluster, framework.id, task.role, agent.id, task.resources);
    }

    static void release(Cluster cluster, Agent agent, Framework framework, Agent.ExecutorKey key) {
        agent.unconfirmedExecutors.remove(key);
        Agent.HeldExecutor executor = agent.executors.remove(key);
        if (executor != null) {
            agent.usesNoMore(executor.resources());
            framework.usesNoMore(executor.resources());
            recover(cluster, framework.id, executor.role(), agent.id, executor.resources());
        }
    }

    private static void recover(Cluster cluster, String framework, String role, String agent, Resources resources) {
        if (!resources.isEmpty()) {
            cluster.allocator.recover(framework, role, agent, resources, null);
        }
    }

    /** What is held on an agent, for the allocator. */
    static List<Allocation> of(Agent agent) {
        List<Allocation> held = new ArrayList<>();
        for (TrackedTask task : agent.tasks) {
            if (task.holding) {
                held.add(new Allocation(task.frameworkId, task.role, agent.id, task.resources.unallocated()));
            }
        }
        agent.executors.forEach((key, executor) -> {
            if (!executor.resources().isEmpty()) {
                held.add(new Allocation(
                        key.frameworkId(),
                        executor.role(),
                        agent.id,
                        executor.resources().unallocated()));
            }
        });
        return held;
    }
}
