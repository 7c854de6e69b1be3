package io.paddock.agent.server.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.agent.server.containers.Containers;
import io.paddock.agent.server.containers.LocalImage;
import io.paddock.common.Rejection;
import io.paddock.platform.http.Responses;
import io.paddock.platform.json.Json;
import java.util.concurrent.CompletionException;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.PathMatchers;
import org.apache.pekko.http.javadsl.server.Route;

/**
 * What Mesos has no call for: {@code GET /images}, {@code POST /images/pull?name=…}, {@code GET /networks}. A pull is answered
 * when it is over, with the image, or 400 and the registry's words.
 */
final class ImageRoutes {
    private final Containers containers;

    ImageRoutes(Containers containers) {
        this.containers = containers;
    }

    Route route() {
        return Directives.concat(
                Directives.path(
                        "images",
                        () -> Directives.get(() -> Directives.completeWithFuture(containers
                                .images()
                                .thenApply(found -> {
                                    ObjectNode answer = Json.mapper().createObjectNode();
                                    ArrayNode all = answer.putArray("images");
                                    found.forEach(image -> all.add(node(image)));
                                    return Responses.json(Json.bytes(answer));
                                })))),
                Directives.path(
                        PathMatchers.segment("images").slash("pull"),
                        () -> Directives.post(() -> Directives.parameterOptional(
                                "name",
                                name -> name.map(this::pull)
                                        .orElseGet(() -> Directives.complete(Responses.rejected(
                                                Rejection.invalid("name: expecting it to be present"))))))),
                Directives.path("networks", () -> Directives.get(() -> Directives.complete(networks()))));
    }

    private Route pull(String name) {
        return Directives.withoutRequestTimeout(() -> Directives.completeWithFuture(containers
                .pull(name)
                .thenApply(image -> Responses.json(Json.bytes(node(image))))
                .exceptionally(ImageRoutes::refused)));
    }

    private HttpResponse networks() {
        ObjectNode answer = Json.mapper().createObjectNode();
        ArrayNode all = answer.putArray("networks");
        all.addObject().put("name", "host");
        if (containers.facilities().isolating()) {
            all.addObject().put("name", "none");
            containers.facilities().networks().forEach(name -> all.addObject().put("name", name));
        }
        return Responses.json(Json.bytes(answer));
    }

    private static HttpResponse refused(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return Responses.rejected(Rejection.invalid(cause.getMessage()));
    }

    private static ObjectNode node(LocalImage image) {
        ObjectNode node = Json.mapper()
                .createObjectNode()
                .put("name", image.name())
                .put("digest", image.digest())
                .put("size", image.bytes())
                .put("pulled", image.pulled().getEpochSecond());
        image.labels().forEach(node.putObject("labels")::put);
        return node;
    }
}
