package io.paddock.batch.server.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpMethod;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** A table of addresses. Built once, then immutable. */
final class Endpoints {
    /** Answers a request. */
    @FunctionalInterface
    interface Handler {
        CompletionStage<HttpResponse> answer(Call call);
    }

    /**
     * A request that found its handler.
     *
     * @param ids the parts of the path that the pattern left open, by name
     * @param body empty where the method has none
     */
    record Call(HttpRequest request, Map<String, String> ids, byte[] body) {
        String id(String name) {
            return ids.get(name);
        }

        boolean flag(String name) {
            return request.getUri().query().get(name).map("true"::equals).orElse(false);
        }
    }

    private record Endpoint(HttpMethod method, List<String> pattern, Handler handler) {}

    private final List<Endpoint> endpoints = new ArrayList<>();

    /** @param pattern such as {@code /v1/jobs/{job}} */
    Endpoints add(HttpMethod method, String pattern, Handler handler) {
        endpoints.add(new Endpoint(method, List.of(pattern.substring(1).split("/")), handler));
        return this;
    }

    /** A handler with what its pattern left open. */
    record Match(Handler handler, Map<String, String> ids) {}

    /** The handler of an address. */
    Optional<Match> find(HttpMethod method, String path) {
        List<String> segments = List.of((path.startsWith("/") ? path.substring(1) : path).split("/"));
        for (Endpoint endpoint : endpoints) {
            Optional<Map<String, String>> ids =
                    endpoint.method().equals(method) ? match(endpoint.pattern(), segments) : Optional.empty();
            if (ids.isPresent()) {
                return Optional.of(new Match(endpoint.handler(), ids.get()));
            }
        }
        return Optional.empty();
    }

    private static Optional<Map<String, String>> match(List<String> pattern, List<String> segments) {
        if (pattern.size() != segments.size()) {
            return Optional.empty();
        }
        Map<String, String> ids = new HashMap<>();
        for (int i = 0; i < pattern.size(); i++) {
            String part = pattern.get(i);
            if (part.startsWith("{")) {
                ids.put(part.substring(1, part.length() - 1), segments.get(i));
            } else if (!part.equals(segments.get(i))) {
                return Optional.empty();
            }
        }
        return Optional.of(ids);
    }
}
