package io.paddock.agent.server.containers;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Passes on what a registry has, and stops in the middle of one blob until it is told to go on. */
final class StallingRegistry implements AutoCloseable {
    private final LocalRegistry registry;
    private final String stallingBlob;
    private final HttpClient client = HttpClient.newHttpClient();
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch stalled = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private final Queue<String> asked = new ConcurrentLinkedQueue<>();

    StallingRegistry(LocalRegistry registry, String stallingBlob) throws IOException {
        this.registry = registry;
        this.stallingBlob = stallingBlob;
        this.server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::passOn);
        server.start();
    }

    private void passOn(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().toString();
            asked.add(path);
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + registry.port + path));
            exchange.getRequestHeaders()
                    .getOrDefault("Accept", List.of())
                    .forEach(type -> request.header("Accept", type));
            HttpResponse<byte[]> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            for (String header : List.of("Content-Type", "Docker-Content-Digest", "Docker-Distribution-Api-Version")) {
                answer.headers()
                        .firstValue(header)
                        .ifPresent(value -> exchange.getResponseHeaders().set(header, value));
            }
            byte[] body = answer.body();
            exchange.sendResponseHeaders(answer.statusCode(), body.length == 0 ? -1 : body.length);
            int half = path.endsWith("/blobs/" + stallingBlob) ? body.length / 2 : body.length;
            OutputStream out = exchange.getResponseBody();
            out.write(body, 0, half);
            if (half < body.length) {
                out.flush();
                stalled.countDown();
                released.await();
                out.write(body, half, body.length - half);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    String name(String image) {
        return "127.0.0.1:" + server.getAddress().getPort() + "/" + image;
    }

    void awaitStall() throws InterruptedException {
        if (!stalled.await(30, TimeUnit.SECONDS)) {
            throw new AssertionError("nobody asked for " + stallingBlob + ", but for " + asked);
        }
    }

    void goOn() {
        released.countDown();
    }

    /** How often a blob was asked for. */
    long asked(String blob) {
        return asked.stream().filter(path -> path.endsWith("/blobs/" + blob)).count();
    }

    @Override
    public void close() {
        goOn();
        server.stop(0);
        threads.shutdownNow();
    }
}
