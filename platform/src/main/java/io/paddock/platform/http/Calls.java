package io.paddock.platform.http;

import com.google.protobuf.Message;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntity;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.RequestEntity;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.model.headers.Allow;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.Route;
import org.apache.pekko.http.scaladsl.model.EntityStreamSizeException;
import org.apache.pekko.stream.Materializer;

/**
 * The v1 endpoints: one POST of one message. Checks, in this order: method (405), content type (400 when missing, 415), body
 * (413, 400); the rest is the handler's.
 */
public final class Calls {
    private static final Duration BODY_WITHIN = Duration.ofSeconds(60);
    /** What Pekko makes of a request that names no type. */
    private static final ContentType MISSING = ContentTypes.APPLICATION_OCTET_STREAM;

    private Calls() {}

    /**
     * A route that takes every method at its place, as only POST is allowed there.
     *
     * @param defaultInstance says which type a call has
     * @param handler answers a call; runs on Pekko's dispatcher and must not block
     */
    public static <C extends Message> Route route(
            C defaultInstance, BiFunction<C, Exchange, CompletionStage<HttpResponse>> handler) {
        return Directives.extractMaterializer(materializer -> Directives.extractRequest(
                request -> Directives.completeWithFuture(handle(request, materializer, defaultInstance, handler))));
    }

    private static <C extends Message> CompletionStage<HttpResponse> handle(
            HttpRequest request,
            Materializer materializer,
            C defaultInstance,
            BiFunction<C, Exchange, CompletionStage<HttpResponse>> handler) {
        if (!request.method().equals(HttpMethods.POST)) {
            return discarded(
                    request,
                    materializer,
                    Responses.text(StatusCodes.METHOD_NOT_ALLOWED, "Expected POST")
                            .addHeader(Allow.create(HttpMethods.POST)));
        }
        if (request.entity().getContentType().equals(MISSING)
                || request.entity().getContentType().equals(ContentTypes.NO_CONTENT_TYPE)) {
            return discarded(
                    request,
                    materializer,
                    Responses.text(
                            StatusCodes.BAD_REQUEST,
                            "Content-Type is missing; expected application/json or application/x-protobuf"));
        }
        Optional<WireFormat> format =
                WireFormat.of(request.entity().getContentType().mediaType());
        if (format.isEmpty()) {
            return discarded(
                    request,
                    materializer,
                    Responses.text(
                            StatusCodes.UNSUPPORTED_MEDIA_TYPE,
                            "Content-Type: expected application/json or application/x-protobuf but got "
                                    + request.entity().getContentType()));
        }
        Exchange exchange = new Exchange(request, format.get(), HttpServer.principal(request));
        return body(request.entity(), materializer)
                .thenCompose(body -> handler.apply(decode(format.get(), body, defaultInstance), exchange))
                .exceptionally(Calls::badBody);
    }

    /** A body that came with its headers, the usual case, is taken as it is: asking for it costs a stream of its own. */
    private static CompletionStage<byte[]> body(RequestEntity entity, Materializer materializer) {
        if (entity instanceof HttpEntity.Strict strict) {
            return CompletableFuture.completedFuture(strict.getData().toArrayUnsafe());
        }
        // Without an executor each stage after Pekko's would be a thread of its own on machines of one or two
        // processors.
        return entity.toStrict(BODY_WITHIN.toMillis(), HttpServer.MAX_BODY_BYTES, materializer)
                .thenApplyAsync(strict -> strict.getData().toArrayUnsafe(), materializer.executionContext());
    }

    private static <C extends Message> C decode(WireFormat format, byte[] body, C defaultInstance) {
        try {
            return format.decode(body, defaultInstance);
        } catch (IllegalArgumentException e) {
            throw new UnreadableBodyException(e);
        }
    }

    /** Answers when the body is through: an answer before would close the connection, and could be lost with it. */
    private static CompletionStage<HttpResponse> discarded(
            HttpRequest request, Materializer materializer, HttpResponse answer) {
        return request.entity() instanceof HttpEntity.Strict
                ? CompletableFuture.completedFuture(answer)
                : request.discardEntityBytes(materializer)
                        .completionStage()
                        .handleAsync((done, broken) -> answer, materializer.executionContext());
    }

    private static HttpResponse badBody(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof UnreadableBodyException unreadable) {
            return Responses.text(StatusCodes.BAD_REQUEST, unreadable.getMessage());
        }
        if (cause instanceof EntityStreamSizeException) {
            return Responses.text(
                    StatusCodes.CONTENT_TOO_LARGE, "The body is longer than " + HttpServer.MAX_BODY_BYTES + " bytes");
        }
        throw failure instanceof CompletionException e ? e : new CompletionException(failure);
    }

    private static final class UnreadableBodyException extends RuntimeException {
        private static final long serialVersionUID = 1;

        UnreadableBodyException(IllegalArgumentException cause) {
            super(cause.getMessage(), cause);
        }
    }
}
