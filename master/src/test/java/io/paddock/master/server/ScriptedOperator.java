package io.paddock.master.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.platform.http.WireFormat;
import io.paddock.platform.json.Json;
import io.paddock.proto.v1.master.Call;
import io.paddock.proto.v1.master.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** An operator with a shell: calls of the operator API in one encoding, and the older endpoints. */
final class ScriptedOperator {
    private final HttpClient client;
    private final String master;
    private final WireFormat format;

    ScriptedOperator(HttpClient client, int port, WireFormat format) {
        this.client = client;
        this.master = "http://127.0.0.1:" + port;
        this.format = format;
    }

    /** @return the HTTP status and the text of the answer */
    HttpResponse<String> call(Call.Builder call) {
        return send(
                ScriptedScheduler.request(URI.create(master + "/api/v1"), format, call.buildPartial()),
                HttpResponse.BodyHandlers.ofString());
    }

    /** A call that must be answered 200 with a message. */
    Response read(Call.Type type) {
        return answer(Call.newBuilder().setType(type));
    }

    Response answer(Call.Builder call) {
        HttpResponse<byte[]> response = send(
                ScriptedScheduler.request(URI.create(master + "/api/v1"), format, call.build()),
                HttpResponse.BodyHandlers.ofByteArray());
        if (response.statusCode() != 200) {
            throw new IllegalStateException(call.getType() + " was answered " + response.statusCode());
        }
        return format.decode(response.body(), Response.getDefaultInstance());
    }

    JsonNode get(String path) {
        HttpResponse<byte[]> response =
                send(HttpRequest.newBuilder(URI.create(master + path)), HttpResponse.BodyHandlers.ofByteArray());
        if (response.statusCode() != 200) {
            throw new IllegalStateException(path + " was answered " + response.statusCode());
        }
        return Json.read(response.body(), JsonNode.class);
    }

    /** Any request with a body as {@code curl -d} sends it. */
    HttpResponse<String> curl(String method, String path, String body) {
        return send(
                HttpRequest.newBuilder(URI.create(master + path))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .method(method, HttpRequest.BodyPublishers.ofString(body)),
                HttpResponse.BodyHandlers.ofString());
    }

    private <B> HttpResponse<B> send(HttpRequest.Builder request, HttpResponse.BodyHandler<B> body) {
        try {
            return client.send(request.build(), body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
