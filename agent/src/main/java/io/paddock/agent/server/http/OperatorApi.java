package io.paddock.agent.server.http;

import com.google.protobuf.ByteString;
import io.paddock.agent.core.AgentView;
import io.paddock.agent.core.AgentView.ExecutorView;
import io.paddock.agent.core.AgentView.FrameworkView;
import io.paddock.agent.core.AgentView.TaskView;
import io.paddock.agent.core.TaskStage;
import io.paddock.agent.server.containers.Containers;
import io.paddock.common.Rejection;
import io.paddock.platform.files.FileReads;
import io.paddock.platform.http.Calls;
import io.paddock.platform.http.Exchange;
import io.paddock.platform.http.Responses;
import io.paddock.platform.logging.Verbosity;
import io.paddock.proto.domain.CallParts;
import io.paddock.proto.domain.WithoutSecrets;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.Flag;
import io.paddock.proto.v1.Metric;
import io.paddock.proto.v1.agent.Call;
import io.paddock.proto.v1.agent.Response;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.Route;

/** {@code POST /api/v1}: the agent's operator API. */
final class OperatorApi {
    /** Without arguments they mean the usual. */
    private static final Set<Call.Type> MAY_BE_BARE = EnumSet.of(Call.Type.GET_CONTAINERS, Call.Type.PRUNE_IMAGES);

    private final ContainerReads reads;
    private final AgentFiles files;
    private final AgentAuthorization authorization;
    private final Executor blocking;
    private final Map<String, String> flags;
    private final Function<AgentView, Map<String, Number>> metrics;
    private final ContainerCalls containerCalls;
    private final ProcessStreams streams;
    private final Sessions sessions;
    private final Containers containers;

    OperatorApi(
            ActorSystem<?> system,
            Containers containers,
            OperatorContainers operators,
            ContainerReads reads,
            AgentFiles files,
            AgentAuthorization authorization,
            Executor blocking,
            ProcessStreams streams,
            Map<String, String> flags,
            Function<AgentView, Map<String, Number>> metrics) {
        this.containers = containers;
        this.reads = reads;
        this.files = files;
        this.authorization = authorization;
        this.blocking = blocking;
        this.flags = flags;
        this.metrics = metrics;
        this.streams = streams;
        this.sessions = new Sessions(system, containers, streams);
        this.containerCalls = new ContainerCalls(containers, operators, sessions, streams);
    }

    /** Ends the streams of processes, and those that live by their stream. */
    void close() {
        streams.close();
        sessions.close();
    }

    Route route(Function<Function<RunningAgent, CompletionStage<HttpResponse>>, CompletionStage<HttpResponse>> agent) {
        return Directives.extractRequest(request -> sessions.isInput(request)
                ? Directives.completeWithFuture(agent.apply(
                        running -> sessions.attachInput(request, first -> refused(running, request, first))))
                : Calls.route(
                        Call.getDefaultInstance(),
                        (call, exchange) -> agent.apply(running -> refused(running, exchange.request(), call)
                                        .thenCompose(refused -> refused.map(Responses::rejected)
                                                .map(OperatorApi::done)
                                                .orElseGet(() -> handle(running, call, exchange))))
                                .exceptionally(e -> failed(e))));
    }

    private CompletionStage<Optional<Rejection>> refused(RunningAgent agent, HttpRequest request, Call call) {
        return authorization.isOpen(request)
                ? CompletableFuture.completedFuture(Optional.empty())
                : agent.view().thenApply(view -> authorization.call(request, view, call));
    }

