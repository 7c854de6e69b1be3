package io.paddock.master.server.read;

import com.google.protobuf.ByteString;
import io.paddock.common.Rejection;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.master.server.ClusterFeed;
import io.paddock.master.server.Leadership;
import io.paddock.platform.files.FileReads;
import io.paddock.platform.http.Exchange;
import io.paddock.platform.http.Responses;
import io.paddock.platform.logging.Verbosity;
import io.paddock.proto.v1.Flag;
import io.paddock.proto.v1.Metric;
import io.paddock.proto.v1.WeightInfo;
import io.paddock.proto.v1.master.Call;
import io.paddock.proto.v1.master.Response;
import java.time.Duration;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** The operator API's calls that change nothing. */
final class OperatorReads {
    private final ReadOptions options;
    private final Leadership leadership;
    private final MetricsReads metrics;
    private final OperatorStreams streams;
    private final Viewers viewers;
    private final FileReads files;
    private final OfferReasons reasons;
    private final Executor executor;

    /** @param executor where answers are made */
    OperatorReads(
            ReadOptions options,
            Leadership leadership,
            MetricsReads metrics,
            OperatorStreams streams,
            Viewers viewers,
            FileReads files,
            OfferReasons reasons,
            Executor executor) {
        this.files = files;
        this.options = options;
        this.leadership = leadership;
        this.metrics = metrics;
        this.streams = streams;
        this.viewers = viewers;
        this.reasons = reasons;
        this.executor = executor;
    }

    /** The answer, or empty when the call is not a read. */
    Optional<CompletionStage<HttpResponse>> answer(Call call, Exchange exchange) {
        return viewers.refuse(exchange.principal(), call.getType())
                .map(refused -> rejected(refused))
                .orElseGet(() -> allowed(call, exchange));
    }

    private Optional<CompletionStage<HttpResponse>> allowed(Call call, Exchange exchange) {
        return switch (call.getType()) {
            case GET_HEALTH ->
                now(
                        exchange,
                        Response.Type.GET_HEALTH,
                        b -> b.setGetHealth(Response.GetHealth.newBuilder().setHealthy(true)));
            case GET_VERSION ->
                now(
                        exchange,
                        Response.Type.GET_VERSION,
                        b -> b.setGetVersion(Response.GetVersion.newBuilder()
                                .setVersionInfo(
                                        Versions.message(leadership.self().getVersion()))));
            case GET_FLAGS -> now(exchange, Response.Type.GET_FLAGS, b -> b.setGetFlags(flags()));
            case GET_LOGGING_LEVEL ->
                now(
                        exchange,
                        Response.Type.GET_LOGGING_LEVEL,
                        b -> b.setGetLoggingLevel(Response.GetLoggingLevel.newBuilder()
                                .setLevel(Verbosity.process().level())));
            case GET_METRICS -> Optional.of(metrics.values().thenApply(values -> exchange.reply(metrics(values))));
            case LIST_FILES -> Optional.of(file(() -> exchange.reply(listFiles(call))));
            case READ_FILE -> Optional.of(file(() -> exchange.reply(readFile(call))));
            case EXPLAIN_OFFERS ->
                Optional.of(whenLeading(feed -> reasons.answer(
                        feed,
                        exchange.principal(),
                        call.getExplainOffers(),
                        explained -> exchange.reply(Response.newBuilder()
                                .setType(Response.Type.EXPLAIN_OFFERS)
                                .setExplainOffers(explained)
                                .build()))));
            case SUBSCRIBE -> Optional.of(whenLeading(feed -> subscribe(feed, exchange)));
            case GET_STATE,
                    GET_AGENTS,
                    GET_FRAMEWORKS,
                    GET_EXECUTORS,
                    GET_TASKS,
                    GET_OPERATIONS,
                    GET_ROLES,
                    GET_WEIGHTS,
                    GET_MASTER,
                    GET_QUOTA,
                    GET_MAINTENANCE_STATUS,
                    GET_MAINTENANCE_SCHEDULE ->
                Optional.of(whenLeading(feed -> later(() ->
                        exchange.reply(cluster(call.getType(), viewers.visible(exchange.principal(), feed.current()))
                                .build()))));
            case SET_LOGGING_LEVEL -> Optional.of(CompletableFuture.completedFuture(setLoggingLevel(call)));
            case UNKNOWN,
                    UPDATE_WEIGHTS,
                    RESERVE_RESOURCES,
                    UNRESERVE_RESOURCES,
                    CREATE_VOLUMES,
                    DESTROY_VOLUMES,
                    GROW_VOLUME,
                    SHRINK_VOLUME,
                    UPDATE_MAINTENANCE_SCHEDULE,
                    START_MAINTENANCE,
                    STOP_MAINTENANCE,
                    DRAIN_AGENT,
                    DEACTIVATE_AGENT,
                    REACTIVATE_AGENT,
                    UPDATE_QUOTA,
                    SET_QUOTA,
                    REMOVE_QUOTA,
                    TEARDOWN,
                    MARK_AGENT_GONE -> Optional.empty();
        };
    }

