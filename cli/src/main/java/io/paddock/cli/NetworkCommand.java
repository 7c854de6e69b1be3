package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code paddock network ls} */
@Command(name = "network", description = "Lists the networks that containers can join.")
final class NetworkCommand implements Callable<Integer> {
    @Mixin
    ClusterFlags cluster = new ClusterFlags();

    @Mixin
    Output output = new Output();

    @Mixin
    AgentChoice agents = new AgentChoice();

    @Override
    public Integer call() {
        return list();
    }

    @Command(
            name = "ls",
            mixinStandardHelpOptions = true,
            description = "Lists the networks and the agents that have them.")
    int list() {
        Map<String, List<String>> networks = new LinkedHashMap<>();
        for (AgentChoice.Chosen agent : agents.of(cluster)) {
            for (JsonNode network : agent.server().get("/networks").path("networks")) {
                networks.computeIfAbsent(network.path("name").asText(), name -> new ArrayList<>())
                        .add(agent.hostname());
            }
        }
        if (output.json) {
            ArrayNode all = JsonNodeFactory.instance.arrayNode();
            networks.forEach((name, hosts) -> {
                ArrayNode names = all.addObject().put("name", name).putArray("agents");
                hosts.forEach(names::add);
            });
            output.json(all);
        } else {
            Table table = Table.of("NETWORK", "AGENTS");
            networks.forEach((name, hosts) -> table.row(name, String.join(", ", hosts)));
            output.table(table);
        }
        return 0;
    }
}
