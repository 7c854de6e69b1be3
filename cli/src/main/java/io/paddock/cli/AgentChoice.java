package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which agents a command is about: all that are there, or one. */
final class AgentChoice {
    @Option(names = "--agent", paramLabel = "HOSTNAME|ID", description = "Only this agent.")
    @Nullable
    String only;

    /** An agent that answers calls. */
    record Chosen(String id, String hostname, JsonHttp server) {
        /** Adds who it was to an answer of it. */
        void name(ObjectNode answer) {
            answer.put("agent_id", id).put("agent_hostname", hostname);
        }
    }

    List<Chosen> of(ClusterFlags cluster) {
        List<Chosen> chosen = new ArrayList<>();
        for (JsonNode agent : ClusterView.of(cluster.master()).agents()) {
            String id = agent.path("id").asText();
            String hostname = agent.path("hostname").asText();
            if (agent.path("active").asBoolean(true) && (only == null || only.equals(id) || only.equals(hostname))) {
                chosen.add(new Chosen(
                        id,
                        hostname,
                        cluster.server(
                                "agent " + hostname,
                                ClusterTask.addressOf(agent),
                                "The master lists it; its address must be reachable from here.")));
            }
        }
        if (chosen.isEmpty()) {
            throw new CommandFailed(
                    only == null
                            ? "no agent is registered at the moment; 'paddock agents' lists them"
                            : "no registered agent has the host name or id " + only + "; 'paddock agents' lists them");
        }
        return chosen;
    }
}
