package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/** A server on loopback with prepared answers and files, which writes down what it was asked. */
final class CannedServer implements AutoCloseable {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int MOST_AT_ONCE = 64 << 10;

    static {
        System.setProperty("sun.net.httpserver.nodelay", "true"); // else every answer takes 40 ms
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, byte[]> files = new ConcurrentHashMap<>();
    private final Set<String> paths = new HashSet<>();
    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicInteger missed = new AtomicInteger();
    private volatile boolean away;
    private volatile int refusal; // 0: files are given
    private volatile String whyRefused = "";
    private volatile BiConsumer<String, Integer> beforeRead = (path, length) -> {};
    final List<String> asked = new CopyOnWriteArrayList<>();

    CannedServer() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        handle("/api/v1", exchange -> reply(exchange, 501, ""));
        server.start();
    }

    String address() {
        return "127.0.0.1:" + port();
    }

    int port() {
        return server.getAddress().getPort();
    }

    void handle(String path, HttpHandler handler) {
        if (paths.remove(path)) {
            server.removeContext(path);
        }
        paths.add(path);
        server.createContext(path, path.equals("/api/v1") ? exchange -> readOr(handler, exchange) : handler);
    }

    /** Answers every request below a path. */
    CannedServer answer(String path, int status, String body) {
        handle(path, exchange -> {
            String sent = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            asked.add(
                    exchange.getRequestMethod() + " " + exchange.getRequestURI() + (sent.isEmpty() ? "" : " " + sent));
            reply(exchange, status, body);
        });
        return this;
    }

    /** Has a sandbox file with this content from now on. */
    void file(String path, String content) {
        file(path, content.getBytes(StandardCharsets.UTF_8));
    }

    void file(String path, byte[] content) {
        files.put(path, content);
    }

    /** As if it was not there, whenever files are read, until it is again. */
    void away(boolean away) {
        this.away = away;
    }

    /** Takes a sandbox file away. */
    void noFile(String path) {
        files.remove(path);
    }

    /** Is told of each file that is about to be read, and how much of it. */
    void beforeRead(BiConsumer<String, Integer> told) {
        beforeRead = told;
    }

    /** Answers every request for a file with this from now on; status 0 ends it. */
    void refuseFiles(int status, String why) {
        whyRefused = why;
        refusal = status;
    }

    /** How often files were asked for. */
    int reads() {
        return reads.get();
    }

    /** How often of these in vain, as it was away or refused. */
    int missed() {
        return missed.get();
    }

    /** Reads of files are answered from the files, whatever else is prepared. */
    private void readOr(HttpHandler other, HttpExchange exchange) throws IOException {
        if ("application/json".equals(exchange.getRequestHeaders().getFirst("Content-Type"))) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            JsonNode call = MAPPER.readTree(body);
            if (call.path("type").asText().equals("READ_FILE")) {
                readFile(exchange, call.path("read_file"));
                return;
            }
            exchange.setStreams(new ByteArrayInputStream(body), null);
        }
        other.handle(exchange);
    }

    private void readFile(HttpExchange exchange, JsonNode asked) throws IOException {
        reads.incrementAndGet();
        int refused = refusal;
        if (away) {
            missed.incrementAndGet();
            exchange.close();
        } else if (refused != 0) {
            missed.incrementAndGet();
            reply(exchange, refused, whyRefused);
        } else {
            beforeRead.accept(asked.path("path").asText(), asked.path("length").asInt());
            byte[] file = files.get(asked.path("path").asText());
            if (file == null) {
                reply(exchange, 404, "");
                return;
            }
            int offset = Math.min(file.length, asked.path("offset").asInt());
            int length = Math.min(
                    Math.min(file.length - offset, MOST_AT_ONCE),
                    asked.path("length").asInt());
            ObjectNode answer = MAPPER.createObjectNode().put("type", "READ_FILE");
            answer.putObject("read_file")
                    .put("size", file.length)
                    .put("data", Arrays.copyOfRange(file, offset, offset + length));
            reply(exchange, 200, answer.toString());
        }
    }

    static void reply(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
