package io.paddock.marathon.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.client.testkit.InMemoryMaster;
import io.paddock.platform.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/** A marathon over real HTTP, with an in-memory master that runs its tasks in the mind only. */
final class RunningMarathon implements AutoCloseable {
    /** An answer, with its body as JSON where it is any. */
    record Reply(int status, String body, HttpResponse<String> response) {
        JsonNode json() {
            return Json.read(body.getBytes(java.nio.charset.StandardCharsets.UTF_8), JsonNode.class);
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }
    }

    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    final InMemoryMaster master = InMemoryMaster.start();
    private final ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "marathon-test");
    private final MarathonServer server;

    RunningMarathon() {
        MarathonOptions options = new MarathonOptions();
        options.master = master.address();
        options.internalStoreBackend = "mem";
        options.httpPort = 0;
        server = MarathonServer.start(system, options).toCompletableFuture().join();
        server.ready().toCompletableFuture().join();
    }

    String url() {
        return "http://127.0.0.1:" + server.port();
    }

    MarathonServer server() {
        return server;
    }

    Reply get(String path) {
        return send("GET", path, null);
    }

    Reply post(String path, String json) {
        return send("POST", path, json);
    }

    Reply put(String path, String json) {
        return send("PUT", path, json);
    }

    Reply patch(String path, String json) {
        return send("PATCH", path, json);
    }

    Reply delete(String path) {
        return send("DELETE", path, null);
    }

    Reply send(String method, String path, @Nullable String json, String... headers) {
        return request(url(), method, path, json, headers);
    }

    static Reply request(String base, String method, String path, @Nullable String json, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(20));
        if (json == null) {
            request.method(method, HttpRequest.BodyPublishers.noBody());
        } else {
            request.method(method, HttpRequest.BodyPublishers.ofString(json));
            if (headers.length == 0) {
                request.header("Content-Type", "application/json");
            }
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            HttpResponse<String> response = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Reply(response.statusCode(), response.body(), response);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.close();
        system.terminate();
        master.close();
    }
}
