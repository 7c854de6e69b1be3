package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code paddock pull IMAGE} */
@Command(
        name = "pull",
        description = "Brings an image onto the agents, all at once, also when they have one of this name already.")
final class PullCommand implements Callable<Integer> {
    private static final int UNPULLED = 400;
    private static final Duration PATIENCE = Duration.ofMinutes(35);

    @Mixin
    ClusterFlags cluster = new ClusterFlags();

    @Mixin
    Output output = new Output();

    @Mixin
    AgentChoice agents = new AgentChoice();

    @Parameters(paramLabel = "IMAGE", description = "Its name, such as nginx:1.27 or host:5000/team/app@sha256:….")
    String image = "";

    @Override
    public Integer call() {
        List<CompletableFuture<ObjectNode>> pulls = agents.of(cluster).stream()
                .map(agent -> CompletableFuture.supplyAsync(() -> pull(agent)))
                .toList();
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        int failures = 0;
        for (CompletableFuture<ObjectNode> pull : pulls) {
            try {
                ObjectNode pulled = pull.join();
                all.add(pulled);
                if (!output.json) {
                    output.line(pulled.path("agent_hostname").asText() + ": "
                            + pulled.path("name").asText() + " "
                            + pulled.path("digest").asText());
                }
            } catch (CompletionException e) {
                failures++;
                output.note("paddock pull: " + e.getCause().getMessage());
            }
        }
        if (output.json) {
            output.json(all);
        }
        return failures == 0 ? 0 : 1;
    }

    private ObjectNode pull(AgentChoice.Chosen agent) {
        String path = "/images/pull?name=" + JsonHttp.encode(image);
        JsonHttp.Answer answer = agent.server().exchange("POST", path, null, PATIENCE);
        if (!answer.isFine()) {
            throw answer.status() == UNPULLED
                    ? agent.server().refused(answer)
                    : agent.server().refused("POST", path, answer);
        }
        JsonNode pulled = answer.json();
        agent.name((ObjectNode) pulled);
        return (ObjectNode) pulled;
    }
}