    private CompletionStage<HttpResponse> file(Supplier<HttpResponse> answer) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return answer.get();
                    } catch (FileReads.Refused e) {
                        return Responses.rejected(e.rejection());
                    }
                },
                executor);
    }

    private Response listFiles(Call call) {
        return Response.newBuilder()
                .setType(Response.Type.LIST_FILES)
                .setListFiles(Response.ListFiles.newBuilder()
                        .addAllFileInfos(files.list(
                                files.resolve(Optional.of(call.getListFiles().getPath())))))
                .build();
    }

    private Response readFile(Call call) {
        Call.ReadFile asked = call.getReadFile();
        FileReads.Part part = files.read(
                files.resolve(Optional.of(asked.getPath())),
                asked.getOffset(),
                asked.hasLength() ? asked.getLength() : -1);
        return Response.newBuilder()
                .setType(Response.Type.READ_FILE)
                .setReadFile(
                        Response.ReadFile.newBuilder().setSize(part.size()).setData(ByteString.copyFrom(part.data())))
                .build();
    }

    private static HttpResponse setLoggingLevel(Call call) {
        Call.SetLoggingLevel asked = call.getSetLoggingLevel();
        return Verbosity.process()
                .set(asked.getLevel(), Duration.ofNanos(asked.getDuration().getNanoseconds()))
                .map(Responses::rejected)
                .orElseGet(HttpResponse::create);
    }

    private Response.Builder cluster(Call.Type type, ClusterSnapshot snapshot) {
        Response.Builder response = Response.newBuilder().setType(Response.Type.valueOf(type.name()));
        switch (type) {
            case GET_STATE -> response.setGetState(OperatorMessages.state(snapshot));
            case GET_AGENTS -> response.setGetAgents(OperatorMessages.agents(snapshot));
            case GET_FRAMEWORKS -> response.setGetFrameworks(OperatorMessages.frameworks(snapshot));
            case GET_EXECUTORS -> response.setGetExecutors(OperatorMessages.executors(snapshot));
            case GET_TASKS -> response.setGetTasks(OperatorMessages.tasks(snapshot));
            case GET_OPERATIONS -> response.setGetOperations(OperatorMessages.operations(snapshot));
            case GET_ROLES ->
                response.setGetRoles(Response.GetRoles.newBuilder().addAllRoles(new RolesView(snapshot).messages()));
            case GET_WEIGHTS -> weights(snapshot, response);
            case GET_MASTER ->
                response.setGetMaster(Response.GetMaster.newBuilder()
                        .setMasterInfo(snapshot.master())
                        .setStartTime(AgentJson.seconds(options.startedAt()))
                        .setElectedTime(AgentJson.seconds(snapshot.electedAt())));
            case GET_QUOTA ->
                response.setGetQuota(Response.GetQuota.newBuilder().setStatus(QuotaView.status(snapshot)));
            case GET_MAINTENANCE_STATUS ->
                response.setGetMaintenanceStatus(Response.GetMaintenanceStatus.newBuilder()
                        .setStatus(snapshot.maintenance().status()));
            case GET_MAINTENANCE_SCHEDULE ->
                response.setGetMaintenanceSchedule(Response.GetMaintenanceSchedule.newBuilder()
                        .setSchedule(snapshot.maintenance().schedule()));
            default -> throw new IllegalStateException(type + " does not read the cluster");
        }
        return response;
    }

    /** Mesos omits the list while there are no weights. */
    private static void weights(ClusterSnapshot snapshot, Response.Builder response) {
        if (!snapshot.weights().isEmpty()) {
            Response.GetWeights.Builder weights = Response.GetWeights.newBuilder();
            snapshot.weights()
                    .forEach((role, weight) -> weights.addWeightInfos(
                            WeightInfo.newBuilder().setRole(role).setWeight(weight)));
            response.setGetWeights(weights);
        }
    }

    private Response.GetFlags flags() {
        Response.GetFlags.Builder flags = Response.GetFlags.newBuilder();
        options.flags()
                .forEach((name, value) ->
                        flags.addFlags(Flag.newBuilder().setName(name).setValue(value)));
        return flags.build();
    }

    private static Response metrics(SortedMap<String, Double> values) {
        Response.GetMetrics.Builder message = Response.GetMetrics.newBuilder();
        values.forEach((name, value) ->
                message.addMetrics(Metric.newBuilder().setName(name).setValue(value)));
        return Response.newBuilder()
                .setType(Response.Type.GET_METRICS)
                .setGetMetrics(message)
                .build();
    }

    private CompletionStage<HttpResponse> subscribe(ClusterFeed feed, Exchange exchange) {
        return exchange.accepted()
                .map(format -> streams.subscribe(feed, format, exchange))
                .orElseGet(() -> CompletableFuture.completedFuture(Exchange.notAcceptable()));
    }

    /** The server asks while this master leads; it may have lost that meanwhile. */
    private CompletionStage<HttpResponse> whenLeading(Function<ClusterFeed, CompletionStage<HttpResponse>> answer) {
        return leadership
                .leading()
                .map(answer)
                .orElseGet(() -> CompletableFuture.completedFuture(
                        Responses.rejected(Rejection.unavailable("This master no longer leads"))));
    }

    private Optional<CompletionStage<HttpResponse>> now(
            Exchange exchange, Response.Type type, Function<Response.Builder, Response.Builder> fill) {
        return Optional.of(later(() ->
                exchange.reply(fill.apply(Response.newBuilder().setType(type)).build())));
    }

    private static Optional<CompletionStage<HttpResponse>> rejected(Rejection rejection) {
        return Optional.of(CompletableFuture.completedFuture(Responses.rejected(rejection)));
    }

    private CompletionStage<HttpResponse> later(Supplier<HttpResponse> answer) {
        return CompletableFuture.supplyAsync(answer, executor);
    }
}
