package io.paddock.master.server;

import com.google.protobuf.Message;
import io.paddock.platform.http.WireFormat;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A scheduler as somebody with curl would be it: one long answer of events, every other call a request of its own. */
final class ScriptedScheduler implements AutoCloseable {
    final List<Event> events = new CopyOnWriteArrayList<>();
    final WireFormat format;
    volatile boolean ended;
    private final HttpClient client;
    private final URI uri;
    private final InputStream body;
    final String streamId;

    private ScriptedScheduler(HttpClient client, URI uri, WireFormat format, HttpResponse<InputStream> response) {
        this.client = client;
        this.uri = uri;
        this.format = format;
        this.body = response.body();
        this.streamId = response.headers().firstValue("Mesos-Stream-Id").orElseThrow();
        Thread reader = new Thread(this::read, "scheduler-events");
        reader.setDaemon(true);
        reader.start();
    }

    static ScriptedScheduler subscribe(HttpClient client, int port, WireFormat format, FrameworkInfo info) {
        return subscribe(client, port, format, Call.Subscribe.newBuilder().setFrameworkInfo(info));
    }

    static ScriptedScheduler subscribe(HttpClient client, int port, WireFormat format, Call.Subscribe.Builder asked) {
        URI uri = URI.create("http://127.0.0.1:" + port + "/api/v1/scheduler");
        Call.Builder call = Call.newBuilder().setType(Call.Type.SUBSCRIBE).setSubscribe(asked);
        if (asked.getFrameworkInfo().hasId()) {
            call.setFrameworkId(asked.getFrameworkInfo().getId());
        }
        try {
            HttpResponse<InputStream> response =
                    client.send(request(uri, format, call.build()).build(), HttpResponse.BodyHandlers.ofInputStream());
            if (response.statusCode() != 200) {
                throw new IllegalStateException(response.statusCode() + " "
                        + new String(response.body().readAllBytes(), StandardCharsets.UTF_8));
            }
            return new ScriptedScheduler(client, uri, format, response);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static HttpRequest.Builder request(URI uri, WireFormat format, Message message) {
        String type = format == WireFormat.JSON ? "application/json" : "application/x-protobuf";
        return HttpRequest.newBuilder(uri)
                .header("Content-Type", type)
                .header("Accept", type)
                .POST(HttpRequest.BodyPublishers.ofByteArray(format.encode(message)));
    }

    private void read() {
        try (InputStream in = body) {
            int length = 0;
            for (int b = in.read(); b >= 0; b = in.read()) {
                if (b == '\n') {
                    events.add(format.decode(in.readNBytes(length), Event.getDefaultInstance()));
                    length = 0;
                } else {
                    length = 10 * length + b - '0';
                }
            }
        } catch (IOException e) {
            // The stream was cut: seen as ended.
        }
        ended = true;
    }

    List<Event> events(Event.Type type) {
        return events.stream().filter(e -> e.getType() == type).toList();
    }

    FrameworkID frameworkId() {
        return events(Event.Type.SUBSCRIBED).get(0).getSubscribed().getFrameworkId();
    }

    List<Offer> offers() {
        return events(Event.Type.OFFERS).stream()
                .flatMap(e -> e.getOffers().getOffersList().stream())
                .toList();
    }

    List<TaskStatus> updates() {
        return events(Event.Type.UPDATE).stream()
                .map(e -> e.getUpdate().getStatus())
                .toList();
    }

    /** @return the HTTP status and the body */
    HttpResponse<String> call(Call.Builder call) {
        return call(call, streamId);
    }

    HttpResponse<String> call(Call.Builder call, String stream) {
        HttpRequest.Builder request =
                request(uri, format, call.setFrameworkId(frameworkId()).build());
        if (!stream.isEmpty()) {
            request.header("Mesos-Stream-Id", stream);
        }
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Cuts the stream, as a scheduler that dies. */
    @Override
    public void close() {
        try {
            body.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
