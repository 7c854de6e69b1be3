package io.paddock.batch.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.client.testkit.InMemoryMaster;
import io.paddock.platform.json.Json;
import io.paddock.platform.zookeeper.EmbeddedZooKeeper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.awaitility.Awaitility;

/** Real HTTP, a real ZooKeeper and a master in memory with one agent. */
final class BatchHarness implements AutoCloseable {
    private final HttpClient client = HttpClient.newHttpClient();
    private final ActorTestKit kit = ActorTestKit.create();
    private final EmbeddedZooKeeper zooKeeper;
    private final InMemoryMaster master = InMemoryMaster.start();
    private final List<BatchServer> servers = new ArrayList<>();

    BatchHarness(Path directory) {
        zooKeeper = EmbeddedZooKeeper.start(directory, "127.0.0.1", 0);
        master.addAgent("host1", "cpus:4;mem:4096;disk:4096");
    }

    InMemoryMaster master() {
        return master;
    }

    void stopZooKeeper() {
        zooKeeper.close();
    }

    /** Starts another instance and waits until it leads or knows who does. */
    BatchServer start() {
        BatchOptions options = new BatchOptions();
        options.listen.port = 0;
        options.master = master.address();
        options.zookeeper = "zk://" + zooKeeper.address() + "/batch";
        options.declineFor = Duration.ofMillis(200);
        BatchServer server = BatchServer.start(kit.system(), options)
                .toCompletableFuture()
                .orTimeout(30, TimeUnit.SECONDS)
                .join();
        servers.add(server);
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> server.leads()
                        || server.leader()
                                .filter(leader -> !leader.equals(server.address()))
                                .isPresent());
        return server;
    }

    HttpResponse<String> send(BatchServer server, String method, String path, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .timeout(Duration.ofSeconds(40))
                .header("Content-Type", "application/json")
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return client.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The lines of an answer that does not end. */
    BufferedReader stream(BatchServer server, String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return new BufferedReader(new InputStreamReader(
                client.send(request.build(), BodyHandlers.ofInputStream()).body(), StandardCharsets.UTF_8));
    }

    JsonNode json(BatchServer server, String method, String path, String body) {
        return Json.read(send(server, method, path, body).body().getBytes(StandardCharsets.UTF_8), JsonNode.class);
    }

    @Override
    public void close() {
        servers.forEach(BatchServer::close);
        master.close();
        kit.shutdownTestKit();
        zooKeeper.close();
    }
}
