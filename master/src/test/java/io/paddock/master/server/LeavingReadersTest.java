package io.paddock.master.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.paddock.platform.http.WireFormat;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Readers of event streams that close their side are gone at once, long before the next heartbeat could tell. */
class LeavingReadersTest {
    private static final Duration BEFORE_A_HEARTBEAT = Duration.ofSeconds(8);

    private static ActorSystem<Void> system;
    private static MasterServer master;
    private static ScriptedOperator operator;

    @BeforeAll
    static void start() throws Exception {
        system = ActorSystem.create(Behaviors.empty(), "leaving-readers-test");
        MasterOptions options = new MasterOptions();
        options.listen.port = 0;
        master = MasterServer.start(system, options).toCompletableFuture().get();
        await().until(() -> master.leadership().leader().isPresent());
        operator = new ScriptedOperator(HttpClient.newHttpClient(), master.port(), WireFormat.JSON);
    }

    @AfterAll
    static void stop() {
        master.close();
        system.terminate();
    }

    private static int metric(String name) {
        return operator.get("/metrics/snapshot").path(name).asInt();
    }

    private static Socket subscribe(String path, String call) throws IOException {
        Socket socket = new Socket("127.0.0.1", master.port());
        socket.getOutputStream()
                .write(("POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                                + "Accept: application/json\r\nContent-Length: " + call.length() + "\r\n\r\n" + call)
                        .getBytes(StandardCharsets.US_ASCII));
        assertThat(socket.getInputStream().read()).isEqualTo('H');
        return socket;
    }

    @Test
    void ofTheOperatorApi() throws Exception {
        try (Socket socket = subscribe("/api/v1", "{\"type\":\"SUBSCRIBE\"}")) {
            await().until(() -> metric("master/operator_event_stream_subscribers") == 1);
            socket.shutdownOutput();
            await().atMost(BEFORE_A_HEARTBEAT).until(() -> metric("master/operator_event_stream_subscribers") == 0);
        }
    }

    @Test
    void ofTheSchedulerApi() throws Exception {
        String call = "{\"type\":\"SUBSCRIBE\",\"subscribe\":{\"framework_info\":{\"user\":\"u\",\"name\":\"n\","
                + "\"failover_timeout\":1000}}}";
        try (Socket socket = subscribe("/api/v1/scheduler", call)) {
            await().until(() -> metric("master/frameworks_connected") == 1);
            socket.shutdownOutput();
            await().atMost(BEFORE_A_HEARTBEAT).until(() -> metric("master/frameworks_disconnected") == 1);
        }
    }
}
