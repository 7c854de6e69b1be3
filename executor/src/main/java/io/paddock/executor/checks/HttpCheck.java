package io.paddock.executor.checks;

import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.ssl.SslHandler;
import io.paddock.executor.core.CheckOutcome;
import io.paddock.executor.core.Probe;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * GETs a page and answers its status, following redirects. Each request has a connection of its own that is closed as soon
 * as the status is known: an idle one would occupy a server that serves one connection at a time. No body is read.
 */
final class HttpCheck {
    private static final int MAX_REDIRECTS = 20;
    private static final int DEFAULT_HTTP_PORT = 80;
    private static final int DEFAULT_HTTPS_PORT = 443;
    private static final int MAX_STATUS_LINE_BYTES = 4096;
    private static final int MAX_HEADER_BYTES = 32 << 10;
    private static final int MAX_CHUNK_BYTES = 4096;

    private final Connections connections;
    private final SSLContext trusting = AnyCertificate.context();

    HttpCheck(Connections connections) {
        this.connections = connections;
    }

    void get(Optional<Path> network, Probe.Http page, String host, CompletableFuture<CheckOutcome> outcome) {
        String authority = host.contains(":") ? "[" + host + "]" : host;
        URI uri = parse(page.scheme() + "://" + authority + ":" + page.port() + page.path());
        follow(network, uri, 0, outcome);
    }

    private void follow(Optional<Path> network, URI uri, int redirects, CompletableFuture<CheckOutcome> outcome) {
        CompletableFuture<StatusReader.Status> status = new CompletableFuture<>();
        outcome.whenComplete((done, failure) -> status.cancel(false));
        boolean secure = "https".equalsIgnoreCase(uri.getScheme());
        int port = uri.getPort() >= 0 ? uri.getPort() : secure ? DEFAULT_HTTPS_PORT : DEFAULT_HTTP_PORT;
        String host = bare(uri.getHost());
        connections
                .connect(network, host, port, pipeline(uri, host, port, secure, status), status)
                .whenComplete((channel, failure) -> {
                    if (failure != null) {
                        status.completeExceptionally(failure);
                    }
                });
        status.whenComplete((answer, failure) -> {
            URI next;
            try {
                next = failure == null ? redirect(uri, answer) : null;
            } catch (IllegalArgumentException e) {
                outcome.completeExceptionally(e);
                return;
            }
            if (failure != null) {
                outcome.completeExceptionally(failure);
            } else if (next == null) {
                outcome.complete(new CheckOutcome.HttpAnswered(answer.code()));
            } else if (redirects < MAX_REDIRECTS) {
                follow(network, next, redirects + 1, outcome);
            } else {
                outcome.completeExceptionally(new IllegalStateException("more than " + MAX_REDIRECTS + " redirects"));
            }
        });
    }

    private ChannelInitializer<SocketChannel> pipeline(
            URI uri, String host, int port, boolean secure, CompletableFuture<StatusReader.Status> status) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(SocketChannel channel) {
                if (secure) {
                    SSLEngine engine = trusting.createSSLEngine(host, port);
                    engine.setUseClientMode(true);
                    SslHandler tls = new SslHandler(engine);
                    tls.setHandshakeTimeoutMillis(0);
                    tls.setCloseNotifyFlushTimeoutMillis(0);
                    channel.pipeline().addLast(tls);
                }
                channel.pipeline()
                        .addLast(new HttpClientCodec(MAX_STATUS_LINE_BYTES, MAX_HEADER_BYTES, MAX_CHUNK_BYTES))
                        .addLast(new StatusReader(uri, status));
            }
        };
    }

    private static @Nullable URI redirect(URI from, StatusReader.Status answer) {
        boolean redirects =
                switch (answer.code()) {
                    case 301, 302, 303, 307, 308 -> true;
                    default -> false;
                };
        if (!redirects || answer.location().isEmpty()) {
            return null;
        }
        URI next = from.resolve(parse(answer.location()));
        boolean followed = "http".equalsIgnoreCase(next.getScheme()) || "https".equalsIgnoreCase(next.getScheme());
        return followed && next.getHost() != null ? next : null;
    }

    private static String bare(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private static URI parse(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("'" + text + "' is not a valid URL: " + e.getReason(), e);
        }
    }
}
