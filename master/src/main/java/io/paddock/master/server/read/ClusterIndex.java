package io.paddock.master.server.read;

import io.paddock.master.core.snapshot.AgentView;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.master.core.snapshot.FrameworkView;
import io.paddock.master.core.snapshot.OfferView;
import io.paddock.proto.v1.Task;
import io.paddock.proto.v1.TaskState;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/** A snapshot turned around: what belongs to each framework, and who is where. Built once for one answer. */
final class ClusterIndex {
    private record ExecutorAt(String agentId, AgentView.ExecutorView executor) {}

    private final Map<String, List<Task>> tasks = new HashMap<>();
    private final Map<String, List<OfferView>> offers = new HashMap<>();
    private final Map<String, List<ExecutorAt>> executors = new HashMap<>();
    private final Map<String, FrameworkView> frameworks = new HashMap<>();

    ClusterIndex(ClusterSnapshot snapshot) {
        snapshot.frameworks().forEach(framework -> frameworks.put(framework.id(), framework));
        snapshot.completedFrameworks().forEach(framework -> frameworks.put(framework.id(), framework));
        for (AgentView agent : snapshot.agents()) {
            agent.tasks()
                    .forEach(task ->
                            list(tasks, task.getFrameworkId().getValue()).add(task));
            agent.offers().forEach(offer -> list(offers, offer.frameworkId()).add(offer));
            agent.executors()
                    .forEach(executor ->
                            list(executors, executor.frameworkId()).add(new ExecutorAt(agent.id(), executor)));
        }
    }

    List<Task> tasksOf(String frameworkId) {
        return tasks.getOrDefault(frameworkId, List.of());
    }

    List<OfferView> offersTo(String frameworkId) {
        return offers.getOrDefault(frameworkId, List.of());
    }

    /** Calls with the agent's id and the executor, for each of a framework. */
    <X extends Exception> void executorsOf(String frameworkId, ExecutorVisitor<X> visitor) throws X {
        for (ExecutorAt at : executors.getOrDefault(frameworkId, List.of())) {
            visitor.visit(at.agentId(), at.executor());
        }
    }

    /** Takes an executor and where it is. */
    @FunctionalInterface
    interface ExecutorVisitor<X extends Exception> {
        void visit(String agentId, AgentView.ExecutorView executor) throws X;
    }

    /** Active, unreachable and completed tasks of a framework. */
    Stream<Task> allTasksOf(FrameworkView framework) {
        return Stream.of(tasksOf(framework.id()), framework.unreachableTasks(), framework.completedTasks())
                .flatMap(List::stream);
    }

    static Map<TaskState, Integer> count(Stream<Task> tasks) {
        Map<TaskState, Integer> counts = new EnumMap<>(TaskState.class);
        tasks.forEach(task -> counts.merge(task.getState(), 1, Integer::sum));
        return counts;
    }

    /** Agents with a task of the framework, or with one that it completed in memory. */
    SortedSet<String> agentsOf(FrameworkView framework) {
        SortedSet<String> ids = new TreeSet<>();
        allTasksOf(framework).forEach(task -> ids.add(task.getAgentId().getValue()));
        return ids;
    }

    private static <V> List<V> list(Map<String, List<V>> map, String key) {
        return map.computeIfAbsent(key, k -> new ArrayList<>());
    }
}
