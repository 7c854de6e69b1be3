package io.paddock.platform.http;

import io.paddock.platform.security.Access;
import io.paddock.platform.security.Principal;
import io.paddock.platform.security.WatchedFiles;
import io.paddock.platform.tls.WatchedTls;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.Done;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.ConnectionContext;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.apache.pekko.http.javadsl.ServerBuilder;
import org.apache.pekko.http.javadsl.model.AttributeKey;
import org.apache.pekko.http.javadsl.model.HttpProtocols;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.model.headers.Connection;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.ExceptionHandler;
import org.apache.pekko.http.javadsl.server.Route;
import org.apache.pekko.http.javadsl.settings.ServerSettings;
import org.apache.pekko.japi.function.Function;
import org.apache.pekko.stream.KillSwitches;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.SharedKillSwitch;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bound HTTP/1.1 port.
 *
 * <p>Guarantees for every route: TLS and credentials are checked before it, trailing slashes are trimmed, absolute-form
 * targets are accepted, a body has at most {@link #MAX_BODY_BYTES}, an uncaught exception is logged and answered 500
 * without its stack, and a stream may be silent for {@link #IDLE_TIMEOUT}.
 */
public final class HttpServer implements AutoCloseable {
    /** Longest request body. */
    public static final long MAX_BODY_BYTES = 64L << 20;
    /** Longest silence on a connection; executors' heartbeats come every 30 minutes. */
    public static final Duration IDLE_TIMEOUT = Duration.ofMinutes(45);

    private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);

    @SuppressWarnings("unchecked") // a class literal cannot carry the type argument
    private static final AttributeKey<CompletionStage<Done>> CLIENT_GONE =
            AttributeKey.create("paddock.client-gone", (Class<CompletionStage<Done>>) (Class<?>) CompletionStage.class);

    private static final int MAX_CONNECTIONS = 100_000;
    private static final Duration UNBIND_WITHIN = Duration.ofSeconds(4);
    private static final Duration CLOSE_AFTER = Duration.ofMillis(250);

    private final ServerBinding binding;
    /** Breaks streamed answers; a connection that sends one does not end by itself. */
    private final SharedKillSwitch streams;

    private final SharedKillSwitch connections;

    private final WatchedFiles files;

    private HttpServer(
            ServerBinding binding, SharedKillSwitch streams, SharedKillSwitch connections, WatchedFiles files) {
        this.binding = binding;
        this.files = files;
        this.streams = streams;
        this.connections = connections;
    }

    /** Listens; completes with an exception naming the address when it is taken or may not be bound. */
    public static CompletionStage<HttpServer> bind(ActorSystem<?> system, HttpOptions options, Route route) {
        ServerBuilder builder =
                Http.get(system).newServerAt(options.host(), options.port()).withSettings(settings(system));
        if (options.tls().isPresent()) {
            WatchedTls tls =
                    WatchedTls.server(options.access().files(), options.tls().get());
            builder = builder.enableHttps(ConnectionContext.httpsServer(tls::serverEngine));
        }
        Materializer materializer = Materializer.matFromSystem(system);
        Route guarded =
                Directives.handleExceptions(exceptions(), () -> options.access().guard(route));
        Function<HttpRequest, CompletionStage<HttpResponse>> handler = guarded.handler(system)::apply;
        Function<HttpRequest, CompletionStage<HttpResponse>> trimming =
                request -> handler.apply(trimTrailingSlashes(request));
        SharedKillSwitch streams = KillSwitches.shared("streams");
        SharedKillSwitch connections = KillSwitches.shared("connections");
        return builder.connectionSource()
                .to(Sink.foreach(connection -> connection.handleWith(
                        watched(trimming)
                                .map(response -> breakable(response, streams))
                                .via(connections.flow()),
                        materializer)))
                .run(system)
                .thenApply(binding -> {
                    options.access().files().start();
                    return new HttpServer(
                            binding, streams, connections, options.access().files());
                })
                .exceptionally(e -> {
                    throw new IllegalStateException(
                            "Cannot listen on " + options.host() + ":" + options.port() + ": " + rootMessage(e), e);
                });
    }

    /** The port bound, also when 0 was asked for. */
    public int port() {
        return address().getPort();
    }

    /** The address bound. */
    public InetSocketAddress address() {
        return binding.localAddress();
    }

    /** The name of who sent the request, where that is demanded. */
    public static Optional<String> principal(HttpRequest request) {
        return Access.principal(request).flatMap(Principal::value);
    }

    /**
     * Completes when the client has closed its side of the connection, which a server that only writes would notice late or
     * never. A client that announced {@code Connection: close} still reads its answer, so for its request it never completes:
     * whether it is there, only writing tells, and so every stream has heartbeats.
     */
    public static CompletionStage<Done> clientGone(HttpRequest request) {
        return request.getAttribute(CLIENT_GONE).orElseGet(CompletableFuture::new);
    }

    /** A stream that ends when its reader has gone, see {@link #clientGone}. */
    public static <T> Source<T, NotUsed> untilGone(HttpRequest request, Source<T, ?> stream) {
        return stream.viaMat(KillSwitches.<T>single(), Keep.right()).mapMaterializedValue(end -> {
            clientGone(request).thenRun(end::shutdown);
            return NotUsed.getInstance();
        });
    }

    private static Flow<HttpRequest, HttpResponse, NotUsed> watched(
            Function<HttpRequest, CompletionStage<HttpResponse>> handler) {
        CompletableFuture<Done> gone = new CompletableFuture<>();
        return Flow.<HttpRequest>create()
                .watchTermination((notUsed, ended) -> {
                    ended.whenComplete((done, failure) -> gone.complete(Done.getInstance()));
                    return notUsed;
                })
                .via(new WholeBodies())
                .map(request -> announcesClose(request) ? request : request.addAttribute(CLIENT_GONE, gone))
                .mapAsync(1, handler::apply);
    }

    private static HttpResponse breakable(HttpResponse response, SharedKillSwitch streams) {
        return response.entity().isChunked() ? response.transformEntityDataBytes(streams.flow()) : response;
    }

    private static boolean announcesClose(HttpRequest request) {
        return request.getHeader(Connection.class)
                .map(connection -> ((org.apache.pekko.http.scaladsl.model.headers.Connection) connection).hasClose())
                .orElse(request.protocol().equals(HttpProtocols.HTTP_1_0));
    }

    /** Stops listening at once and, after a moment for what is being answered, ends all connections. */
    @Override
    public void close() {
        files.close();
        try {
            binding.unbind().toCompletableFuture().get(UNBIND_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
            LOG.warn("{} was not closed in time: {}", address(), e.toString());
        }
        CompletableFuture.delayedExecutor(CLOSE_AFTER.toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> {
                    // a stream that its owner has not ended can only be broken
                    streams.abort(new IllegalStateException("the server is closed"));
                    connections.shutdown();
                });
    }

    private static ServerSettings settings(ActorSystem<?> system) {
        ServerSettings settings = ServerSettings.create(system.classicSystem());
        return settings.withMaxConnections(MAX_CONNECTIONS)
                // One more than is handled at a time, so that the connection is still read, and its end seen,
                // meanwhile.
                .withPipeliningLimit(2)
                .withTimeouts(settings.getTimeouts()
                        .withIdleTimeout(scala.concurrent.duration.Duration.fromNanos(IDLE_TIMEOUT.toNanos()))
                        .withRequestTimeout(scala.concurrent.duration.Duration.Inf()))
                .withParserSettings(settings.getParserSettings().withMaxContentLength(MAX_BODY_BYTES))
                .withDefaultHostHeader(org.apache.pekko.http.javadsl.model.headers.Host.create("localhost"))
                .withTransparentHeadRequests(true);
    }

    private static HttpRequest trimTrailingSlashes(HttpRequest request) {
        // The parsed path is at hand; the text has to be built.
        if (!((org.apache.pekko.http.scaladsl.model.HttpRequest) request)
                .uri()
                .path()
                .endsWithSlash()) {
            return request;
        }
        String path = request.getUri().path();
        int end = path.length();
        while (end > 1 && path.charAt(end - 1) == '/') {
            end--;
        }
        return end == path.length() ? request : request.withUri(request.getUri().path(path.substring(0, end)));
    }

    private static ExceptionHandler exceptions() {
        return ExceptionHandler.newBuilder()
                .matchAny(e -> Directives.extractRequest(request -> {
                    LOG.error(
                            "{} {} failed",
                            request.method().value(),
                            request.getUri().path(),
                            e);
                    return Directives.complete(Responses.text(
                            StatusCodes.INTERNAL_SERVER_ERROR,
                            "An internal error occurred; the server's log has the details"));
                }))
                .build();
    }

    private static String rootMessage(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }
}
