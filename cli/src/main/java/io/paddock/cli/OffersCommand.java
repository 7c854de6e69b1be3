package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code paddock offers} */
@Command(
        name = "offers",
        description = "Lists the offers that are out: what frameworks are being offered and have not yet answered.")
final class OffersCommand implements Callable<Integer> {
    @Mixin
    ClusterFlags cluster = new ClusterFlags();

    @Mixin
    Output output = new Output();

    @Option(
            names = "--why",
            description = "Why frameworks are not offered more just now, as 'paddock why' says of one of them.")
    boolean why;

    @Override
    public Integer call() {
        if (why) {
            return WhyCommand.print(output, cluster.master().get("/offers/why").path("frameworks"));
        }
        ClusterView view = ClusterView.of(cluster.master());
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        Table table = Table.of("ID", "FRAMEWORK", "ROLE", "AGENT", "RESOURCES");
        for (JsonNode framework : view.frameworks()) {
            for (JsonNode offer : framework.path("offers")) {
                all.add(offer);
                table.row(
                        offer.path("id").asText(),
                        framework.path("name").asText(),
                        offer.path("allocation_info").path("role").asText("*"),
                        view.hostname(offer.path("slave_id").asText()),
                        Words.resources(offer.path("resources")));
            }
        }
        return output.answer(all, () -> table);
    }
}
