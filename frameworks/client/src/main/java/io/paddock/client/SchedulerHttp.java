package io.paddock.client;

import io.paddock.proto.v1.scheduler.Call;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The two requests of the scheduler API: one that opens a stream, and all others. Thread safe. */
final class SchedulerHttp {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(30);
    private static final String STREAM_ID = "Mesos-Stream-Id";
    private static final int MAX_EXPLANATION = 2000;

    /** Where a stream goes; {@link #opened} comes before the first bytes. */
    interface StreamSink extends EventReader.Sink {
        void opened(String master, String streamId);
    }

    /**
     * What was answered.
     *
     * @param redirect the base address that a 307 points to
     * @param streamId present when a stream was opened
     */
    record Answer(
            int status,
            @Nullable String redirect,
            String body,
            @Nullable String streamId) {
        boolean isTaken() {
            return status >= 200 && status < 300;
        }

        /** The master does not, or no longer, hold the subscription that the call was made on. */
        boolean endsSubscription() {
            return status == 307 || (status == 403 && body.contains("not subscribed"));
        }
    }

    private final ConnectionOptions options;
    private final HttpClient client;

    SchedulerHttp(ConnectionOptions options) {
        this.options = options;
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT_TIMEOUT);
        if (options.tls() != null) {
            builder.sslContext(options.tls());
        }
        this.client = builder.build();
    }

    CompletableFuture<Answer> call(String master, String streamId, Call call) {
        HttpRequest request = post(master, call)
                .header(STREAM_ID, streamId)
                .timeout(CALL_TIMEOUT)
                .build();
        return client.sendAsync(request, HttpResponse.BodyHandlers.ofString())
                .thenApply(response -> answer(master, response, response.body()));
    }

    /** Opens a stream, read by {@code reader}, or answers why not. */
    CompletableFuture<Answer> subscribe(String master, Call call, StreamSink sink, EventReader reader) {
        HttpRequest request = post(master, call).build();
        CompletableFuture<String> refusal = new CompletableFuture<>();
        HttpResponse.BodyHandler<@Nullable Void> handler = info -> {
            if (info.statusCode() == 200) {
                refusal.complete("");
                sink.opened(master, info.headers().firstValue(STREAM_ID).orElse(""));
                return reader;
            }
            return HttpResponse.BodySubscribers.mapping(
                    HttpResponse.BodySubscribers.ofString(java.nio.charset.StandardCharsets.UTF_8), text -> {
                        refusal.complete(text);
                        return null;
                    });
        };
        return client.sendAsync(request, handler)
                .thenCompose(response -> refusal.thenApply(text -> answer(master, response, text)));
    }

    private HttpRequest.Builder post(String master, Call call) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(master + "/api/v1/scheduler"))
                .header("Content-Type", options.encoding().mediaType())
                .header("Accept", options.encoding().mediaType())
                .POST(HttpRequest.BodyPublishers.ofByteArray(options.encoding().encode(call)));
        if (options.credential() != null) {
            request.header("Authorization", options.credential().authorization());
        }
        return request;
    }

    private static Answer answer(String master, HttpResponse<?> response, String body) {
        String redirect = response.headers()
                .firstValue("Location")
                .map(location -> URI.create(master + "/").resolve(location))
                .map(uri -> uri.getScheme() + "://" + uri.getAuthority())
                .orElse(null);
        String text = body.length() > MAX_EXPLANATION ? body.substring(0, MAX_EXPLANATION) + "…" : body;
        return new Answer(
                response.statusCode(),
                redirect,
                text,
                response.statusCode() == 200
                        ? response.headers().firstValue(STREAM_ID).orElse("")
                        : null);
    }
}
