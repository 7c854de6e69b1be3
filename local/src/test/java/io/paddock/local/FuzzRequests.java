package io.paddock.local;

import com.google.protobuf.Message;
import io.paddock.platform.http.WireFormat;
import io.paddock.proto.json.JsonCodec;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Requests to every endpoint of a master and an agent, right and wrong in all ways an HTTP client lets one be wrong. */
final class FuzzRequests {
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private static final int MOST_SHOWN = 600;
    private static final String WAITS = "\"type\":\"WAIT_";

    private static final List<String> MASTER_PATHS = List.of(
            "/health",
            "/version",
            "/flags",
            "/state",
            "/state-summary",
            "/slaves",
            "/frameworks",
            "/tasks",
            "/roles",
            "/weights",
            "/redirect",
            "/metrics/snapshot",
            "/metrics/prometheus",
            "/system/stats.json",
            "/quota",
            "/maintenance/schedule",
            "/maintenance/status",
            "/teardown",
            "/reserve",
            "/unreserve",
            "/create-volumes",
            "/destroy-volumes",
            "/machine/down",
            "/machine/up",
            "/logging/toggle",
            "/files/browse",
            "/files/read",
            "/files/download",
            "/files/debug",
            "/offers/why",
            "/security/files",
            "/agent/x/state",
            "/",
            "/static/leader/index.js",
            "/api/paddock/link",
            "/api/v1/scheduler/x");
    private static final List<String> AGENT_PATHS = List.of(
            "/health",
            "/version",
            "/flags",
            "/state",
            "/containers",
            "/monitor/statistics",
            "/metrics/snapshot",
            "/metrics/prometheus",
            "/system/stats.json",
            "/files/browse",
            "/files/read",
            "/files/download",
            "/files/debug",
            "/images",
            "/networks",
            "/logging/toggle",
            "/api/v1/resource_provider",
            "/");
    private static final List<String> PARAMETERS = List.of(
            "limit",
            "offset",
            "order",
            "framework_id",
            "frameworkId",
            "task_id",
            "slave_id",
            "slaveId",
            "path",
            "length",
            "jsonp",
            "framework",
            "role",
            "level",
            "duration",
            "timeout",
            "resources",
            "volumes",
            "container_id",
            "id");
    private static final List<String> VALUES = List.of(
            "",
            "0",
            "-1",
            "1",
            "10",
            "99999999999999999999",
            "1e9",
            "NaN",
            "asc",
            "desc",
            "../../etc/passwd",
            "/etc/passwd",
            "/slave/log",
            "alert(1)",
            "<script>",
            "%",
            "\u00e9",
            "3secs",
            "5mins",
            "[]",
            "{}",
            "[{\"name\":\"cpus\"}]",
            "null",
            "a".repeat(2000));
    private static final List<String> MEDIA_TYPES = List.of(
            "application/json",
            "application/x-protobuf",
            "application/json; charset=utf-8",
            "text/plain",
            "application/recordio",
            "application/*",
            "*/*",
            "application/json;q=0",
            "nonsense",
            "application/x-www-form-urlencoded");

    /** A request, and its answer as soon as there is one. */
    static final class Exchange {
        private final HttpRequest request;
        private final String shown;
        private final boolean streams;
        /** A WAIT call is answered when a container ends, which may be never. */
        private final boolean waits;

        /** Who is waited for, in JSON; empty when that cannot be told. */
        private final String container;

        private final Sent sent;

        Exchange(HttpRequest request, String shown, boolean streams, String container, Sent sent) {
            this.sent = sent;
            this.container = container;
            this.waits = shown.contains(WAITS);
            this.request = request;
            this.shown = shown;
            this.streams = streams;
        }

        /** Sends it (again) and gives the status; the body, if it is an explanation. */
        Answer send() {
            try {
                return answer(request);
            } catch (HttpTimeoutException e) {
                return waits ? whenKilled(e) : new Answer(0, e.toString());
            } catch (IOException e) {
                return new Answer(0, e.toString());
            }
        }

