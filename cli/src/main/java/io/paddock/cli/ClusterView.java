package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** One look at the whole cluster: the master's {@code /state}. */
final class ClusterView {
    private static final int SHOWN_CANDIDATES = 10;

    private final JsonNode state;
    private final Map<String, JsonNode> agents = new LinkedHashMap<>();

    ClusterView(JsonNode state) {
        this.state = state;
        state.path("slaves").forEach(agent -> agents.put(agent.path("id").asText(), agent));
    }

    static ClusterView of(JsonHttp master) {
        return new ClusterView(master.get("/state"));
    }

    Iterable<JsonNode> agents() {
        return agents.values();
    }

    Iterable<JsonNode> frameworks() {
        return state.path("frameworks");
    }

    String hostname(String agentId) {
        JsonNode agent = agents.get(agentId);
        return agent == null ? agentId : agent.path("hostname").asText(agentId);
    }

    /** Tasks that are not over, and unreachable ones; with {@code ended} also those that are. */
    List<ClusterTask> tasks(boolean ended) {
        List<ClusterTask> tasks = new ArrayList<>();
        for (JsonNode framework : state.path("frameworks")) {
            collect(framework, "tasks", tasks);
            collect(framework, "unreachable_tasks", tasks);
            if (ended) {
                collect(framework, "completed_tasks", tasks);
            }
        }
        for (JsonNode framework : ended ? state.path("completed_frameworks") : state.path("none")) {
            collect(framework, "tasks", tasks);
            collect(framework, "completed_tasks", tasks);
        }
        return tasks;
    }

    /** Whether a task that was there is over. One that is not listed is not as long as its agent has not found this master. */
    boolean isOver(ClusterTask task) {
        List<ClusterTask> listed = tasks(true).stream()
                .filter(t -> t.id().equals(task.id()) && t.frameworkId().equals(task.frameworkId()))
                .toList();
        return listed.isEmpty()
                ? agents.containsKey(task.json().path("slave_id").asText())
                : listed.stream().allMatch(ClusterTask::isOver);
    }

    private void collect(JsonNode framework, String list, List<ClusterTask> tasks) {
        for (JsonNode task : framework.path(list)) {
            JsonNode agent = agents.get(task.path("slave_id").asText());
            tasks.add(new ClusterTask(
                    task.path("id").asText(),
                    task.path("name").asText(),
                    task.path("state").asText(),
                    framework.path("id").asText(),
                    framework.path("name").asText(),
                    framework.path("connected").asBoolean(),
                    agent == null ? state.path("none") : agent,
                    task));
        }
    }

    /**
     * The one task that a user means: by its id, or a part of its start that only it has. Tasks that are alive go before those
     * that are over.
     */
    ClusterTask task(String idOrPrefix, boolean ended) {
        String wanted = idOrPrefix.endsWith("…") ? idOrPrefix.substring(0, idOrPrefix.length() - 1) : idOrPrefix;
        List<ClusterTask> all = tasks(ended);
        List<ClusterTask> exact =
                all.stream().filter(t -> t.id().equals(wanted)).toList();
        List<ClusterTask> matches = exact.isEmpty()
                ? all.stream().filter(t -> t.id().startsWith(wanted)).toList()
                : exact;
        List<ClusterTask> alive = matches.stream().filter(t -> !t.isOver()).toList();
        List<ClusterTask> meant = alive.isEmpty() ? matches : alive;
        if (meant.size() == 1 || (!exact.isEmpty() && alive.isEmpty())) {
            return meant.get(meant.size() - 1);
        }
        if (meant.isEmpty()) {
            throw new CommandFailed("there is no task whose id is or starts with '" + wanted + "'; "
                    + (ended ? "'paddock ps --all' lists all" : "'paddock ps' lists the running ones"));
        }
        String some = meant.stream()
                .limit(SHOWN_CANDIDATES)
                .map(t -> "  " + t.id() + " (" + t.frameworkName() + ")")
                .collect(Collectors.joining("\n"));
        throw new CommandFailed("'" + wanted + "' may be any of " + meant.size() + " tasks; say more of its id:\n"
                + some + (meant.size() > SHOWN_CANDIDATES ? "\n  …" : ""));
    }
}
