package io.paddock.batch.server.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.Measurement;
import io.paddock.batch.server.cron.CronTimes;
import io.paddock.batch.server.json.Problems;
import io.paddock.platform.http.Peers;
import io.paddock.platform.http.Responses;
import io.paddock.platform.json.Json;
import io.paddock.platform.metrics.Metrics;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.Route;
import org.apache.pekko.http.scaladsl.model.EntityStreamSizeException;
import org.apache.pekko.stream.SystemMaterializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything served: what concerns this instance alone is answered here, jobs by the leader, wherever it is.
 */
public final class BatchApi {
    /** Longest request body: a job has to fit into one write. */
    static final long MAX_BODY_BYTES = 256 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(BatchApi.class);
    private static final long BODY_WITHIN_MS = 60_000;
    private static final String VERSION = "0.1.0";
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final ActorSystem<?> system;
    private final Backend backend;
    private final Metrics metrics;
    private final LeaderProxy proxy;
    private final Endpoints jobs;
    private final Endpoints own;

    public BatchApi(
            ActorSystem<?> system, Backend backend, EventHub events, CronTimes cron, Metrics metrics, Peers peers) {
        this.system = system;
        this.backend = backend;
        this.metrics = metrics;
        this.proxy = new LeaderProxy(system, backend, peers);
        this.jobs = new JobEndpoints(backend, events, cron).endpoints();
        this.own = new Endpoints()
                .add(HttpMethods.GET, "/ping", call -> done(pong()))
                .add(HttpMethods.GET, "/info", call -> done(info()))
                .add(HttpMethods.GET, "/leader", call -> done(leader(call.request())))
                .add(HttpMethods.GET, "/v1/metrics", call -> done(metrics()));
    }

    public Route route() {
        return Directives.concat(
                metrics.route(), Directives.extractRequest(request -> Directives.completeWithFuture(answer(request))));
    }

    private CompletionStage<HttpResponse> answer(HttpRequest request) {
        return request.entity()
                .toStrict(
                        BODY_WITHIN_MS,
                        MAX_BODY_BYTES,
                        SystemMaterializer.get(system).materializer())
                .thenCompose(body -> answer(request, body.getData().toArrayUnsafe()))
                .exceptionally(failure -> failed(request, failure));
    }

    private CompletionStage<HttpResponse> answer(HttpRequest request, byte[] body) {
        String path = request.getUri().path();
        var local = own.find(request.method(), path);
        if (local.isPresent()) {
            return local.get()
                    .handler()
                    .answer(new Endpoints.Call(request, local.get().ids(), body));
        }
        var found = jobs.find(request.method(), path);
        if (found.isEmpty()) {
            return done(ErrorBodies.misdirected(
                    StatusCodes.NOT_FOUND,
                    request,
                    "There is no " + request.method().value() + " " + path));
        }
        return backend.leads()
                ? found.get()
                        .handler()
                        .answer(new Endpoints.Call(request, found.get().ids(), body))
                : proxy.pass(request, body);
    }

    private static HttpResponse failed(HttpRequest request, Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof Problems.InvalidException invalid) {
            return ErrorBodies.invalid(invalid.problems());
        }
        if (cause instanceof BadRequestException bad) {
            return ErrorBodies.misdirected(StatusCodes.BAD_REQUEST, request, bad.getMessage());
        }
        if (cause instanceof EntityStreamSizeException) {
            return ErrorBodies.misdirected(
                    StatusCodes.CONTENT_TOO_LARGE, request, "The body is longer than " + MAX_BODY_BYTES + " bytes");
        }
        if (cause instanceof TimeoutException) {
            return Responses.text(
                    StatusCodes.SERVICE_UNAVAILABLE, "Not answered in time: the state could not be written; try again");
        }
        LOG.error("{} {} failed", request.method().value(), request.getUri().path(), cause);
        return ErrorBodies.unexpected(request);
    }

    private static HttpResponse pong() {
        return HttpResponse.create().withEntity("pong");
    }

    private HttpResponse info() {
        ObjectNode body = JSON.objectNode();
        body.put("version", VERSION);
        body.put("libVersion", VERSION);
        body.putObject("config").put("address", backend.address());
        return Responses.json(Json.bytes(body));
    }

    private HttpResponse leader(HttpRequest request) {
        return backend.leader()
                .map(leader -> Responses.json(Json.bytes(Map.of("leader", leader))))
                .orElseGet(() -> ErrorBodies.misdirected(StatusCodes.NOT_FOUND, request, "There is no leader"));
    }

    private HttpResponse metrics() {
        ObjectNode body = JSON.objectNode();
        metrics.registry().getMeters().forEach(meter -> {
            ObjectNode values = body.putObject(meter.getId().getName()
                    + (meter.getId().getTags().size() > 1
                            ? meter.getId().getTags().toString()
                            : ""));
            for (Measurement measurement : meter.measure()) {
                values.put(measurement.getStatistic().getTagValueRepresentation(), measurement.getValue());
            }
        });
        return Responses.json(Json.bytes(body));
    }

    private static CompletionStage<HttpResponse> done(HttpResponse response) {
        return CompletableFuture.completedFuture(response);
    }
}