    private static HttpResponse failed(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof FileReads.Refused refused) {
            return Responses.rejected(refused.rejection());
        }
        throw failure instanceof CompletionException e ? e : new CompletionException(failure);
    }

    private CompletionStage<HttpResponse> handle(RunningAgent agent, Call call, Exchange exchange) {
        if (!call.hasType()) {
            return done(Responses.rejected(Rejection.invalid("type: expected to be present")));
        }
        Optional<String> missing =
                MAY_BE_BARE.contains(call.getType()) ? Optional.empty() : CallParts.missing(call, call.getType());
        if (missing.isPresent()) {
            return done(Responses.rejected(Rejection.invalid(missing.get() + ": expected to be present")));
        }
        return switch (call.getType()) {
            case GET_HEALTH ->
                now(
                        exchange,
                        Response.newBuilder()
                                .setType(Response.Type.GET_HEALTH)
                                .setGetHealth(Response.GetHealth.newBuilder().setHealthy(true)));
            case GET_FLAGS -> now(exchange, flags());
            case GET_VERSION ->
                now(
                        exchange,
                        Response.newBuilder()
                                .setType(Response.Type.GET_VERSION)
                                .setGetVersion(Response.GetVersion.newBuilder().setVersionInfo(Versions.message())));
            case GET_METRICS -> read(agent, exchange, this::metrics);
            case GET_LOGGING_LEVEL ->
                now(
                        exchange,
                        Response.newBuilder()
                                .setType(Response.Type.GET_LOGGING_LEVEL)
                                .setGetLoggingLevel(Response.GetLoggingLevel.newBuilder()
                                        .setLevel(Verbosity.process().level())));
            case SET_LOGGING_LEVEL -> done(setLoggingLevel(call));
            case LIST_FILES ->
                agent.view().thenCompose(view -> blocking(exchange, () -> listFiles(readable(exchange, view), call)));
            case READ_FILE ->
                agent.view().thenCompose(view -> blocking(exchange, () -> readFile(readable(exchange, view), call)));
            case GET_STATE -> read(agent, exchange, OperatorApi::state);
            case GET_CONTAINERS ->
                agent.view()
                        .thenCompose(view -> reads.list(
                                view,
                                call.getGetContainers().getShowNested(),
                                call.getGetContainers().getShowStandalone(),
                                id -> authorization.seesContainer(exchange.request(), view, id)))
                        .thenApply(found -> exchange.reply(Response.newBuilder()
                                .setType(Response.Type.GET_CONTAINERS)
                                .setGetContainers(
                                        Response.GetContainers.newBuilder().addAllContainers(found))
                                .build()));
            case GET_FRAMEWORKS ->
                read(
                        agent,
                        exchange,
                        view -> Response.newBuilder()
                                .setType(Response.Type.GET_FRAMEWORKS)
                                .setGetFrameworks(frameworks(view)));
            case GET_EXECUTORS ->
                read(
                        agent,
                        exchange,
                        view -> Response.newBuilder()
                                .setType(Response.Type.GET_EXECUTORS)
                                .setGetExecutors(executors(view)));
            case GET_OPERATIONS ->
                read(
                        agent,
                        exchange,
                        view -> Response.newBuilder()
                                .setType(Response.Type.GET_OPERATIONS)
                                .setGetOperations(
                                        Response.GetOperations.newBuilder().addAllOperations(view.operations())));
            case GET_TASKS ->
                read(
                        agent,
                        exchange,
                        view -> Response.newBuilder()
                                .setType(Response.Type.GET_TASKS)
                                .setGetTasks(tasks(view)));
            case GET_AGENT -> read(agent, exchange, OperatorApi::agent);
            case GET_RESOURCE_PROVIDERS ->
                now(
                        exchange,
                        Response.newBuilder()
                                .setType(Response.Type.GET_RESOURCE_PROVIDERS)
                                .setGetResourceProviders(Response.GetResourceProviders.getDefaultInstance()));
            case LAUNCH_NESTED_CONTAINER_SESSION -> sessions.launch(call.getLaunchNestedContainerSession(), exchange);
            case ATTACH_CONTAINER_OUTPUT ->
                agent.view()
                        .thenApply(view -> containerCalls.attachOutput(
                                view, call.getAttachContainerOutput().getContainerId(), exchange));
            case ATTACH_CONTAINER_INPUT ->
                done(Responses.rejected(new Rejection(
                        Rejection.Code.INVALID,
                        "ATTACH_CONTAINER_INPUT needs Content-Type application/recordio and Message-Content-Type")));
            case LAUNCH_NESTED_CONTAINER,
                    WAIT_NESTED_CONTAINER,
                    KILL_NESTED_CONTAINER,
                    REMOVE_NESTED_CONTAINER,
                    LAUNCH_CONTAINER,
                    WAIT_CONTAINER,
                    KILL_CONTAINER,
                    REMOVE_CONTAINER -> agent.view().thenCompose(view -> containerCalls.handle(view, call, exchange));
            case PRUNE_IMAGES -> prune(call.getPruneImages());
            case ADD_RESOURCE_PROVIDER_CONFIG,
                    UPDATE_RESOURCE_PROVIDER_CONFIG,
                    REMOVE_RESOURCE_PROVIDER_CONFIG,
                    MARK_RESOURCE_PROVIDER_GONE ->
                done(Responses.rejected(new Rejection(
                        Rejection.Code.NOT_SUPPORTED,
                        "type: " + call.getType() + " is not supported: this agent has no resource providers (CSI)")));
            case UNKNOWN ->
                done(Responses.rejected(new Rejection(Rejection.Code.NOT_SUPPORTED, "type: UNKNOWN is not a call")));
        };
    }

    private CompletionStage<HttpResponse> prune(Call.PruneImages call) {
        return containers
                .pruneImages(call.getExcludedImagesList().stream()
                        .map(image -> image.getDocker().getName())
                        .toList())
                .thenApply(freed -> HttpResponse.create())
                .exceptionally(error -> {
                    Throwable cause = error instanceof CompletionException ? error.getCause() : error;
                    if (cause instanceof IllegalArgumentException) {
                        return Responses.rejected(
                                Rejection.invalid("prune_images.excluded_images: " + cause.getMessage()));
                    }
                    throw new CompletionException(cause);
                });
    }

    private static CompletionStage<HttpResponse> done(HttpResponse response) {
        return CompletableFuture.completedFuture(response);
    }

    private static CompletionStage<HttpResponse> now(Exchange exchange, Response.Builder response) {
        return done(exchange.reply(response.build()));
    }

    private CompletionStage<HttpResponse> read(
            RunningAgent agent, Exchange exchange, Function<AgentView, Response.Builder> answer) {
        return agent.view()
                .thenApply(view -> exchange.reply(answer.apply(authorization.visible(exchange.request(), view))
                        .build()));
    }

    private FileReads readable(Exchange exchange, AgentView view) {
        return new FileReads(authorization.readable(exchange.request(), view, files));
    }

    private CompletionStage<HttpResponse> blocking(Exchange exchange, Supplier<Response.Builder> answer) {
        return CompletableFuture.supplyAsync(() -> exchange.reply(answer.get().build()), blocking);
    }

    private Response.Builder flags() {
        Response.GetFlags.Builder all = Response.GetFlags.newBuilder();
        flags.forEach(
                (name, value) -> all.addFlags(Flag.newBuilder().setName(name).setValue(value)));
        return Response.newBuilder().setType(Response.Type.GET_FLAGS).setGetFlags(all);
    }

    private Response.Builder metrics(AgentView view) {
        Response.GetMetrics.Builder all = Response.GetMetrics.newBuilder();
        metrics.apply(view)
                .forEach((name, value) ->
                        all.addMetrics(Metric.newBuilder().setName(name).setValue(value.doubleValue())));
        return Response.newBuilder().setType(Response.Type.GET_METRICS).setGetMetrics(all);
    }

    private static HttpResponse setLoggingLevel(Call call) {
        Call.SetLoggingLevel asked = call.getSetLoggingLevel();
        return Verbosity.process()
                .set(asked.getLevel(), Duration.ofNanos(asked.getDuration().getNanoseconds()))
                .map(Responses::rejected)
                .orElseGet(HttpResponse::create);
    }

    private static Response.Builder listFiles(FileReads files, Call call) {
        return Response.newBuilder()
                .setType(Response.Type.LIST_FILES)
                .setListFiles(Response.ListFiles.newBuilder()
                        .addAllFileInfos(files.list(
                                files.resolve(Optional.of(call.getListFiles().getPath())))));
    }

    private static Response.Builder readFile(FileReads files, Call call) {
        Call.ReadFile asked = call.getReadFile();
        FileReads.Part part = files.read(
                files.resolve(Optional.of(asked.getPath())),
                asked.getOffset(),
                asked.hasLength() ? asked.getLength() : -1);
        return Response.newBuilder()
                .setType(Response.Type.READ_FILE)
                .setReadFile(
                        Response.ReadFile.newBuilder().setSize(part.size()).setData(ByteString.copyFrom(part.data())));
    }

    private static Response.Builder state(AgentView view) {
        return Response.newBuilder()
                .setType(Response.Type.GET_STATE)
                .setGetState(Response.GetState.newBuilder()
                        .setGetTasks(tasks(view))
                        .setGetExecutors(executors(view))
                        .setGetFrameworks(frameworks(view)));
    }

    private static Response.Builder agent(AgentView view) {
        AgentInfo info = view.info();
        Response.GetAgent.Builder answer = Response.GetAgent.newBuilder().setAgentInfo(info);
        if (view.draining().hasConfig()) {
            answer.setDrainConfig(view.draining().getConfig());
        }
        if (view.draining().hasSince()) {
            answer.setEstimatedDrainStartTime(view.draining().getSince());
        }
        return Response.newBuilder().setType(Response.Type.GET_AGENT).setGetAgent(answer);
    }

    private static Response.GetFrameworks frameworks(AgentView view) {
        Response.GetFrameworks.Builder all = Response.GetFrameworks.newBuilder();
        view.frameworks().forEach(f -> all.addFrameworksBuilder().setFrameworkInfo(f.info()));
        view.completedFrameworks()
                .forEach(f -> all.addCompletedFrameworksBuilder().setFrameworkInfo(f.info()));
        return all.build();
    }

    private static Response.GetExecutors executors(AgentView view) {
        Response.GetExecutors.Builder all = Response.GetExecutors.newBuilder();
        for (FrameworkView framework : view.frameworks()) {
            framework.executors().forEach(e -> all.addExecutorsBuilder().setExecutorInfo(WithoutSecrets.of(e.info())));
            framework
                    .completed()
                    .forEach(e -> all.addCompletedExecutorsBuilder().setExecutorInfo(WithoutSecrets.of(e.info())));
        }
        view.completedFrameworks()
                .forEach(f -> f.completed()
                        .forEach(e -> all.addCompletedExecutorsBuilder().setExecutorInfo(WithoutSecrets.of(e.info()))));
        return all.build();
    }

    private static Response.GetTasks tasks(AgentView view) {
        Response.GetTasks.Builder all = Response.GetTasks.newBuilder();
        for (List<FrameworkView> frameworks : List.of(view.frameworks(), view.completedFrameworks())) {
            for (FrameworkView framework : frameworks) {
                framework.executors().forEach(executor -> tasks(executor, all));
                framework.completed().forEach(executor -> tasks(executor, all));
            }
        }
        return all.build();
    }

    private static void tasks(ExecutorView executor, Response.GetTasks.Builder all) {
        for (TaskView task : executor.tasks()) {
            if (task.stage() == TaskStage.QUEUED) {
                all.addQueuedTasks(task.task());
            } else if (task.stage() == TaskStage.LAUNCHED) {
                all.addLaunchedTasks(task.task());
            } else {
                all.addTerminatedTasks(task.task());
            }
        }
        executor.completedTasks().forEach(task -> all.addCompletedTasks(task.task()));
    }
}
