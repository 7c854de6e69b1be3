package io.paddock.local;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** A scheduler made of HTTP requests in JSON, as one would drive the API with curl. */
final class SchedulerByHand implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final URI api;
    private final String streamId;
    private final InputStream stream;
    private final List<JsonNode> events = new CopyOnWriteArrayList<>();
    private final boolean acknowledges;
    private volatile String frameworkId = "";
    private volatile boolean ended;

    private SchedulerByHand(URI api, String streamId, InputStream stream, boolean acknowledges) {
        this.api = api;
        this.acknowledges = acknowledges;
        this.streamId = streamId;
        this.stream = stream;
        Thread reader = new Thread(this::read, "scheduler-by-hand");
        reader.setDaemon(true);
        reader.start();
        await("SUBSCRIBED")
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> ended || find("SUBSCRIBED", event -> true) != null);
        if (find("SUBSCRIBED", event -> true) == null) {
            throw new IllegalStateException("not subscribed: " + events);
        }
        frameworkId = awaitEvent("SUBSCRIBED", event -> true)
                .at("/subscribed/framework_id/value")
                .asText();
    }

    static SchedulerByHand subscribe(String master, String frameworkInfo) {
        return subscribe(master, frameworkInfo, true);
    }

    /** Whether each update is acknowledged as it comes, or not at all. */
    static SchedulerByHand subscribe(String master, String frameworkInfo, boolean acknowledges) {
        return open(master, "\"subscribe\": {\"framework_info\": " + frameworkInfo + "}", acknowledges);
    }

    /** A framework that had an id comes back; its info carries the id, too. */
    static SchedulerByHand resubscribe(String master, String frameworkInfo, String id) {
        return resubscribe(master, frameworkInfo, id, true);
    }

    static SchedulerByHand resubscribe(String master, String frameworkInfo, String id, boolean acknowledges) {
        return open(
                master,
                "\"framework_id\": {\"value\": \"" + id + "\"}, \"subscribe\": {\"framework_info\": " + frameworkInfo
                        + "}",
                acknowledges);
    }

    private static SchedulerByHand open(String master, String rest, boolean acknowledges) {
        URI api = URI.create(master + "/api/v1/scheduler");
        try {
            HttpResponse<InputStream> response = CLIENT.send(
                    request(api)
                            .POST(HttpRequest.BodyPublishers.ofString("{\"type\": \"SUBSCRIBE\", " + rest + "}"))
                            .build(),
                    HttpResponse.BodyHandlers.ofInputStream());
            if (response.statusCode() != 200) {
                throw new AssertionError("SUBSCRIBE answered " + response.statusCode() + ": "
                        + new String(response.body().readAllBytes(), StandardCharsets.UTF_8));
            }
            return new SchedulerByHand(
                    api, response.headers().firstValue("Mesos-Stream-Id").orElseThrow(), response.body(), acknowledges);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static HttpRequest.Builder request(URI api) {
        return HttpRequest.newBuilder(api)
                .header("Content-Type", "application/json")
                .header("Accept", "application/json");
    }

    String frameworkId() {
        return frameworkId;
    }

    String streamId() {
        return streamId;
    }

    /** Sends a call; the text is the JSON object without type and framework_id. Answers the status. */
    int call(String type, String rest) {
        String body = "{\"type\": \"" + type + "\", \"framework_id\": {\"value\": \"" + frameworkId + "\"}"
                + (rest.isEmpty() ? "" : ", " + rest) + "}";
        try {
            return CLIENT.send(
                            request(api)
                                    .header("Mesos-Stream-Id", streamId)
                                    .POST(HttpRequest.BodyPublishers.ofString(body))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .statusCode();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Waits for an event of a type and takes it out of the list. */
    JsonNode awaitEvent(String type, Predicate<JsonNode> fits) {
        await(type)
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> find(type, fits) != null);
        JsonNode event = find(type, fits);
        events.remove(event);
        return event;
    }

    /** Waits for an update of a task; every update is acknowledged as it comes. */
    JsonNode awaitUpdate(String taskId, String state) {
        return awaitEvent(
                        "UPDATE",
                        event -> event.at("/update/status/task_id/value")
                                        .asText()
                                        .equals(taskId)
                                && event.at("/update/status/state").asText().equals(state))
                .at("/update/status");
    }

    private void acknowledge(JsonNode status) {
        if (acknowledges && status.has("uuid")) {
            call(
                    "ACKNOWLEDGE",
                    "\"acknowledge\": {\"agent_id\": %s, \"task_id\": %s, \"uuid\": %s}"
                            .formatted(status.path("agent_id"), status.path("task_id"), status.path("uuid")));
        }
    }

    /** The first offer of the next OFFERS event. */
    JsonNode awaitOffer() {
        return awaitEvent("OFFERS", event -> true).at("/offers/offers/0");
    }

    List<JsonNode> events() {
        return events;
    }

    private JsonNode find(String type, Predicate<JsonNode> fits) {
        return events.stream()
                .filter(event -> event.path("type").asText().equals(type) && fits.test(event))
                .findFirst()
                .orElse(null);
    }

    /** Whether the stream was closed, by either side. */
    boolean hasEnded() {
        return ended;
    }

    private void read() {
        try {
            while (true) {
                StringBuilder length = new StringBuilder();
                for (int c = stream.read(); c != '\n'; c = stream.read()) {
                    if (c < 0) {
                        ended = true;
                        return;
                    }
                    length.append((char) c);
                }
                JsonNode event = JSON.readTree(stream.readNBytes(Integer.parseInt(length.toString())));
                events.add(event);
                acknowledge(event.at("/update/status"));
            }
        } catch (IOException e) {
            ended = true; // closed, by either side: no more events come
        }
    }

    @Override
    public void close() {
        try {
            stream.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
