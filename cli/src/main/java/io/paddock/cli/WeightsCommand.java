package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code paddock weights} */
@Command(
        name = "weights",
        description =
                "Lists the weights of roles that were given one; all others weigh 1. With a subcommand changes them.")
final class WeightsCommand implements Callable<Integer> {
    @Mixin
    ClusterFlags cluster = new ClusterFlags();

    @Mixin
    Output output = new Output();

    @Override
    public Integer call() {
        return list();
    }

    @Command(name = "ls", mixinStandardHelpOptions = true, description = "Lists the weights of roles.")
    int list() {
        JsonNode weights = cluster.master().get("/weights");
        if (output.json) {
            output.json(weights);
            return 0;
        }
        Table table = Table.of("ROLE", ">WEIGHT");
        for (JsonNode weight : weights) {
            table.row(
                    weight.path("role").asText(),
                    Words.number(weight.path("weight").asDouble()));
        }
        output.table(table);
        return 0;
    }

    @Command(
            name = "set",
            mixinStandardHelpOptions = true,
            description = "Changes weights: a role of weight 2 is due twice as much as one of weight 1. All or none.")
    int set(@Parameters(arity = "1..*", paramLabel = "ROLE=WEIGHT") Map<String, Double> weights) {
        ArrayNode infos = JsonNodeFactory.instance.arrayNode();
        weights.forEach((role, weight) -> infos.addObject().put("role", role).put("weight", weight));
        cluster.master().send("PUT", "/weights", infos.toString());
        weights.forEach((role, weight) -> output.done("set", role + "=" + Words.number(weight)));
        return 0;
    }
}
