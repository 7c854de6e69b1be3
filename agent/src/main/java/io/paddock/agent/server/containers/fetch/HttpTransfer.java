package io.paddock.agent.server.containers.fetch;

import io.paddock.agent.server.containers.tools.Cancellation;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * By HTTP. What an earlier attempt has brought is kept if the server says that the file is the same still: a range request with
 * If-Range (RFC 9110, 13.1.5), whose validator lies beside the partial file.
 */
final class HttpTransfer implements FileTransfer {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(30);
    private static final long LOOK_MILLIS = 50;
    private static final int OK = 200;
    private static final int PARTIAL = 206;
    private static final int RANGE_NOT_SATISFIABLE = 416;
    private static final int SERVER_ERROR = 500;

    private final HttpClient http;
    private final Duration stall;

    /** @param stall a transfer that makes no progress for so long is broken */
    HttpTransfer(Duration stall) {
        this.http = HttpClient.newBuilder()
                .connectTimeout(CONNECT_TIMEOUT)
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build();
        this.stall = stall;
    }

    @Override
    public void transfer(Source source, Path partial, Cancellation cancellation) throws IOException {
        Path validator = validator(partial);
        long there = Files.exists(partial) && Files.exists(validator) ? Files.size(partial) : 0;
        HttpRequest request = request(source, there, validator);
        CompletableFuture<HttpResponse<Path>> response = http.sendAsync(request, answer -> {
            if (answer.statusCode() == PARTIAL && there > 0) {
                return HttpResponse.BodySubscribers.ofFile(
                        partial, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
            }
            if (answer.statusCode() != OK) {
                return HttpResponse.BodySubscribers.replacing(partial);
            }
            remember(answer.headers(), validator);
            return HttpResponse.BodySubscribers.ofFile(
                    partial, StandardOpenOption.WRITE, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING);
        });
        try {
            int status = await(response, partial, cancellation).statusCode();
            if (status == RANGE_NOT_SATISFIABLE) {
                Files.deleteIfExists(validator);
                throw new TransferBroken("the file has become shorter meanwhile", new IOException("status " + status));
            }
            if (status > SERVER_ERROR) {
                throw new TransferBroken("answered with status " + status, new IOException("status " + status));
            }
            if (status != OK && status != PARTIAL) {
                throw new IOException("answered with status " + status);
            }
        } finally {
            response.cancel(true);
        }
    }

    /** Where the validator of a partial file is. */
    static Path validator(Path partial) {
        return partial.resolveSibling(partial.getFileName() + ".validator");
    }

    private static HttpRequest request(Source source, long there, Path validator) throws IOException {
        try {
            URI uri = URI.create(source.text());
            HttpRequest.Builder request = HttpRequest.newBuilder(uri).GET();
            if (uri.getRawUserInfo() != null) {
                String credential =
                        Base64.getEncoder().encodeToString(uri.getUserInfo().getBytes(StandardCharsets.UTF_8));
                request.header("Authorization", "Basic " + credential);
            }
            if (there > 0) {
                request.header("Range", "bytes=" + there + "-").header("If-Range", Files.readString(validator));
            }
            return request.build();
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** Only what identifies the very bytes serves: a strong entity tag, or else a date. */
    private static void remember(HttpHeaders headers, Path validator) {
        Optional<String> tag = headers.firstValue("ETag").filter(text -> !text.startsWith("W/"));
        try {
            Files.deleteIfExists(validator);
            Optional<String> found = tag.isPresent() ? tag : headers.firstValue("Last-Modified");
            if (found.isPresent()) {
                Files.writeString(validator, found.get());
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
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
                    throw new TransferBroken("no progress for " + stall.toSeconds() + " s", e);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted");
            } catch (ExecutionException e) {
                throw failure(e.getCause());
            }
        }
    }

    /** A disk that is full does not get better by another attempt; a connection may. */
    private static IOException failure(Throwable cause) {
        return cause instanceof java.nio.file.FileSystemException
                        || String.valueOf(cause.getMessage()).contains("No space left")
                ? new IOException(cause.getMessage(), cause)
                : new TransferBroken(TransferBroken.words(cause), cause);
    }
}
