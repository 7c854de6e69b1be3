package io.paddock.cli;

import com.fasterxml.jackson.databind.node.TextNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A server on loopback with prepared answers and files, which writes down what it was asked. */
final class CannedServer implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, byte[]> files = new ConcurrentHashMap<>();
    private final Set<String> paths = new HashSet<>();
    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicInteger missed = new AtomicInteger();
    private volatile boolean away;
    final List<String> asked = new CopyOnWriteArrayList<>();

    CannedServer() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        handle("/files/read", this::readFile);
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
        server.createContext(path, handler);
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
        files.put(path, content.getBytes(StandardCharsets.UTF_8));
    }

    /** As if it was not there, whenever files are read, until it is again. */
    void away(boolean away) {
        this.away = away;
    }

    /** How often files were asked for. */
    int reads() {
        return reads.get();
    }

    /** How often of these in vain, as it was away. */
    int missed() {
        return missed.get();
    }

    private void readFile(HttpExchange exchange) throws IOException {
        reads.incrementAndGet();
        if (away) {
            missed.incrementAndGet();
            exchange.close();
            return;
        }
        Map<String, String> query = new HashMap<>();
        for (String part : List.of(exchange.getRequestURI().getRawQuery().split("&", -1))) {
            String[] pair = part.split("=", 2);
            query.put(pair[0], URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
        }
        byte[] file = files.get(query.get("path"));
        if (file == null) {
            reply(exchange, 404, "");
            return;
        }
        int offset = Integer.parseInt(query.get("offset"));
        if (offset < 0) {
            reply(exchange, 200, "{\"offset\":" + file.length + ",\"data\":\"\"}");
            return;
        }
        int length = Math.min(file.length - offset, Integer.parseInt(query.getOrDefault("length", "65536")));
        String data = new String(file, offset, length, StandardCharsets.UTF_8);
        reply(exchange, 200, "{\"offset\":" + offset + ",\"data\":" + TextNode.valueOf(data) + "}");
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
