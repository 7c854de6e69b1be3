package io.paddock.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.TaskID;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/** The stream of an executor whose container only sleeps, read by the test, which speaks for it. */
final class FuzzExecutor implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final String agent;
    private final String identity;
    private final InputStream stream;
    private final List<TaskID> tasks = new CopyOnWriteArrayList<>();
    private volatile boolean ended;

    private FuzzExecutor(String agent, String identity, InputStream stream) {
        this.agent = agent;
        this.identity = identity;
        this.stream = stream;
        Thread reader = new Thread(this::read, "fuzz-executor");
        reader.setDaemon(true);
        reader.start();
    }

    /** Null where the agent refuses it, as it may be about to end. */
    static FuzzExecutor subscribe(String agent, FrameworkID framework) {
        String identity = "\"framework_id\":{\"value\":\"" + framework.getValue() + "\"},\"executor_id\":{\"value\":\""
                + FuzzWorld.EXECUTOR + "\"}}";
        String call = "{\"type\":\"SUBSCRIBE\",\"subscribe\":{}," + identity;
        try {
            HttpResponse<InputStream> response = CLIENT.send(
                    HttpRequest.newBuilder(URI.create(agent + "/api/v1/executor"))
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(call))
                            .build(),
                    HttpResponse.BodyHandlers.ofInputStream());
            if (response.statusCode() == 200) {
                return new FuzzExecutor(agent, identity, response.body());
            }
            response.body().close();
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void read() {
        try (InputStream in = stream) {
            int length = 0;
            for (int b = in.read(); b >= 0; b = in.read()) {
                if (b != '\n') {
                    length = 10 * length + b - '0';
                    continue;
                }
                JsonNode event = JSON.readTree(in.readNBytes(length));
                length = 0;
                JsonNode task = event.at("/launch/task/task_id/value");
                if (!task.isMissingNode()) {
                    tasks.add(TaskID.newBuilder().setValue(task.asText()).build());
                    tell(event.at("/launch/task/task_id"), "TASK_RUNNING");
                }
                if (event.has("kill")) {
                    tell(event.at("/kill/task_id"), "TASK_KILLED");
                }
            }
        } catch (IOException e) {
            // closed by either side: seen as ended
        }
        ended = true;
    }

    private void tell(JsonNode taskId, String state) {
        UUID uuid = UUID.randomUUID();
        byte[] bytes = ByteBuffer.allocate(16)
                .putLong(uuid.getMostSignificantBits())
                .putLong(uuid.getLeastSignificantBits())
                .array();
        Http.post(
                agent + "/api/v1/executor",
                "{\"type\":\"UPDATE\",\"update\":{\"status\":{\"state\":\"" + state
                        + "\",\"source\":\"SOURCE_EXECUTOR\",\"uuid\":\""
                        + Base64.getEncoder().encodeToString(bytes) + "\",\"task_id\":" + taskId + "}}," + identity);
    }

    List<TaskID> tasks() {
        return tasks;
    }

    boolean hasEnded() {
        return ended;
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
