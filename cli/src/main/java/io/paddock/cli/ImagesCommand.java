package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code paddock images} */
@Command(name = "images", description = "Lists the images that agents have.")
final class ImagesCommand implements Callable<Integer> {
    @Mixin
    ClusterFlags cluster = new ClusterFlags();

    @Mixin
    Output output = new Output();

    @Mixin
    AgentChoice agents = new AgentChoice();

    @Override
    public Integer call() {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        for (AgentChoice.Chosen agent : agents.of(cluster)) {
            for (JsonNode image : agent.server().get("/images").path("images")) {
                all.add(image.deepCopy());
                agent.name((ObjectNode) all.get(all.size() - 1));
            }
        }
        return output.answer(all, () -> table(all, Instant.now()));
    }

    private static Table table(ArrayNode images, Instant now) {
        Table table = Table.of("IMAGE", "=DIGEST", ">PULLED", ">SIZE", "AGENT");
        for (JsonNode image : images) {
            String digest = image.path("digest").asText();
            table.row(
                    image.path("name").asText(),
                    digest.substring(digest.indexOf(':') + 1, Math.min(digest.length(), digest.indexOf(':') + 13)),
                    Words.age(image.path("pulled").asDouble(), now),
                    Words.megabytes(Math.round(image.path("size").asDouble() / (1 << 20) * 10) / 10.0),
                    image.path("agent_hostname").asText());
        }
        return table;
    }
}
