package io.paddock.master.testing;

import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.recordio.RecordIO;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** A scheduler driven by hand over HTTP and JSON. Acknowledges every update. */
public final class FakeFramework implements AutoCloseable {
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI uri;
    private final String stream;
    private final InputStream body;
    private final CompletableFuture<FrameworkID> id = new CompletableFuture<>();
    private final List<Event> events = new CopyOnWriteArrayList<>();

    private FakeFramework(int masterPort, String name, String role) throws IOException, InterruptedException {
        uri = URI.create("http://127.0.0.1:" + masterPort + "/api/v1/scheduler");
        HttpResponse<InputStream> response = client.send(
                post(
                        "{\"type\":\"SUBSCRIBE\",\"subscribe\":{\"framework_info\":{\"user\":\"root\",\"name\":\""
                                + name
                                + "\",\"roles\":[\"" + role
                                + "\"],\"failover_timeout\":60,\"webui_url\":\"http://127.0.0.1:1/ui\",\"capabilities\":"
                                + "[{\"type\":\"MULTI_ROLE\"},{\"type\":\"RESERVATION_REFINEMENT\"},{\"type\":\"PARTITION_AWARE\"}]}}}"),
                HttpResponse.BodyHandlers.ofInputStream());
        stream = response.headers().firstValue("Mesos-Stream-Id").orElseThrow();
        body = response.body();
        Thread reader = new Thread(this::read, "framework-" + name);
        reader.setDaemon(true);
        reader.start();
    }

    /** Subscribes and waits for the answer. */
    public static FakeFramework start(int masterPort, String name, String role) {
        try {
            FakeFramework framework = new FakeFramework(masterPort, name, role);
            framework.id.join();
            return framework;
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    public String id() {
        return id.join().getValue();
    }

    /** Offers received so far. */
    public List<Offer> offers() {
        return events.stream()
                .flatMap(event -> event.getOffers().getOffersList().stream())
                .toList();
    }

    /** Launches one command task from an offer with the given resources of the framework's role. */
    public void launch(Offer offer, String taskId, double cpus, double mem) {
        String role = offer.getAllocationInfo().getRole();
        call("{\"framework_id\":{\"value\":\"" + id()
                + "\"},\"type\":\"ACCEPT\",\"accept\":{\"offer_ids\":[{\"value\":\""
                + offer.getId().getValue()
                + "\"}],\"filters\":{\"refuse_seconds\":0},\"operations\":[{\"type\":\"LAUNCH\",\"launch\":{\"task_infos\":[{\"name\":\"name of "
                + taskId + "\",\"task_id\":{\"value\":\"" + taskId + "\"},\"agent_id\":{\"value\":\""
                + offer.getAgentId().getValue() + "\"},\"command\":{\"value\":\"sleep 1000\"},\"resources\":["
                + scalar("cpus", cpus, role) + "," + scalar("mem", mem, role) + "]}]}}]}}");
    }

    /** Declines all offers received so far and asks for no more. */
    public void wantNothing() {
        call("{\"framework_id\":{\"value\":\"" + id() + "\"},\"type\":\"SUPPRESS\",\"suppress\":{}}");
        for (Offer offer : offers()) {
            call("{\"framework_id\":{\"value\":\"" + id()
                    + "\"},\"type\":\"DECLINE\",\"decline\":{\"offer_ids\":[{\"value\":\""
                    + offer.getId().getValue() + "\"}]}}");
        }
    }

    /** Sends a call given in JSON. */
    public void call(String json) {
        try {
            HttpResponse<String> response = client.send(post(json), HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() / 100 != 2) {
                throw new IllegalStateException(response.statusCode() + ": " + response.body());
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        try {
            body.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String scalar(String name, double value, String role) {
        return "{\"name\":\"" + name + "\",\"type\":\"SCALAR\",\"scalar\":{\"value\":" + value
                + "},\"allocation_info\":{\"role\":\"" + role + "\"}}";
    }

    private HttpRequest post(String json) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json));
        if (stream != null) {
            request.header("Mesos-Stream-Id", stream);
        }
        return request.build();
    }

    private void read() {
        RecordIO.Decoder decoder = new RecordIO.Decoder(16 << 20);
        byte[] buffer = new byte[1 << 16];
        try {
            for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
                for (byte[] record : decoder.decode(Arrays.copyOf(buffer, n))) {
                    take(JsonCodec.fromJson(record, Event.getDefaultInstance()));
                }
            }
        } catch (IOException e) {
            id.completeExceptionally(e);
        }
    }

    private void take(Event event) {
        events.add(event);
        if (event.getType() == Event.Type.SUBSCRIBED) {
            id.complete(event.getSubscribed().getFrameworkId());
        } else if (event.getType() == Event.Type.UPDATE
                && event.getUpdate().getStatus().hasUuid()) {
            call(JsonCodec.toJsonString(Call.newBuilder()
                    .setType(Call.Type.ACKNOWLEDGE)
                    .setFrameworkId(id.join())
                    .setAcknowledge(Call.Acknowledge.newBuilder()
                            .setTaskId(event.getUpdate().getStatus().getTaskId())
                            .setAgentId(event.getUpdate().getStatus().getAgentId())
                            .setUuid(event.getUpdate().getStatus().getUuid()))
                    .build()));
        }
    }
}