        private Answer answer(HttpRequest sent) throws IOException {
            try {
                HttpResponse<InputStream> response = CLIENT.send(sent, HttpResponse.BodyHandlers.ofInputStream());
                try (InputStream body = response.body()) {
                    if (response.statusCode() == 200 && streams) {
                        return new Answer(200, "a stream");
                    }
                    String text = new String(body.readNBytes(500), StandardCharsets.UTF_8);
                    body.transferTo(java.io.OutputStream.nullOutputStream());
                    return new Answer(response.statusCode(), text);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }

        /** What runs may be waited for without end, but not what was killed. */
        private Answer whenKilled(HttpTimeoutException e) {
            if (container.isEmpty()) {
                return new Answer(0, e.toString());
            }
            String agent = request.uri().toString();
            Http.post(
                    agent,
                    "{\"type\":\"KILL_CONTAINER\",\"kill_container\":{\"signal\":9,\"container_id\":" + container
                            + "}}");
            HttpRequest again = HttpRequest.newBuilder(request.uri())
                    .timeout(Duration.ofSeconds(30))
                    .header("Content-Type", "application/json")
                    .header("Accept", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(
                            "{\"type\":\"WAIT_CONTAINER\",\"wait_container\":{\"container_id\":" + container + "}}"))
                    .build();
            try {
                return answer(again);
            } catch (IOException late) {
                return new Answer(0, "not answered though " + container + " was killed: " + late);
            }
        }

        /** A call of one of the v1 APIs. */
        static Exchange of(
                HttpRequest.Builder request, byte[] body, String shown, boolean json, Message type, Sent sent) {
            return new Exchange(
                    request.timeout(Duration.ofSeconds(shown.contains(WAITS) ? 3 : 30))
                            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                            .build(),
                    shown,
                    true,
                    waitedFor(json, body, type),
                    sent);
        }

        Sent sent() {
            return sent;
        }

        /** Whether it is a call of one of the v1 APIs. */
        boolean isCall() {
            return streams;
        }

        @Override
        public String toString() {
            return sent.api().equals("random") && shown.length() > MOST_SHOWN
                    ? shown.substring(0, MOST_SHOWN) + "…"
                    : shown;
        }
    }

    /**
     * What was sent.
     *
     * @param changes how many places differ from a call that is good as things stand; -1 if that cannot be told
     * @param message the call, if it is known to be what the server reads
     */
    record Sent(
            String api, String type, int changes, @Nullable Message message) {}

    /** Status 0: there was no answer. */
    record Answer(int status, String body) {
        /** Whether it is the server's own failure, or none at all; 501 and 503 have their reasons, and one 500 is what Mesos says. */
        boolean isWrong() {
            boolean failed = status >= 500 && status != 501 && status != 503;
            return status == 0 || failed && !(status == 500 && body.startsWith("Failed to remove container "));
        }
    }

    private final Random random;
    private final FuzzCalls calls;
    private final FuzzMutations mutations;
    private final String master;
    private final String agent;
    private String streamId = "";

    FuzzRequests(Random random, FuzzCalls calls, String master, String agent) {
        this.random = random;
        this.calls = calls;
        this.mutations = new FuzzMutations(random, calls);
        this.master = master;
        this.agent = agent;
    }

    /** The stream id of a scheduler that is subscribed. */
    void learnStream(String id) {
        streamId = id;
    }

    Exchange next() throws IOException {
        return switch (random.nextInt(10)) {
            case 0, 1, 2 -> call(master, "/api/v1/scheduler", io.paddock.proto.v1.scheduler.Call.getDefaultInstance());
            case 3, 4 -> call(master, "/api/v1", io.paddock.proto.v1.master.Call.getDefaultInstance());
            case 5, 6 -> call(agent, "/api/v1", io.paddock.proto.v1.agent.Call.getDefaultInstance());
            case 7 -> call(agent, "/api/v1/executor", io.paddock.proto.v1.executor.Call.getDefaultInstance());
            case 8 -> plain(master, MASTER_PATHS, "/master");
            default -> plain(agent, AGENT_PATHS, "/slave(1)");
        };
    }

    private Exchange call(String server, String path, Message type) throws IOException {
        Message call = calls.call(type);
        boolean json = random.nextBoolean();
        byte[] body = json ? mutations.json(JsonCodec.toJson(call)) : mutations.protobuf(call.toByteArray());
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server + path));
        String contentType =
                random.nextInt(12) == 0 ? pick(MEDIA_TYPES) : json ? "application/json" : "application/x-protobuf";
        if (random.nextInt(40) != 0) {
            request.header("Content-Type", contentType);
        }
        String accept = random.nextInt(5) == 0 ? pick(MEDIA_TYPES) : "application/json";
        request.header("Accept", accept);
        if (random.nextInt(10) == 0) {
            request.header("Message-Accept", pick(MEDIA_TYPES));
            request.header("Message-Content-Type", pick(MEDIA_TYPES));
        }
        if (random.nextInt(8) != 0) {
            request.header(
                    "Mesos-Stream-Id", random.nextInt(8) == 0 ? calls.word(true).replaceAll("[^ -~]", "") : streamId);
        }
        String shown = "POST " + path + " " + contentType + " (accepting " + accept + ") "
                + (json
                        ? new String(body, StandardCharsets.UTF_8)
                        : HexFormat.of().formatHex(body) + " = " + JsonCodec.toJsonString(call));
        return Exchange.of(
                request,
                body,
                shown,
                json,
                type,
                new Sent(
                        "random",
                        (server.equals(master) ? "calls of the master " : "calls of the agent ") + path,
                        -1,
                        null));
    }

