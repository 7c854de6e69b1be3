package io.paddock.local;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.platform.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Asks a master until the agents are registered and the frameworks subscribed. */
final class Readiness {
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private final HttpRequest summary;
    private final int agents;
    private final List<String> frameworks;

    Readiness(String master, int agents, List<String> frameworks) {
        this.summary = HttpRequest.newBuilder(URI.create(master + "/state-summary"))
                .timeout(Duration.ofSeconds(2))
                .build();
        this.agents = agents;
        this.frameworks = frameworks;
    }

    /** Completes when ready; asks every 50 ms. */
    CompletableFuture<Void> await() {
        return client.sendAsync(summary, HttpResponse.BodyHandlers.ofByteArray())
                .handle((response, failure) ->
                        failure == null && response.statusCode() == 200 && ready(response.body()))
                .thenCompose(ready -> ready
                        ? CompletableFuture.completedFuture(null)
                        : CompletableFuture.supplyAsync(
                                        () -> null, CompletableFuture.delayedExecutor(50, TimeUnit.MILLISECONDS))
                                .thenCompose(again -> await()));
    }

    private boolean ready(byte[] body) {
        try {
            JsonNode state = Json.mapper().readTree(body);
            int active = 0;
            for (JsonNode agent : state.path("slaves")) {
                active += agent.path("active").asBoolean() ? 1 : 0;
            }
            Set<String> subscribed = new HashSet<>();
            for (JsonNode framework : state.path("frameworks")) {
                if (framework.path("active").asBoolean()) {
                    subscribed.add(framework.path("name").asText());
                }
            }
            return active >= agents && subscribed.containsAll(frameworks);
        } catch (IOException e) {
            throw new IllegalStateException("the master's /state-summary is not JSON", e);
        }
    }
}
