package io.paddock.platform.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.paddock.proto.v1.scheduler.Event;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.Route;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A master has many agents, schedulers and watchers connected at once. */
class ManyStreamsTest {
    private static final int STREAMS = 1_000;
    private static final int EVENTS = 20;
    private static final int MAX_MORE_THREADS = 60;
    private static final Event LAST = error("last");

    private ActorTestKit kit;

    @BeforeEach
    void start() {
        kit = ActorTestKit.create();
    }

    @AfterEach
    void stop() {
        ActorTestKit.shutdown(kit.system(), Duration.ofSeconds(60));
    }

    @Test
    void aThousandStreamsNeedNoThreadEach() throws Exception {
        Queue<EventStream<Event>> streams = new ConcurrentLinkedQueue<>();
        Route route = Directives.extractRequest(request -> {
            EventStream<Event> stream = new EventStream<>(WireFormat.JSON, 100, 1 << 20);
            streams.add(stream);
            return Directives.complete(stream.response());
        });
        int threadsBefore = Thread.activeCount();
        List<Socket> readers = new ArrayList<>();
        try (HttpServer server = HttpServer.bind(kit.system(), HttpOptions.plain("127.0.0.1", 0), route)
                .toCompletableFuture()
                .join()) {
            for (int i = 0; i < STREAMS; i++) {
                Socket socket = new Socket("127.0.0.1", server.port());
                socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                readers.add(socket);
            }
            await().atMost(Duration.ofSeconds(60)).until(() -> streams.size() == STREAMS);
            for (int i = 0; i < EVENTS; i++) {
                Event event = error("event " + i);
                streams.forEach(stream -> assertThat(stream.offer(event)).isTrue());
            }
            streams.forEach(stream -> stream.offer(LAST));
            for (Socket socket : readers) {
                assertThat(readUntilLast(socket)).contains("event 0\"", "event " + (EVENTS - 1) + "\"");
            }
            assertThat(Thread.activeCount() - threadsBefore).isLessThan(MAX_MORE_THREADS);
            for (Socket socket : readers) {
                socket.close();
            }
        }
    }

    private static String readUntilLast(Socket socket) throws Exception {
        socket.setSoTimeout(60_000);
        InputStream in = socket.getInputStream();
        StringBuilder text = new StringBuilder();
        byte[] buffer = new byte[8192];
        while (text.indexOf("\"last\"") < 0) {
            int n = in.read(buffer);
            assertThat(n).isPositive();
            text.append(new String(buffer, 0, n, StandardCharsets.UTF_8));
        }
        return text.toString();
    }

    private static Event error(String message) {
        return Event.newBuilder()
                .setType(Event.Type.ERROR)
                .setError(Event.Error.newBuilder().setMessage(message))
                .build();
    }
}