    /** The container of a WAIT call as the agent reads it, in JSON; empty when it is none. */
    private static String waitedFor(boolean json, byte[] body, Message type) {
        if (!(type instanceof io.paddock.proto.v1.agent.Call)) {
            return "";
        }
        try {
            io.paddock.proto.v1.agent.Call call = (json ? WireFormat.JSON : WireFormat.PROTOBUF)
                    .decode(body, io.paddock.proto.v1.agent.Call.getDefaultInstance());
            return switch (call.getType()) {
                case WAIT_CONTAINER ->
                    JsonCodec.toJsonString(call.getWaitContainer().getContainerId());
                case WAIT_NESTED_CONTAINER ->
                    JsonCodec.toJsonString(call.getWaitNestedContainer().getContainerId());
                default -> "";
            };
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private Exchange plain(String server, List<String> paths, String prefix) {
        StringBuilder path = new StringBuilder(random.nextInt(3) == 0 ? prefix : "").append(pick(paths));
        if (random.nextInt(10) == 0) {
            path.append(random.nextBoolean() ? ".json" : "/");
        }
        String form = parameters();
        if (random.nextInt(4) != 0) {
            path.append('?').append(form);
        }
        String method = random.nextInt(4) != 0
                ? "GET"
                : pick(List.of("POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "BREW"));
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(server + path)).timeout(Duration.ofSeconds(30));
        String body = random.nextBoolean()
                ? parameters()
                : pick(List.of("[]", "{}", "null", "{\"role\":\"fuzz\"}", "[{\"hostname\":\"nowhere\"}]", "["));
        boolean bodiless = method.equals("GET") || method.equals("HEAD");
        request.method(
                method, bodiless ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (!bodiless) {
            request.header("Content-Type", pick(MEDIA_TYPES));
        }
        return new Exchange(
                request.build(),
                method + " " + path + (bodiless ? "" : " " + body),
                false,
                "",
                new Sent("random", "old endpoints of the " + (server.equals(master) ? "master" : "agent"), -1, null));
    }

    private String parameters() {
        List<String> parameters = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            String value = random.nextInt(3) == 0 ? calls.word(true) : pick(VALUES);
            parameters.add(pick(PARAMETERS) + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8));
        }
        return String.join("&", parameters);
    }

    private String pick(List<String> list) {
        return list.get(random.nextInt(list.size()));
    }
}
