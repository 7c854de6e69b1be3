import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * A custom executor without any library: {@code java EchoExecutor.java}, started by an agent. It speaks the v1 executor API
 * in JSON. A task is some text in its {@code data}; the executor answers with the text in capitals as the {@code data} of
 * TASK_FINISHED, and ends when it has been told to. A text that starts with {@code wait} runs until it is killed.
 *
 * <p>It survives a restart of its agent: it subscribes again, naming the tasks and updates that were not acknowledged.
 */
public final class EchoExecutor {
    private static final String FRAMEWORK = System.getenv("MESOS_FRAMEWORK_ID");
    private static final String EXECUTOR = System.getenv("MESOS_EXECUTOR_ID");
    private static final URI API = URI.create("http://" + System.getenv("MESOS_AGENT_ENDPOINT") + "/api/v1/executor");
    private static final boolean CHECKPOINT = "1".equals(System.getenv("MESOS_CHECKPOINT"));
    private static final Duration RECOVERY = Duration.ofMinutes(15);

    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    /** The agent must hear of these again if the connection breaks: by task id, and by the update's uuid. */
    private final Map<String, Object> unacknowledgedTasks = new LinkedHashMap<>();
    private final Map<String, Object> unacknowledgedUpdates = new LinkedHashMap<>();
    private final Set<String> running = new HashSet<>();

    public static void main(String[] args) throws Exception {
        new EchoExecutor().run();
    }

    private void run() throws Exception {
        long giveUp = System.nanoTime() + RECOVERY.toNanos();
        while (System.nanoTime() < giveUp) {
            try (InputStream events = subscribe()) {
                giveUp = System.nanoTime() + RECOVERY.toNanos();
                for (Map<String, Object> event = next(events); event != null; event = next(events)) {
                    if (!handle(event)) {
                        return;
                    }
                }
            } catch (IOException e) {
                System.err.println("The agent is away: " + e.getMessage());
            }
            if (!CHECKPOINT) {
                return; // without checkpointing our tasks end with the agent
            }
            TimeUnit.MILLISECONDS.sleep((long) (Math.random() * 2000));
        }
    }

    private InputStream subscribe() throws IOException, InterruptedException {
        Map<String, Object> subscribe = new LinkedHashMap<>();
        subscribe.put("unacknowledged_tasks", new ArrayList<>(unacknowledgedTasks.values()));
        subscribe.put("unacknowledged_updates", new ArrayList<>(unacknowledgedUpdates.values()));
        HttpResponse<InputStream> response =
                http.send(request("SUBSCRIBE", subscribe), HttpResponse.BodyHandlers.ofInputStream());
        if (response.statusCode() != 200) {
            String why = new String(response.body().readAllBytes(), StandardCharsets.UTF_8);
            throw new IOException("SUBSCRIBE was answered " + response.statusCode() + ": " + why);
        }
        return response.body();
    }

    /** Deals with one event; answers whether there is more to do. */
    private boolean handle(Map<String, Object> event) throws IOException, InterruptedException {
        switch ((String) event.get("type")) {
            case "LAUNCH" -> launch(child(child(event, "launch"), "task"));
            case "LAUNCH_GROUP" -> {
                for (Object task : (List<?>) child(child(event, "launch_group"), "task_group").get("tasks")) {
                    launch(asMap(task));
                }
            }
            case "KILL" -> {
                Map<String, Object> id = child(child(event, "kill"), "task_id");
                if (running.remove((String) id.get("value"))) {
                    update(id, "TASK_KILLED", null);
                }
            }
            case "ACKNOWLEDGED" -> {
                Map<String, Object> acknowledged = child(event, "acknowledged");
                unacknowledgedUpdates.remove((String) acknowledged.get("uuid"));
                unacknowledgedTasks.remove((String) child(acknowledged, "task_id").get("value"));
            }
            case "MESSAGE" -> call("MESSAGE", Map.of("data", child(event, "message").get("data")));
            case "SHUTDOWN" -> {
                return false;
            }
            case "ERROR" -> throw new IllegalStateException("The agent said: " + child(event, "error").get("message"));
            default -> {} // SUBSCRIBED, HEARTBEAT, and what may come in later versions
        }
        return true;
    }

