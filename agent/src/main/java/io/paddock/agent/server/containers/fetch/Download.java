package io.paddock.agent.server.containers.fetch;

import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.agent.server.containers.tools.ToolCall;
import io.paddock.agent.server.containers.tools.Tools;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Copies one file from its source to this machine. */
final class Download {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration CLIENT_TIMEOUT = Duration.ofHours(2);
    private static final long LOOK_MILLIS = 50;

    private final HttpClient http;
    private final Duration stall;
    private final Tools tools;

    /** @param stall a transfer that makes no progress for so long has failed */
    Download(Duration stall, Tools tools) {
        this.http = HttpClient.newBuilder()
                .connectTimeout(CONNECT_TIMEOUT)
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build();
        this.stall = stall;
        this.tools = tools;
    }

    void get(Source source, Path target, Cancellation cancellation) throws IOException {
        Path partial = target.resolveSibling("." + target.getFileName() + ".partial");
        try {
            switch (source.scheme()) {
                case "file" -> local(source, partial);
                case "http", "https" -> http(source, partial, cancellation);
                case "ftp", "ftps" ->
                    client(
                            List.of(
                                    "curl",
                                    "--fail",
                                    "--silent",
                                    "--show-error",
                                    "--output",
                                    partial.toString(),
                                    source.text()),
                            cancellation);
                default ->
                    client(List.of("hadoop", "fs", "-copyToLocal", source.text(), partial.toString()), cancellation);
            }
            Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new IOException("cannot fetch " + source + ": " + words(e), e);
        } finally {
            Files.deleteIfExists(partial);
        }
    }

    private static String words(IOException failure) {
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }

    private static void local(Source source, Path target) throws IOException {
        Path path = Path.of(source.path());
        if (!Files.isRegularFile(path)) {
            throw new IOException(Files.exists(path) ? "not a file" : "no such file");
        }
        Files.copy(path, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
    }

    private void client(List<String> argv, Cancellation cancellation) throws IOException {
        if (Tools.find(argv.get(0)).isEmpty()) {
            throw new IOException(argv.get(0) + " is not installed, which this kind of address needs");
        }
        tools.run(ToolCall.of(argv).within(CLIENT_TIMEOUT), cancellation);
    }

    private void http(Source source, Path target, Cancellation cancellation) throws IOException {
        HttpRequest request;
        try {
            request = HttpRequest.newBuilder(URI.create(source.text())).GET().build();
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
        CompletableFuture<HttpResponse<Path>> response = http.sendAsync(request, answer -> {
            if (answer.statusCode() != 200) {
                return HttpResponse.BodySubscribers.replacing(target);
            }
            return HttpResponse.BodySubscribers.ofFile(target);
        });
        try {
            int status = await(response, target, cancellation).statusCode();
            if (status != 200) {
                throw new IOException("answered with status " + status);
            }
        } finally {
            response.cancel(true);
        }
    }

    /** Looks from time to time whether the file still grows, and whether it is still wanted. */
    private HttpResponse<Path> await(
            CompletableFuture<HttpResponse<Path>> response, Path target, Cancellation cancellation) throws IOException {
        long progressed = System.nanoTime();
        long size = -1;
        while (true) {
            cancellation.check();
            try {
                return response.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                long now = Files.exists(target) ? Files.size(target) : -1;
                if (now != size) {
                    size = now;
                    progressed = System.nanoTime();
                } else if (System.nanoTime() - progressed > stall.toNanos()) {
                    throw new IOException("no progress for " + stall.toSeconds() + " s", e);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted");
            } catch (ExecutionException e) {
                throw new IOException(e.getCause().toString(), e.getCause());
            }
        }
    }
}
