package io.paddock.platform.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.paddock.common.Rejection;
import io.paddock.platform.security.Access;
import io.paddock.platform.security.Credentials;
import io.paddock.proto.recordio.RecordIO;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.Route;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class HttpServerTest {
    private static ActorTestKit kit;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @BeforeAll
    static void startSystem() {
        kit = ActorTestKit.create();
    }

    @AfterAll
    static void stopSystem() {
        kit.shutdownTestKit();
    }

    @Test
    void negotiatesTheFormatOfACall() throws Exception {
        Route route = Calls.route(
                Call.getDefaultInstance(),
                (call, exchange) -> CompletableFuture.completedFuture(exchange.reply(call.getFrameworkId())));
        byte[] json = "{\"framework_id\":{\"value\":\"f\"}}".getBytes(StandardCharsets.UTF_8);
        byte[] proto = Call.newBuilder()
                .setFrameworkId(FrameworkID.newBuilder().setValue("f"))
                .build()
                .toByteArray();
        try (HttpServer server = bind(HttpOptions.plain("127.0.0.1", 0), route)) {
            assertThat(post(server, json, "application/json", null))
                    .isEqualTo("200 application/json {\"value\":\"f\"}");
            assertThat(post(server, proto, "application/x-protobuf", null))
                    .isEqualTo("200 application/json {\"value\":\"f\"}");
            assertThat(post(server, json, "application/json; charset=utf-8", "application/x-protobuf"))
                    .isEqualTo("200 application/x-protobuf \n\1f");
            assertThat(post(server, json, "application/json", "application/x-protobuf, application/json"))
                    .startsWith("200 application/json");
            assertThat(post(server, json, "application/json", "application/json;q=0, */*"))
                    .startsWith("200 application/x-protobuf");
            assertThat(post(server, json, "application/json", "text/html")).startsWith("406");
            assertThat(post(server, json, "text/plain", null)).startsWith("415");
            assertThat(post(server, json, null, null)).startsWith("400").contains("Content-Type is missing");
            assertThat(post(server, proto, "application/json", null))
                    .startsWith("400")
                    .contains("Not valid JSON");
            assertThat(post(server, json, "application/x-protobuf", null))
                    .startsWith("400")
                    .contains("Not a valid mesos.v1.scheduler.Call");
            assertThat(get(server, "/", null)).startsWith("405");
        }
    }

    @Test
    void closingEndsIdleAndStreamingConnections() throws Exception {
        EventStream<Event> endless = new EventStream<>(WireFormat.JSON, 10, 1 << 20);
        HttpServer server = bind(
                HttpOptions.plain("127.0.0.1", 0),
                Directives.concat(
                        Directives.path("endless", () -> Directives.complete(endless.response())),
                        Directives.path("short", () -> Directives.complete("here"))));
        try (Socket idle = new Socket("127.0.0.1", server.port());
                Socket streaming = new Socket("127.0.0.1", server.port())) {
            idle.setSoTimeout(10_000);
            streaming.setSoTimeout(10_000);
            idle.getOutputStream().write("GET /short HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(idle.getInputStream().read()).isEqualTo('H');
            streaming
                    .getOutputStream()
                    .write("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(streaming.getInputStream().read()).isEqualTo('H');
            server.close();
            assertThat(drained(idle)).isTrue();
            assertThat(drained(streaming)).isTrue();
        }
    }

    /** Whether the other side ends the connection; a read that times out throws. */
    private static boolean drained(Socket socket) throws IOException {
        try {
            socket.getInputStream().transferTo(OutputStream.nullOutputStream());
            return true;
        } catch (java.net.SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void trimsSlashesTakesAbsoluteTargetsAndHidesExceptions() throws Exception {
        Route route = Directives.concat(
                Directives.path("redirect", () -> Directives.complete("here")),
                Directives.path("broken", () -> {
                    throw new IllegalStateException("secret detail");
                }),
                Directives.path(
                        "refused", () -> Directives.complete(Responses.rejected(Rejection.conflict("id: is in use")))));
        try (HttpServer server = bind(HttpOptions.plain("127.0.0.1", 0), route)) {
            assertThat(get(server, "/redirect///?x=1", null)).isEqualTo("200 text/plain here");
            assertThat(get(server, "/broken", null)).startsWith("500").doesNotContain("secret detail");
            assertThat(get(server, "/refused", null)).isEqualTo("409 text/plain id: is in use\n");
            assertThat(get(server, "/nothing", null)).startsWith("404");
            assertThat(raw(
                            server,
                            "GET http://127.0.0.1:" + server.port() + "/redirect HTTP/1.1\r\n" + "Host: 127.0.0.1:"
                                    + server.port() + "\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 200");
            assertThatThrownBy(() -> bind(HttpOptions.plain("127.0.0.1", server.port()), route))
                    .hasMessageContaining("127.0.0.1:" + server.port());
        }
    }

    @Test
    void letsInOnlyWhoHasCredentials() throws Exception {
        Route route = Directives.extractRequest(
                request -> Directives.complete(HttpServer.principal(request).orElse("nobody")));
        HttpOptions options = new HttpOptions(
                "127.0.0.1", 0, Optional.empty(), Access.basic(Credentials.of(Map.of("ops", "s3cret"))));
        try (HttpServer server = bind(options, route)) {
            assertThat(get(server, "/", null)).startsWith("401");
            assertThat(get(server, "/", "ops:wrong")).startsWith("401");
            assertThat(get(server, "/", "other:s3cret")).startsWith("401");
            assertThat(get(server, "/", "ops:s3cret")).isEqualTo("200 text/plain ops");
        }
    }

    @Test
    void streamsEventsInOrderUntilClosed() throws Exception {
        EventStream<Event> stream = new EventStream<>(WireFormat.JSON, 5_000, 1 << 20);
        try (HttpServer server = bind(HttpOptions.plain("127.0.0.1", 0), streaming(stream))) {
            assertThat(stream.offer(heartbeat())).isTrue();
            CompletableFuture<List<String>> read = CompletableFuture.supplyAsync(() -> readRecords(server));
            for (int i = 0; i < 1_000; i++) {
                assertThat(stream.offer(error("e" + i))).isTrue();
            }
            stream.close();
            List<String> expected = new ArrayList<>(List.of("{\"type\":\"HEARTBEAT\"}"));
            for (int i = 0; i < 1_000; i++) {
                expected.add("{\"type\":\"ERROR\",\"error\":{\"message\":\"e" + i + "\"}}");
            }
            assertThat(read.get()).isEqualTo(expected);
            assertThat(stream.whenClosed().toCompletableFuture().get()).isEqualTo("closed by the server");
            assertThat(stream.offer(heartbeat())).isFalse();
        }
    }

    @Test
    void aRefusedCallWithALongBodyIsAnsweredAndTheConnectionGoesOn() throws Exception {
        Route route = Calls.route(
                Event.getDefaultInstance(),
                (event, exchange) ->
                        CompletableFuture.completedFuture(org.apache.pekko.http.javadsl.model.HttpResponse.create()));
        try (HttpServer server = bind(HttpOptions.plain("127.0.0.1", 0), route);
                Socket socket = new Socket("127.0.0.1", server.port())) {
            String body = "x".repeat(300_000);
            for (String connection : List.of("keep-alive", "close")) {
                send(
                        socket,
                        "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nConnection: " + connection
                                + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
            }
            String answers = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertThat(answers.split("HTTP/1.1 415 ", -1)).hasSize(3);
        }
    }

    @Test
    void aChunkOfAJsonStreamIsOneRecord() throws Exception {
        EventStream<Event> stream = new EventStream<>(WireFormat.JSON, 100, 1 << 20);
        for (int i = 0; i < 20; i++) {
            stream.offer(heartbeat());
        }
        stream.close();
        try (HttpServer server = bind(HttpOptions.plain("127.0.0.1", 0), streaming(stream));
                Socket socket = new Socket("127.0.0.1", server.port())) {
            send(socket, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            String chunk = "17\r\n20\n{\"type\":\"HEARTBEAT\"}\r\n";
            assertThat(answer).endsWith("\r\n\r\n" + chunk.repeat(20) + "0\r\n\r\n");
        }
    }

    @Test
    void disconnectsAReaderThatDoesNotFollow() throws Exception {
        EventStream<Event> stream = new EventStream<>(WireFormat.JSON, 100, 1 << 20);
        try (HttpServer server = bind(HttpOptions.plain("127.0.0.1", 0), streaming(stream));
                Socket socket = new Socket("127.0.0.1", server.port())) {
            send(socket, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            String large = "x".repeat(100_000);
            int taken = 0;
            while (stream.offer(error(large))) {
                taken++;
                assertThat(taken).isLessThan(100_000);
            }
            assertThat(stream.whenClosed().toCompletableFuture().get()).contains("too slow");
            await().until(() -> ended(socket));
        }
    }

    @Test
    void noticesThatTheReaderLeft() throws Exception {
        EventStream<Event> stream = new EventStream<>(WireFormat.PROTOBUF, 100, 1 << 20);
        try (HttpServer server = bind(HttpOptions.plain("127.0.0.1", 0), streaming(stream))) {
            Socket socket = new Socket("127.0.0.1", server.port());
            send(socket, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            stream.offer(heartbeat());
            assertThat(socket.getInputStream().read()).isEqualTo('H');
            socket.close();
            await().until(() -> {
                stream.offer(heartbeat());
                return stream.whenClosed().toCompletableFuture().isDone();
            });
            assertThat(stream.offer(heartbeat())).isFalse();
        }
    }

    enum Leaving {
        CLOSE(Socket::close),
        HALF_CLOSE(Socket::shutdownOutput),
        RESET(socket -> {
            socket.setSoLinger(true, 0);
            socket.close();
        });

        private final Way way;

        interface Way {
            void leave(Socket socket) throws IOException;
        }

        Leaving(Way way) {
            this.way = way;
        }
    }

    /** Where a client said that it sends nothing more, only what is written tells whether it still reads. */
    static Stream<Arguments> leavings() {
        List<Arguments> all = new ArrayList<>();
        for (Leaving leaving : Leaving.values()) {
            all.add(Arguments.of("", leaving, false, true));
            all.add(Arguments.of("Connection: keep-alive\r\n", leaving, false, true));
            all.add(Arguments.of("Connection: close\r\n", leaving, true, leaving != Leaving.HALF_CLOSE));
        }
        all.add(Arguments.of("Connection: close\r\n", Leaving.RESET, false, true));
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("leavings")
    void aStreamEndsWhenItsReaderIsGone(String header, Leaving leaving, boolean heartbeats, boolean ends)
            throws Exception {
        CompletableFuture<Done> ended = new CompletableFuture<>();
        Source<ByteString, ?> rest = heartbeats
                ? Source.tick(Duration.ofMillis(50), Duration.ofMillis(50), ByteString.fromString("\n"))
                : Source.never();
        Source<ByteString, ?> stream = Source.single(ByteString.fromString("first"))
                .concat(rest)
                .watchTermination(
                        (notUsed, end) -> end.whenComplete((done, failure) -> ended.complete(Done.getInstance())));
        Route route = Directives.extractRequest(request ->
                Directives.complete(org.apache.pekko.http.javadsl.model.HttpResponse.create()
                        .withEntity(HttpEntities.createChunked(
                                ContentTypes.TEXT_PLAIN_UTF8, HttpServer.untilGone(request, stream)))));
        try (HttpServer server = bind(HttpOptions.plain("127.0.0.1", 0), route);
                Socket socket = new Socket("127.0.0.1", server.port())) {
            send(socket, "GET / HTTP/1.1\r\nHost: x\r\n" + header + "\r\n");
            assertThat(socket.getInputStream().read()).isEqualTo('H');
            await().during(Duration.ofMillis(100)).until(() -> !ended.isDone());
            leaving.way.leave(socket);
            if (ends) {
                await().until(ended::isDone);
            } else {
                await().during(Duration.ofMillis(300)).until(() -> !ended.isDone());
            }
        }
    }

    @Test
    void streamsJsonInPiecesAndWrapsItForScripts() throws Exception {
        List<StreamedJson.Piece> pieces = new ArrayList<>();
        pieces.add(out -> out.writeStartArray());
        for (int i = 0; i < 50_000; i++) {
            int value = i;
            pieces.add(out -> out.writeNumber(value));
        }
        pieces.add(out -> out.writeEndArray());
        Route route = Directives.parameterOptional(
                "jsonp", callback -> Directives.complete(Responses.jsonp(callback, StreamedJson.of(pieces))));
        try (HttpServer server = bind(HttpOptions.plain("127.0.0.1", 0), route)) {
            assertThat(get(server, "/", null))
                    .startsWith("200 application/json [0,1,2,")
                    .endsWith(",49999]");
            assertThat(get(server, "/?jsonp=cb", null))
                    .startsWith("200 text/javascript cb([0,1")
                    .endsWith(",49999]);");
            assertThat(get(server, "/?jsonp=alert(1)", null)).startsWith("400");
        }
    }

    private static Route streaming(EventStream<Event> stream) {
        return Directives.extractRequest(
                request -> Directives.complete(stream.response().withStatus(StatusCodes.OK)));
    }

    private static HttpServer bind(HttpOptions options, Route route) {
        return HttpServer.bind(kit.system(), options, route)
                .toCompletableFuture()
                .join();
    }

    private static Event heartbeat() {
        return Event.newBuilder().setType(Event.Type.HEARTBEAT).build();
    }

    private static Event error(String message) {
        return Event.newBuilder()
                .setType(Event.Type.ERROR)
                .setError(Event.Error.newBuilder().setMessage(message))
                .build();
    }

    private List<String> readRecords(HttpServer server) {
        try (InputStream in = client.send(
                        HttpRequest.newBuilder(uri(server, "/")).build(), HttpResponse.BodyHandlers.ofInputStream())
                .body()) {
            RecordIO.Decoder decoder = new RecordIO.Decoder(1 << 20);
            List<String> records = new CopyOnWriteArrayList<>();
            byte[] buffer = new byte[1000];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                decoder.decode(java.util.Arrays.copyOf(buffer, n))
                        .forEach(record -> records.add(new String(record, StandardCharsets.UTF_8)));
            }
            return records;
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private String post(HttpServer server, byte[] body, String contentType, String accept) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri(server, "/")).POST(HttpRequest.BodyPublishers.ofByteArray(body));
        if (contentType != null) {
            request.header("Content-Type", contentType);
        }
        if (accept != null) {
            request.header("Accept", accept);
        }
        return summary(client.send(request.build(), HttpResponse.BodyHandlers.ofString()));
    }

    private String get(HttpServer server, String path, String credentials) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(server, path));
        if (credentials != null) {
            request.header(
                    "Authorization",
                    "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8)));
        }
        return summary(client.send(request.build(), HttpResponse.BodyHandlers.ofString()));
    }

    private static String summary(HttpResponse<String> response) {
        String type = response.headers().firstValue("Content-Type").orElse("-").split(";")[0];
        return response.statusCode() + " " + type + " " + response.body();
    }

    private static URI uri(HttpServer server, String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }

    private static String raw(HttpServer server, String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            send(socket, request);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static void send(Socket socket, String text) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(text.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private static boolean ended(Socket socket) {
        try {
            return socket.getInputStream().read(new byte[1 << 16]) < 0;
        } catch (IOException e) {
            return true;
        }
    }
}
