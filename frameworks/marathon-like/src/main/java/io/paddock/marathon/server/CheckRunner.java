package io.paddock.marathon.server;

import io.paddock.marathon.core.MarathonEffect.RunCheck;
import io.paddock.marathon.core.health.CheckId;
import io.paddock.marathon.core.health.CheckOutcome;
import io.paddock.marathon.core.health.CheckTarget;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Asks tasks over HTTP, HTTPS (any certificate will do) and TCP, without blocking, so many at once at most; the rest wait
 * their turn. A task never has more than one question of a check open, so what waits is bounded by the tasks there are.
 */
final class CheckRunner {
    private static final int MAX_KEPT_BODY = 10_000;

    private final int maxAtOnce;
    private final HttpClient http;
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int running;

    CheckRunner(int maxAtOnce, Executor executor) {
        this.maxAtOnce = maxAtOnce;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .executor(executor)
                .sslContext(trustingAnybody())
                .build();
    }

    /** Asks; never fails, since no answer is a result too. */
    CompletionStage<CheckOutcome> run(RunCheck check) {
        CompletableFuture<CheckOutcome> result = new CompletableFuture<>();
        Runnable start = () -> ask(check).whenComplete((outcome, error) -> {
            result.complete(error == null ? outcome : CheckOutcome.failed(reason(error)));
            finished();
        });
        synchronized (waiting) {
            if (running >= maxAtOnce) {
                waiting.add(start);
                return result;
            }
            running++;
        }
        start.run();
        return result;
    }

    private void finished() {
        Runnable next;
        synchronized (waiting) {
            next = waiting.poll();
            if (next == null) {
                running--;
            }
        }
        if (next != null) {
            next.run();
        }
    }

    private CompletionStage<CheckOutcome> ask(RunCheck check) {
        try {
            return check.target().scheme() == CheckTarget.Scheme.TCP
                    ? connect(check.target(), check.timeout())
                    : request(check);
        } catch (IOException | IllegalArgumentException e) {
            return CompletableFuture.completedStage(CheckOutcome.failed(reason(e)));
        }
    }

    private CompletionStage<CheckOutcome> request(RunCheck check) {
        CheckTarget target = check.target();
        String scheme = target.scheme() == CheckTarget.Scheme.HTTPS ? "https" : "http";
        String host = target.host().indexOf(':') >= 0 ? "[" + target.host() + "]" : target.host();
        String path = target.path().startsWith("/") ? target.path() : "/" + target.path();
        HttpRequest request = HttpRequest.newBuilder(URI.create(scheme + "://" + host + ":" + target.port() + path))
                .timeout(check.timeout())
                .header("User-Agent", "Paddock-Marathon-Health-Check")
                .build();
        boolean keepBody = check.check().kind() == CheckId.Kind.READINESS;
        HttpResponse.BodyHandler<byte @Nullable []> body =
                info -> keepBody ? new BodyStart(MAX_KEPT_BODY) : HttpResponse.BodySubscribers.replacing(new byte[0]);
        return http.sendAsync(request, body)
                .orTimeout(check.timeout().toMillis(), TimeUnit.MILLISECONDS)
                .thenApply(answer -> CheckOutcome.answered(
                        answer.statusCode(),
                        answer.headers().firstValue("Content-Type").orElse(null),
                        keepBody && answer.body() != null ? new String(answer.body(), StandardCharsets.UTF_8) : null));
    }

    private static CompletionStage<CheckOutcome> connect(CheckTarget target, Duration timeout) throws IOException {
        AsynchronousSocketChannel channel = AsynchronousSocketChannel.open();
        CompletableFuture<CheckOutcome> result = new CompletableFuture<>();
        channel.connect(new InetSocketAddress(target.host(), target.port()), result, new CompletionHandler<>() {
            @Override
            public void completed(Void done, CompletableFuture<CheckOutcome> outcome) {
                outcome.complete(CheckOutcome.answered(200, null, null));
            }

            @Override
            public void failed(Throwable why, CompletableFuture<CheckOutcome> outcome) {
                outcome.completeExceptionally(why);
            }
        });
        return result.orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS).whenComplete((outcome, error) -> {
            try {
                channel.close();
            } catch (IOException e) {
                // The question is answered; there is nothing left to lose.
            }
        });
    }

    private static String reason(Throwable error) {
        Throwable cause = error;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof TimeoutException || cause instanceof java.net.http.HttpTimeoutException) {
            return "no answer in time";
        }
        String message = cause.getMessage();
        return cause.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }

    private static SSLContext trustingAnybody() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new TrustsAnybody()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This JVM has no TLS", e);
        }
    }

    /** Health checks ask whether a task answers, not who it is: tasks mostly have certificates of their own making. */
    private static final class TrustsAnybody extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
