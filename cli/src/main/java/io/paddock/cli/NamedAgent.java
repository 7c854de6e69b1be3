package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The one agent that a user means: by its id, the start of it, its host name, or {@code host:port}. */
record NamedAgent(String id, JsonNode json) {
    static NamedAgent of(JsonHttp master, String name) {
        List<NamedAgent> matches = new ArrayList<>();
        for (JsonNode agent : master.get("/slaves").path("slaves")) {
            String id = agent.path("id").asText();
            String host = agent.path("hostname").asText();
            if (id.equals(name)) {
                return new NamedAgent(id, agent);
            }
            if (id.startsWith(name)
                    || host.equals(name)
                    || name.equals(host + ":" + agent.path("port").asText())) {
                matches.add(new NamedAgent(id, agent));
            }
        }
        if (matches.size() == 1) {
            return matches.get(0);
        }
        throw new CommandFailed(
                matches.isEmpty()
                        ? "no registered agent has the host name or id " + name + "; 'paddock agents' lists them"
                        : "'" + name + "' may be any of " + matches.size() + " agents; say which by id or host:port:\n"
                                + matches.stream()
                                        .map(agent -> "  " + agent.id + " ("
                                                + agent.json.path("hostname").asText() + ":"
                                                + agent.json.path("port").asText() + ")")
                                        .collect(Collectors.joining("\n")));
    }
}
