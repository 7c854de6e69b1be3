package io.paddock.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paddock.client.Credential;
import io.paddock.common.DurationText;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A server that speaks JSON over HTTP, asked and waited for. */
final class JsonHttp {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration BETWEEN_TRIES = Duration.ofMillis(500);
    private static final int UNAVAILABLE = 503;
    private static final int MAX_EXPLANATION = 1000;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final String name;
    private final String base;
    private final String hint;
    private final @Nullable Credential credential;
    private final HttpClient client;
    private Duration leaderPatience = Duration.ZERO;
    private Consumer<String> onWaiting = reason -> {};

    /**
     * @param name what it is called in messages, such as {@code the master}
     * @param base such as {@code http://127.0.0.1:5050}
     * @param hint what to do when it cannot be reached
     */
    JsonHttp(String name, String base, String hint, @Nullable Credential credential, @Nullable SSLContext tls) {
        this.name = name;
        this.base = base;
        this.hint = hint;
        this.credential = credential;
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NORMAL)
                .connectTimeout(CONNECT_TIMEOUT);
        if (tls != null) {
            builder.sslContext(tls);
        }
        this.client = builder.build();
    }

    /**
     * Asks again, once a while, as long as the answer is that nobody leads (503), which a server says before it does anything.
     *
     * @param atMost in all; after that the answer is given
     * @param told once, for whom and how long it waits
     */
    JsonHttp waitingForLeader(Duration atMost, Consumer<String> told) {
        leaderPatience = atMost;
        onWaiting = told;
        return this;
    }

    /** One answer, whatever its status. */
    record Answer(int status, String body) {
        boolean isFine() {
            return status >= 200 && status < 300;
        }

        JsonNode json() {
            try {
                return body.isBlank() ? MAPPER.nullNode() : MAPPER.readTree(body);
            } catch (JsonProcessingException e) {
                throw new CommandFailed("the answer is not JSON: " + e.getOriginalMessage());
            }
        }
    }

    String base() {
        return base;
    }

    HttpClient client() {
        return client;
    }

    /** Whether anything answers there. */
    boolean answers() {
        try {
            exchange("GET", "/health", null);
            return true;
        } catch (CommandFailed e) {
            return false;
        }
    }

    JsonNode get(String path) {
        return send("GET", path, null);
    }

    /** Sends a request and expects a 2xx. */
    JsonNode send(String method, String path, @Nullable String body) {
        Answer answer = exchange(method, path, body);
        if (!answer.isFine()) {
            throw refused(method, path, answer);
        }
        return answer.json();
    }

    /** For a refusal that says all there is to know. */
    CommandFailed refused(Answer answer) {
        return new CommandFailed(name + ": " + explanation(answer.body()));
    }

    CommandFailed refused(String method, String path, Answer answer) {
        return refused(
                answer.status(),
                name + " answered " + answer.status() + " to " + method + " " + path
                        + (answer.body().isBlank() ? "" : ": " + explanation(answer.body())));
    }

    /** A server that does not serve yet, or not any more, is as good as away. */
    static CommandFailed refused(int status, String message) {
        return status == UNAVAILABLE ? new ServerAway(message) : new CommandFailed(message);
    }

    Answer exchange(String method, String path, @Nullable String body) {
        return exchange(method, path, body, ANSWER_TIMEOUT);
    }

    /** @param patience how long the answer may take */
    Answer exchange(String method, String path, @Nullable String body, Duration patience) {
        long until = System.nanoTime() + leaderPatience.toNanos();
        Answer answer = exchangeOnce(method, path, body, patience);
        if (answer.status() == UNAVAILABLE && System.nanoTime() < until) {
            onWaiting.accept(name + " at " + base + " answered 503"
                    + (answer.body().isBlank() ? "" : ": " + explanation(answer.body())) + "; waiting up to "
                    + DurationText.format(leaderPatience));
        }
        while (answer.status() == UNAVAILABLE && System.nanoTime() < until) {
            new Pause().await(BETWEEN_TRIES);
            answer = exchangeOnce(method, path, body, patience);
        }
        return answer;
    }

    private Answer exchangeOnce(String method, String path, @Nullable String body, Duration patience) {
        HttpRequest.Builder request = request(path)
                .timeout(patience)
                .header("Accept", "application/json")
                .method(
                        method,
                        body == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        try {
            HttpResponse<String> response =
                    client.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
            return new Answer(response.statusCode(), response.body());
        } catch (IOException e) {
            throw unreachable(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailed("interrupted");
        }
    }

    /** The start of any request, with the credential. */
    HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path));
        if (credential != null) {
            request.header("Authorization", credential.authorization());
        }
        return request;
    }

    ServerAway unreachable(Throwable e) {
        return new ServerAway("cannot reach " + name + " at " + base + ": " + why(e) + ". " + hint);
    }

    /** It was there, but is not any more. */
    ServerAway lost(Throwable e, String consequence) {
        return new ServerAway("lost the connection to " + name + " at " + base + ": " + why(e) + ". " + consequence);
    }

    private static String why(Throwable e) {
        String why = e instanceof ConnectException && e.getMessage() == null ? "connection refused" : e.getMessage();
        return why == null ? e.getClass().getSimpleName() : why;
    }

    /** What a server says in a {@code message} field, or else the text as it is. */
    private static String explanation(String body) {
        String text = body.strip();
        if (text.startsWith("{")) {
            try {
                JsonNode json = MAPPER.readTree(text);
                if (json.path("message").isTextual()) {
                    String details = json.has("details") ? " " + json.get("details") : "";
                    text = json.get("message").asText() + details;
                }
            } catch (JsonProcessingException e) {
                return text;
            }
        }
        return text.length() > MAX_EXPLANATION ? text.substring(0, MAX_EXPLANATION) + "…" : text;
    }

    static String encode(String pathSegment) {
        return URLEncoder.encode(pathSegment, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
