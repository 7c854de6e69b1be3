package io.paddock.executor.checks;

import io.paddock.executor.core.CheckOutcome;
import io.paddock.executor.core.Probe;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.ConnectionContext;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.HttpsConnectionContext;
import org.apache.pekko.http.javadsl.OutgoingConnectionBuilder;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.Connection;
import org.apache.pekko.http.javadsl.settings.ClientConnectionSettings;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.jspecify.annotations.Nullable;

/**
 * GETs a page and answers its status, following redirects. Each request has a connection of its own that is closed as soon
 * as the status is known: an idle one would occupy a server that serves one connection at a time.
 */
final class HttpCheck {
    private static final int MAX_REDIRECTS = 20;
    private static final int DEFAULT_HTTP_PORT = 80;
    private static final int DEFAULT_HTTPS_PORT = 443;
    /** A day: the settings want a limit, the timeout of the check is the one that counts. */
    private static final Duration UNLIMITED = Duration.ofDays(1);

    private final ActorSystem<?> system;
    private final ClientConnectionSettings settings;
    private final HttpsConnectionContext https;

    HttpCheck(ActorSystem<?> system) {
        this.system = system;
        ClientConnectionSettings defaults =
                ClientConnectionSettings.create(system.settings().config());
        this.settings = defaults.withIdleTimeout(scala.concurrent.duration.Duration.fromNanos(UNLIMITED.toNanos()))
                .withParserSettings(defaults.getParserSettings().withIllegalHeaderWarnings(false));
        SSLContext trusting = AnyCertificate.context();
        this.https = ConnectionContext.httpsClient((host, port) -> engine(trusting, host, port));
    }

    CompletionStage<CheckOutcome> get(Probe.Http page, String host, Duration timeout) {
        String authority = host.contains(":") ? "[" + host + "]" : host;
        URI uri = parse(page.scheme() + "://" + authority + ":" + page.port() + page.path());
        return follow(uri, timeout.isZero() ? UNLIMITED : timeout, System.nanoTime(), 0)
                .thenApply(CheckOutcome.HttpAnswered::new);
    }

    private CompletionStage<Integer> follow(URI uri, Duration timeout, long since, int redirects) {
        Duration left = timeout.minusNanos(System.nanoTime() - since);
        if (left.isNegative() || left.isZero()) {
            return CompletableFuture.failedFuture(new TimeoutException());
        }
        return Source.single(HttpRequest.GET(pathOf(uri)).addHeader(Connection.create("close")))
                .via(connection(uri))
                .completionTimeout(left)
                .runWith(Sink.head(), system)
                .thenCompose(response -> {
                    response.entity().getDataBytes().runWith(Sink.cancelled(), system);
                    URI next = redirect(uri, response);
                    if (next == null) {
                        return CompletableFuture.completedFuture(
                                response.status().intValue());
                    }
                    return redirects < MAX_REDIRECTS
                            ? follow(next, timeout, since, redirects + 1)
                            : CompletableFuture.failedFuture(
                                    new IllegalStateException("more than " + MAX_REDIRECTS + " redirects"));
                });
    }

    private Flow<HttpRequest, HttpResponse, ?> connection(URI uri) {
        boolean secure = "https".equalsIgnoreCase(uri.getScheme());
        int port = uri.getPort() >= 0 ? uri.getPort() : secure ? DEFAULT_HTTPS_PORT : DEFAULT_HTTP_PORT;
        OutgoingConnectionBuilder builder =
                Http.get(system).connectionTo(bare(uri.getHost())).toPort(port).withClientConnectionSettings(settings);
        return secure ? builder.withCustomHttpsConnectionContext(https).https() : builder.http();
    }

    private static @Nullable URI redirect(URI from, HttpResponse response) {
        boolean redirects =
                switch (response.status().intValue()) {
                    case 301, 302, 303, 307, 308 -> true;
                    default -> false;
                };
        String location = response.getHeader("Location").map(HttpHeader::value).orElse("");
        if (!redirects || location.isEmpty()) {
            return null;
        }
        URI next = from.resolve(parse(location));
        boolean followed = "http".equalsIgnoreCase(next.getScheme()) || "https".equalsIgnoreCase(next.getScheme());
        return followed && next.getHost() != null ? next : null;
    }

    private static String pathOf(URI uri) {
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        return uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
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

    private static SSLEngine engine(SSLContext context, String host, int port) {
        SSLEngine engine = context.createSSLEngine(host, port);
        engine.setUseClientMode(true);
        return engine;
    }
}
