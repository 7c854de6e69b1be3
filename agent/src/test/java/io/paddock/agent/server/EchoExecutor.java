package io.paddock.agent.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.platform.json.Json;
import io.paddock.proto.recordio.RecordIO;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.UUID;

/**
 * A custom executor as a framework would bring it: plain JSON over HTTP, started as a process of its own. Runs nothing:
 * launched tasks are RUNNING until killed, or until a message names one that shall finish. Survives the agent's restart.
 */
final class EchoExecutor {
    private static final String ENDPOINT = System.getenv("MESOS_AGENT_ENDPOINT");
    private static final int MAX_RECORD_BYTES = 1 << 20;
    private final HttpClient client = HttpClient.newHttpClient();

    private EchoExecutor() {}

    public static void main(String[] args) throws Exception {
        EchoExecutor executor = new EchoExecutor();
        while (true) {
            try {
                executor.subscribe();
            } catch (IOException e) {
                System.out.println("no agent: " + e);
            }
            Thread.sleep(200);
        }
    }

    private static ObjectNode call(String type) {
        ObjectNode call = Json.mapper().createObjectNode();
        call.put("type", type);
        call.putObject("framework_id").put("value", System.getenv("MESOS_FRAMEWORK_ID"));
        call.putObject("executor_id").put("value", System.getenv("MESOS_EXECUTOR_ID"));
        return call;
    }

    private <T> HttpResponse<T> post(ObjectNode call, HttpResponse.BodyHandler<T> handler)
            throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://" + ENDPOINT + "/api/v1/executor"))
                        .header("Content-Type", "application/json")
                        .header("Accept", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(Json.bytes(call)))
                        .build(),
                handler);
    }

    private void subscribe() throws IOException, InterruptedException {
        ObjectNode call = call("SUBSCRIBE");
        call.putObject("subscribe");
        HttpResponse<InputStream> stream = post(call, HttpResponse.BodyHandlers.ofInputStream());
        System.out.println("SUBSCRIBE " + stream.statusCode());
        if (stream.statusCode() != 200) {
            return;
        }
        RecordIO.Decoder decoder = new RecordIO.Decoder(MAX_RECORD_BYTES);
        byte[] buffer = new byte[8192];
        int n = stream.body().read(buffer);
        while (n >= 0) {
            for (byte[] record : decoder.decode(Arrays.copyOf(buffer, n))) {
                event(Json.mapper().readTree(record));
            }
            n = stream.body().read(buffer);
        }
    }

    private void event(JsonNode event) throws IOException, InterruptedException {
        System.out.println(event.path("type").textValue());
        switch (event.path("type").textValue()) {
            case "LAUNCH" -> update(event.at("/launch/task/task_id/value").textValue(), "TASK_RUNNING");
            case "KILL" -> update(event.at("/kill/task_id/value").textValue(), "TASK_KILLED");
            case "MESSAGE" -> message(event.at("/message/data").binaryValue());
            case "SHUTDOWN" -> System.exit(0);
            default -> {}
        }
    }

    private void message(byte[] data) throws IOException, InterruptedException {
        ObjectNode call = call("MESSAGE");
        call.putObject("message").put("data", Base64.getEncoder().encodeToString(data));
        post(call, HttpResponse.BodyHandlers.discarding());
        update(new String(data, java.nio.charset.StandardCharsets.UTF_8), "TASK_FINISHED");
    }

    private void update(String task, String state) throws IOException, InterruptedException {
        UUID uuid = UUID.randomUUID();
        byte[] bytes = ByteBuffer.allocate(16)
                .putLong(uuid.getMostSignificantBits())
                .putLong(uuid.getLeastSignificantBits())
                .array();
        ObjectNode call = call("UPDATE");
        ObjectNode status = call.putObject("update").putObject("status");
        status.putObject("task_id").put("value", task);
        status.put("state", state);
        status.put("source", "SOURCE_EXECUTOR");
        status.put("uuid", Base64.getEncoder().encodeToString(bytes));
        System.out.println("UPDATE " + state + " "
                + post(call, HttpResponse.BodyHandlers.discarding()).statusCode());
    }
}
