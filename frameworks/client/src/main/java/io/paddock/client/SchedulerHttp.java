package io.paddock.client;

import io.paddock.client.HttpAnswers.HttpAnswer;
import io.paddock.proto.v1.scheduler.Call;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** The two requests of the scheduler API: one that opens a stream, and all others; neither uses a proxy. Thread safe. */
final class SchedulerHttp {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);
    /** Less than the minute after which many servers and gateways hang up themselves: a call that crosses that is lost. */
    private static final Duration IDLE_FOR = Duration.ofSeconds(30);

    private static final String PATH = "/api/v1/scheduler";
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
    }

    private final ConnectionOptions options;
    private final HttpClient client;

    SchedulerHttp(ConnectionOptions options) {
        this.options = options;
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .proxy(HttpClient.Builder.NO_PROXY)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT_TIMEOUT);
        if (options.tls() != null) {
            builder.sslContext(options.tls());
        }
        this.client = builder.build();
    }

    /** The calls of a subscription, on a connection of their own. */
    CallConnection calls(String master, CallConnection.Listener listener) {
        URI uri = URI.create(master);
        return new CallConnection(() -> connect(uri), options.maxQueuedCalls(), ANSWER_WITHIN, IDLE_FOR, listener);
    }

    /** How every call of a subscription begins on the wire, up to the length of its body. */
    String head(String master, String streamId) {
        StringBuilder head = new StringBuilder(256)
                .append("POST " + PATH + " HTTP/1.1\r\nHost: ")
                .append(URI.create(master).getRawAuthority())
                .append("\r\nContent-Type: ")
                .append(options.encoding().mediaType())
                .append("\r\nAccept: ")
                .append(options.encoding().mediaType())
                .append("\r\n" + STREAM_ID + ": ")
                .append(streamId);
        if (options.credential() != null) {
            head.append("\r\nAuthorization: ").append(options.credential().authorization());
        }
        return head.append("\r\nContent-Length: ").toString();
    }

    /** A call as it is written on the wire, in one piece. */
    byte[] request(String head, Call call) {
        byte[] body = options.encoding().encode(call);
        byte[] start = (head + body.length + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
        byte[] request = Arrays.copyOf(start, start.length + body.length);
        System.arraycopy(body, 0, request, start.length, body.length);
        return request;
    }

    CallConnection.Wire connect(URI master) throws IOException {
        boolean secure = "https".equals(master.getScheme());
        int port = master.getPort() >= 0 ? master.getPort() : secure ? 443 : 80;
        Socket socket = new Socket(Proxy.NO_PROXY);
        try {
            socket.connect(new InetSocketAddress(master.getHost(), port), (int) CONNECT_TIMEOUT.toMillis());
            return new CallConnection.Wire(socket, secure ? encrypted(socket, master.getHost(), port) : socket);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** As the client of the stream does it: the certificate must be trusted and name the host. */
    private Socket encrypted(Socket socket, String host, int port) throws IOException {
        SSLContext context = client.sslContext();
        SSLSocket encrypted = (SSLSocket) context.getSocketFactory().createSocket(socket, host, port, true);
        SSLParameters parameters = context.getDefaultSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        encrypted.setSSLParameters(parameters);
        encrypted.setSoTimeout((int) CONNECT_TIMEOUT.toMillis());
        encrypted.startHandshake();
        return encrypted;
    }

    /** Of a call: a redirect is not followed, since the subscription is not there. */
    static Answer answer(HttpAnswer answer) {
        return new Answer(answer.status(), null, shortened(answer.body()), null);
    }

    /** Opens a stream, read by {@code reader}, or answers why not. Cancelling hangs up, as long as there is no answer. */
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
                    HttpResponse.BodySubscribers.ofString(StandardCharsets.UTF_8), text -> {
                        refusal.complete(text);
                        return null;
                    });
        };
        CompletableFuture<HttpResponse<@Nullable Void>> sent = client.sendAsync(request, handler);
        CompletableFuture<Answer> answered = sent.thenCompose(response -> refusal.thenApply(text -> answer(
                master,
                response.statusCode(),
                response.headers().firstValue("Location").orElse(null),
                text,
                response.statusCode() == 200
                        ? response.headers().firstValue(STREAM_ID).orElse("")
                        : null)));
        answered.whenComplete((answer, error) -> {
            if (answered.isCancelled()) {
                sent.cancel(true);
            }
        });
        return answered;
    }

    private HttpRequest.Builder post(String master, Call call) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(master + PATH))
                .header("Content-Type", options.encoding().mediaType())
                .header("Accept", options.encoding().mediaType())
                .POST(HttpRequest.BodyPublishers.ofByteArray(options.encoding().encode(call)));
        if (options.credential() != null) {
            request.header("Authorization", options.credential().authorization());
        }
        return request;
    }

    private static Answer answer(
            String master, int status, @Nullable String location, String body, @Nullable String streamId) {
        String redirect = null;
        if (location != null) {
            URI uri = URI.create(master + "/").resolve(location);
            redirect = uri.getScheme() + "://" + uri.getAuthority();
        }
        return new Answer(status, redirect, shortened(body), streamId);
    }

    private static String shortened(String body) {
        return body.length() > MAX_EXPLANATION ? body.substring(0, MAX_EXPLANATION) + "…" : body;
    }
}
