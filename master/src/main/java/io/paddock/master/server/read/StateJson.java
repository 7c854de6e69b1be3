package io.paddock.master.server.read;

import com.fasterxml.jackson.core.JsonGenerator;
import io.paddock.master.core.snapshot.AgentView;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.master.core.snapshot.FrameworkView;
import io.paddock.platform.http.StreamedJson.Piece;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.v1.MasterInfo;
import io.paddock.proto.v1.Task;
import io.paddock.proto.v1.TaskState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The documents made of the whole cluster, in pieces of one agent or framework. */
final class StateJson {
    private static final List<TaskState> SUMMARISED = List.of(
            TaskState.TASK_STAGING,
            TaskState.TASK_STARTING,
            TaskState.TASK_RUNNING,
            TaskState.TASK_KILLING,
            TaskState.TASK_FINISHED,
            TaskState.TASK_KILLED,
            TaskState.TASK_FAILED,
            TaskState.TASK_LOST,
            TaskState.TASK_ERROR,
            TaskState.TASK_UNREACHABLE);

    private final ReadOptions options;

    StateJson(ReadOptions options) {
        this.options = options;
    }

    /** {@code /state}. */
    List<Piece> state(ClusterSnapshot snapshot, MasterInfo leader, boolean flags) {
        ClusterIndex index = new ClusterIndex(snapshot);
        List<Piece> pieces = new ArrayList<>();
        pieces.add(out -> {
            out.writeStartObject();
            head(out, snapshot, leader);
            if (flags) {
                for (String log : List.of("log_dir", "external_log_file")) {
                    if (options.flags().containsKey(log)) {
                        out.writeStringField(log, options.flags().get(log));
                    }
                }
                flags(out, options.flags());
            }
        });
        agents(pieces, snapshot.agents(), (out, agent) -> AgentJson.pendingRemoval(out, agent.id(), snapshot));
        pieces.add(out -> AgentJson.recovered(out, snapshot));
        frameworks(pieces, "frameworks", snapshot.frameworks(), index);
        frameworks(pieces, "completed_frameworks", snapshot.completedFrameworks(), index);
        pieces.add(out -> {
            emptyArray(out, "orphan_tasks");
            emptyArray(out, "unregistered_frameworks");
            out.writeEndObject();
        });
        return pieces;
    }

    /** {@code /slaves}. */
    List<Piece> slaves(ClusterSnapshot snapshot, Predicate<AgentView> wanted) {
        List<Piece> pieces = new ArrayList<>();
        pieces.add(JsonGenerator::writeStartObject);
        agents(pieces, snapshot.agents().stream().filter(wanted).toList(), (out, agent) -> {
            AgentJson.fullResources(out, agent);
            AgentJson.pendingRemoval(out, agent.id(), snapshot);
        });
        pieces.add(out -> {
            AgentJson.recovered(out, snapshot);
            out.writeEndObject();
        });
        return pieces;
    }

    /** {@code /frameworks}. */
    List<Piece> frameworks(ClusterSnapshot snapshot, Predicate<FrameworkView> wanted) {
        ClusterIndex index = new ClusterIndex(snapshot);
        List<Piece> pieces = new ArrayList<>();
        pieces.add(JsonGenerator::writeStartObject);
        frameworks(
                pieces,
                "frameworks",
                snapshot.frameworks().stream().filter(wanted).toList(),
                index);
        frameworks(
                pieces,
                "completed_frameworks",
                snapshot.completedFrameworks().stream().filter(wanted).toList(),
                index);
        pieces.add(out -> {
            emptyArray(out, "unregistered_frameworks");
            out.writeEndObject();
        });
        return pieces;
    }

    /** {@code /state-summary}. */
    List<Piece> summary(ClusterSnapshot snapshot) {
        ClusterIndex index = new ClusterIndex(snapshot);
        Map<String, List<Task>> byAgent = new HashMap<>();
        Map<String, TreeSet<String>> frameworksByAgent = new HashMap<>();
        Stream.concat(snapshot.frameworks().stream(), snapshot.completedFrameworks().stream())
                .forEach(framework -> index.allTasksOf(framework).forEach(task -> {
                    String agentId = task.getAgentId().getValue();
                    byAgent.computeIfAbsent(agentId, k -> new ArrayList<>()).add(task);
                    frameworksByAgent
                            .computeIfAbsent(agentId, k -> new TreeSet<>())
                            .add(framework.id());
                }));
        List<Piece> pieces = new ArrayList<>();
        pieces.add(out -> {
            out.writeStartObject();
            out.writeStringField("hostname", snapshot.master().getHostname());
            cluster(out);
        });
        agents(pieces, snapshot.agents(), (out, agent) -> {
            counts(out, byAgent.getOrDefault(agent.id(), List.of()).stream());
            strings(out, "framework_ids", frameworksByAgent.getOrDefault(agent.id(), new TreeSet<>()));
        });
        pieces.add(out -> out.writeArrayFieldStart("frameworks"));
        for (FrameworkView framework : snapshot.frameworks()) {
            pieces.add(out -> {
                out.writeStartObject();
                FrameworkJson.summary(out, framework);
                counts(out, index.allTasksOf(framework));
                strings(out, "slave_ids", index.agentsOf(framework));
                out.writeEndObject();
            });
        }
        pieces.add(out -> {
            out.writeEndArray();
            out.writeEndObject();
        });
        return pieces;
    }