    private void launch(Map<String, Object> task) throws IOException, InterruptedException {
        Map<String, Object> id = child(task, "task_id");
        unacknowledgedTasks.put((String) id.get("value"), task);
        update(id, "TASK_RUNNING", null);
        byte[] data = Base64.getDecoder().decode((String) task.getOrDefault("data", ""));
        String text = new String(data, StandardCharsets.UTF_8);
        if (text.startsWith("wait")) {
            running.add((String) id.get("value"));
        } else {
            update(id, "TASK_FINISHED", text.toUpperCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Reports a state, and remembers that until it is acknowledged. */
    private void update(Map<String, Object> taskId, String state, byte[] data) throws IOException, InterruptedException {
        UUID random = UUID.randomUUID();
        byte[] uuid = ByteBuffer.allocate(16)
                .putLong(random.getMostSignificantBits())
                .putLong(random.getLeastSignificantBits())
                .array();
        Map<String, Object> status = new LinkedHashMap<>();
        status.put("task_id", taskId);
        status.put("executor_id", Map.of("value", EXECUTOR));
        status.put("state", state);
        status.put("source", "SOURCE_EXECUTOR");
        status.put("uuid", Base64.getEncoder().encodeToString(uuid));
        status.put("timestamp", System.currentTimeMillis() / 1000.0);
        if (data != null) {
            status.put("data", Base64.getEncoder().encodeToString(data));
        }
        Map<String, Object> update = Map.of("status", status);
        unacknowledgedUpdates.put((String) status.get("uuid"), update);
        call("UPDATE", update);
    }

    private void call(String type, Map<String, Object> content) throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(request(type, content), HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 202) {
            System.err.println(type + " was answered " + response.statusCode() + ": " + response.body());
        }
    }

    private static HttpRequest request(String type, Map<String, Object> content) {
        Map<String, Object> call = new LinkedHashMap<>();
        call.put("type", type);
        call.put("framework_id", Map.of("value", FRAMEWORK));
        call.put("executor_id", Map.of("value", EXECUTOR));
        call.put(type.toLowerCase(Locale.ROOT), content);
        HttpRequest.Builder request = HttpRequest.newBuilder(API)
                .header("Content-Type", "application/json")
                .header("Accept", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(Json.write(call)));
        String token = System.getenv("MESOS_EXECUTOR_AUTHENTICATION_TOKEN");
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return request.build();
    }

    /** The next event: its length in decimal, a newline, and so many bytes. Null at the end. */
    private static Map<String, Object> next(InputStream events) throws IOException {
        int length = 0;
        for (int c = events.read(); c != '\n'; c = events.read()) {
            if (c < 0) {
                return null;
            }
            length = length * 10 + (c - '0');
        }
        return asMap(new Json(new String(events.readNBytes(length), StandardCharsets.UTF_8)).value());
    }

    private static Map<String, Object> child(Map<String, Object> parent, String name) {
        return asMap(parent.get(name));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> asMap(Object value) {
        return (Map<String, Object>) value;
    }

    /** Just enough JSON: maps, lists, strings, numbers as text, true, false, null. */
    private static final class Json {
        private final String text;
        private int at;

        Json(String text) {
            this.text = text;
        }

        /** A number that is written as it was read. */
        private record Literal(String text) {}

        Object value() {
            skipBlanks();
            switch (text.charAt(at)) {
                case '{' -> {
                    Map<String, Object> map = new LinkedHashMap<>();
                    for (at++; !ends('}'); ) {
                        String name = string();
                        skipBlanks();
                        at++; // the colon
                        map.put(name, value());
                    }
                    return map;
                }
                case '[' -> {
                    List<Object> list = new ArrayList<>();
                    for (at++; !ends(']'); ) {
                        list.add(value());
                    }
                    return list;
                }
                case '"' -> {
                    return string();
                }
                default -> {
                    int start = at;
                    while (at < text.length() && ",]} \n\t\r".indexOf(text.charAt(at)) < 0) {
                        at++;
                    }
                    return new Literal(text.substring(start, at));
                }
            }
        }

        private void skipBlanks() {
            while (Character.isWhitespace(text.charAt(at))) {
                at++;
            }
        }

        /** Whether the collection ends here; else stands at its next element. */
        private boolean ends(char close) {
            skipBlanks();
            if (text.charAt(at) == ',') {
                at++;
                skipBlanks();
            }
            if (text.charAt(at) == close) {
                at++;
                return true;
            }
            return false;
        }

        private String string() {
            StringBuilder string = new StringBuilder();
            for (at++; text.charAt(at) != '"'; at++) {
                if (text.charAt(at) != '\\') {
                    string.append(text.charAt(at));
                    continue;
                }
                char escaped = text.charAt(++at);
                switch (escaped) {
                    case 'n' -> string.append('\n');
                    case 't' -> string.append('\t');
                    case 'r' -> string.append('\r');
                    case 'b' -> string.append('\b');
                    case 'f' -> string.append('\f');
                    case 'u' -> {
                        string.append((char) Integer.parseInt(text.substring(at + 1, at + 5), 16));
                        at += 4;
                    }
                    default -> string.append(escaped);
                }
            }
            at++;
            return string.toString();
        }

        static String write(Object value) {
            if (value instanceof Map<?, ?> map) {
                List<String> parts = new ArrayList<>();
                map.forEach((name, child) -> parts.add(quote((String) name) + ":" + write(child)));
                return "{" + String.join(",", parts) + "}";
            }
            if (value instanceof List<?> list) {
                return "[" + String.join(",", list.stream().map(Json::write).toList()) + "]";
            }
            if (value instanceof String string) {
                return quote(string);
            }
            return value instanceof Literal literal ? literal.text() : String.valueOf(value);
        }

        private static String quote(String string) {
            StringBuilder quoted = new StringBuilder("\"");
            for (char c : string.toCharArray()) {
                if (c == '"' || c == '\\') {
                    quoted.append('\\').append(c);
                } else if (c < ' ') {
                    quoted.append(String.format("\\u%04x", (int) c));
                } else {
                    quoted.append(c);
                }
            }
            return quoted.append('"').toString();
        }
    }
}
