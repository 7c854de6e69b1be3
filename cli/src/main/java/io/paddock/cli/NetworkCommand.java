package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code paddock network ls} */
@Command(name = "network", description = "Lists the networks that containers can join, and the agents that have them.")
final class NetworkCommand extends Listing {
    @Mixin
    AgentChoice agents = new AgentChoice();

    @Override
    int list() {
        Map<String, List<String>> networks = new LinkedHashMap<>();
        for (AgentChoice.Chosen agent : agents.of(cluster)) {
            for (JsonNode network : agent.server().get("/networks").path("networks")) {
                networks.computeIfAbsent(network.path("name").asText(), name -> new ArrayList<>())
                        .add(agent.hostname());
            }
        }
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        Table table = Table.of("NETWORK", "AGENTS");
        networks.forEach((name, hosts) -> {
            ArrayNode names = all.addObject().put("name", name).putArray("agents");
            hosts.forEach(names::add);
            table.row(name, String.join(", ", hosts));
        });
        return output.answer(all, () -> table);
    }
}