    private void head(JsonGenerator out, ClusterSnapshot snapshot, MasterInfo leader) throws IOException {
        MasterInfo self = snapshot.master();
        Versions.fields(out, self.getVersion());
        AgentJson.time(out, "start_time", options.startedAt());
        AgentJson.time(out, "elected_time", snapshot.electedAt());
        out.writeStringField("id", self.getId());
        out.writeStringField("pid", self.getPid());
        out.writeStringField("hostname", self.getHostname());
        domain(out, self);
        out.writeArrayFieldStart("capabilities");
        for (MasterInfo.Capability capability : self.getCapabilitiesList()) {
            out.writeString(capability.getType().name());
        }
        out.writeEndArray();
        long active = snapshot.agents().stream().filter(AgentView::active).count();
        out.writeNumberField("activated_slaves", active);
        out.writeNumberField("deactivated_slaves", snapshot.agents().size() - active);
        out.writeNumberField("unreachable_slaves", snapshot.unreachableAgents().size());
        if (snapshot.whitelist() != null) {
            strings(out, "whitelist", new TreeSet<>(snapshot.whitelist()));
        }
        out.writeStringField("leader", leader.getPid());
        out.writeObjectFieldStart("leader_info");
        out.writeStringField("id", leader.getId());
        out.writeStringField("pid", leader.getPid());
        out.writeNumberField("port", leader.getPort());
        out.writeStringField("hostname", leader.getHostname());
        domain(out, leader);
        out.writeEndObject();
        cluster(out);
    }

    private static void domain(JsonGenerator out, MasterInfo master) throws IOException {
        if (master.hasDomain()) {
            out.writeFieldName("domain");
            JsonCodec.write(master.getDomain(), out);
        }
    }

    private void cluster(JsonGenerator out) throws IOException {
        if (!options.cluster().isEmpty()) {
            out.writeStringField("cluster", options.cluster());
        }
    }

    static void flags(JsonGenerator out, Map<String, String> flags) throws IOException {
        out.writeObjectFieldStart("flags");
        for (Map.Entry<String, String> flag : flags.entrySet()) {
            out.writeStringField(flag.getKey(), flag.getValue());
        }
        out.writeEndObject();
    }

    private interface AgentExtra {
        void write(JsonGenerator out, AgentView agent) throws IOException;
    }

    private static void agents(List<Piece> pieces, List<AgentView> agents, AgentExtra extra) {
        pieces.add(out -> out.writeArrayFieldStart("slaves"));
        for (AgentView agent : agents) {
            pieces.add(out -> {
                out.writeStartObject();
                AgentJson.fields(out, agent);
                extra.write(out, agent);
                out.writeEndObject();
            });
        }
        pieces.add(JsonGenerator::writeEndArray);
    }

    private static void frameworks(
            List<Piece> pieces, String name, List<FrameworkView> frameworks, ClusterIndex index) {
        pieces.add(out -> out.writeArrayFieldStart(name));
        for (FrameworkView framework : frameworks) {
            pieces.add(out -> FrameworkJson.framework(out, framework, index));
        }
        pieces.add(JsonGenerator::writeEndArray);
    }

    private static void counts(JsonGenerator out, Stream<Task> tasks) throws IOException {
        Map<TaskState, Integer> counts = ClusterIndex.count(tasks);
        for (TaskState state : SUMMARISED) {
            out.writeNumberField(state.name(), counts.getOrDefault(state, 0));
        }
    }

    private static void strings(JsonGenerator out, String name, Iterable<String> values) throws IOException {
        out.writeArrayFieldStart(name);
        for (String value : values) {
            out.writeString(value);
        }
        out.writeEndArray();
    }

    private static void emptyArray(JsonGenerator out, String name) throws IOException {
        out.writeArrayFieldStart(name);
        out.writeEndArray();
    }
}
