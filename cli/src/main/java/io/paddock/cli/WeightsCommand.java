package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code paddock weights} */
@Command(
        name = "weights",
        description =
                "Lists the weights of roles that were given one; all others weigh 1. With a subcommand changes them.")
final class WeightsCommand extends Listing {
    @Override
    int list() {
        JsonNode weights = cluster.master().get("/weights");
        return output.answer(weights, () -> table(weights));
    }

    private static Table table(JsonNode weights) {
        Table table = Table.of("ROLE", ">WEIGHT");
        for (JsonNode weight : weights) {
            table.row(
                    weight.path("role").asText(),
                    Words.number(weight.path("weight").asDouble()));
        }
        return table;
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
