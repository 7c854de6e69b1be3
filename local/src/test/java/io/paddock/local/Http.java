package io.paddock.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Requests as curl would send them. */
final class Http {
    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private static final ObjectMapper JSON = new ObjectMapper();

    /** A status and a body; the body as JSON on demand. */
    record Answer(int status, String body, java.net.http.HttpHeaders headers) {
        JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (IOException e) {
                throw new AssertionError("not JSON (status " + status + "): " + body, e);
            }
        }
    }

    private Http() {}

    static Answer get(String uri) {
        return send("GET", uri, null);
    }

    static Answer post(String uri, String json) {
        return send("POST", uri, json);
    }

    static Answer put(String uri, String json) {
        return send("PUT", uri, json);
    }

    static Answer delete(String uri) {
        return send("DELETE", uri, null);
    }

    static Answer send(String method, String uri, String json) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(uri)).timeout(Duration.ofSeconds(20));
        if (json == null) {
            request.method(method, HttpRequest.BodyPublishers.noBody());
        } else {
            request.method(method, HttpRequest.BodyPublishers.ofString(json))
                    .header("Content-Type", "application/json");
        }
        try {
            HttpResponse<String> response = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.body(), response.headers());
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + uri, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Whether a GET answers 200; a refused connection is a no. */
    static boolean answers(String uri) {
        return answers(uri, 200);
    }

    /** Whether a GET answers that status; a refused connection is a no. */
    static boolean answers(String uri, int status) {
        try {
            return get(uri).status() == status;
        } catch (UncheckedIOException e) {
            return false;
        }
    }
}
