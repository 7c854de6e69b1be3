package io.paddock.agent.server.http;

import io.paddock.agent.core.AgentView;
import io.paddock.agent.server.containers.Containers;
import io.paddock.common.Rejection;
import io.paddock.platform.files.FileReads;
import io.paddock.platform.http.HelpRoute;
import io.paddock.platform.http.Responses;
import io.paddock.platform.json.Json;
import io.paddock.platform.logging.LoggingRoute;
import io.paddock.platform.metrics.MachineStats;
import io.paddock.platform.security.WatchedFiles;
import io.paddock.platform.security.WatchedFilesRoute;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.PathMatcher0;
import org.apache.pekko.http.javadsl.server.PathMatchers;
import org.apache.pekko.http.javadsl.server.Route;
import org.jspecify.annotations.Nullable;

/** All endpoints of the agent. Answers 503 until the agent has recovered. */
public final class AgentRoutes {
    private static final String ACTOR = "/slave(1)";
    private static final Rejection NOT_THERE =
            Rejection.unavailable("The agent has not finished recovery, or is ending");

    private final Executor blocking;
    private final Map<String, String> flags;
    private final Instant startTime = Instant.now();
    private final AgentFiles files;
    private final AgentAuthorization authorization;
    private final WatchedFiles watched;
    private final Supplier<Map<String, Number>> more;
    private final ContainerReads containers;
    private final OperatorApi operator;
    private final ImageRoutes images;
    private volatile @Nullable RunningAgent agent;

    /**
     * @param workDir sandboxes are below it
     * @param log the agent's log file, if it has one
     * @param operators what containers that operators start need
     * @param blocking where files are read and documents written
     * @param authorization says who may do what
     * @param watched files whose state is told
     * @param streams those to and from processes
     * @param more metrics besides those of the agent's view; asked on any thread
     * @param flags as {@code /flags} shows them
     */
    public AgentRoutes(
            ActorSystem<?> system,
            Path workDir,
            Optional<Path> log,
            Containers containers,
            OperatorContainers operators,
            Executor blocking,
            ProcessStreams streams,
            Map<String, String> flags,
            AgentAuthorization authorization,
            WatchedFiles watched,
            Supplier<Map<String, Number>> more) {
        this.more = more;
        this.blocking = blocking;
        this.flags = flags;
        this.files = new AgentFiles(workDir, log);
        this.authorization = authorization;
        this.watched = watched;
        this.containers = new ContainerReads(containers);
        this.images = new ImageRoutes(containers);
        this.operator = new OperatorApi(
                system,
                containers,
                operators,
                this.containers,
                files,
                authorization,
                blocking,
                streams,
                flags,
                this::metrics);
    }

    /** From now on the agent answers. */
    public void open(RunningAgent running) {
        agent = running;
    }

    /** From now on everything is answered 503 again, and what is streamed of processes ends. */
    public void close() {
        agent = null;
        operator.close();
    }

    /** Every endpoint at its plain path and below {@code /slave(1)}; {@code .json} may follow each. */
    public Route route() {
        return authorization.guard(Directives.mapUnmatchedPath(
                AgentRoutes::plain,
                () -> Directives.concat(
                        WatchedFilesRoute.create(watched),
                        Directives.path(
                                PathMatchers.segment("api").slash("v1").slash("executor"),
                                () -> ExecutorApi.route(this::withAgent)),
                        Directives.path(PathMatchers.segment("api").slash("v1"), () -> operator.route(this::withAgent)),
                        read("health", (view, now) -> HttpResponse.create()),
                        json("version", (view, now) -> Json.bytes(Versions.json())),
                        json("flags", (view, now) -> Json.bytes(Map.of("flags", flags))),
                        state(),
                        containerReads(),
                        images.route(),
                        Directives.path(
                                PathMatchers.segment("metrics").slash("snapshot"),
                                () -> Directives.get(() -> Directives.parameterOptional(
                                        "jsonp",
                                        callback -> Directives.completeWithFuture(withAgent(running -> running.view()
                                                .thenApply(view ->
                                                        Responses.jsonp(callback, Json.bytes(metrics(view))))))))),
                        Directives.path(
                                PathMatchers.segment("metrics").slash("prometheus"),
                                () -> Directives.get(() -> Directives.extractRequest(request ->
                                        Directives.completeWithFuture(withAgent(running ->
                                                running.view().thenCompose(view -> prometheus(request, view))))))),
                        Directives.path(
                                PathMatchers.segment("system").slash("stats"),
                                () -> Directives.get(() -> Directives.parameterOptional(
                                        "jsonp",
                                        callback -> Directives.complete(
                                                Responses.jsonp(callback, Json.bytes(MachineStats.stats())))))),
                        json(
                                PathMatchers.segment("containerizer").slash("debug"),
                                (view, now) -> containers.pending(now)),
                        LoggingRoute.create(),
                        HelpRoute.create(AgentHelp.ENDPOINTS),
                        Directives.pathPrefix("files", this::files))));
    }

    /** Flags are shown to those who may see them. */
    private Route state() {
        return Directives.extractRequest(request -> json(
                "state",
                (view, now) -> StateJson.write(
                        authorization.visible(request, view),
                        authorization.seesFlags(request) ? flags : Map.of(),
                        startTime)));
    }

    private Route files() {
        return Directives.extractRequest(request -> {
            RunningAgent running = agent;
            return running == null
                    ? Directives.complete(Responses.rejected(NOT_THERE))
                    : Directives.onSuccess(
                            running.view(),
                            view -> new FileReads(authorization.readable(request, view, files)).route(blocking));
        });
    }

    private Map<String, Number> metrics(AgentView view) {
        return AgentMetrics.of(view, startTime, more.get());
    }

    private CompletionStage<HttpResponse> prometheus(HttpRequest request, AgentView view) {
        return containers
                .list(view, true, true, id -> authorization.seesContainer(request, view, id))
                .thenApply(found -> HttpResponse.create()
                        .withEntity(
                                ContentTypes.parse(ContainerMetrics.CONTENT_TYPE),
                                ContainerMetrics.page(view, found, metrics(view))
                                        .getBytes(StandardCharsets.UTF_8)));
    }

    private Route containerReads() {
        return Directives.concat(
                Directives.path(
                        PathMatchers.segment("monitor").slash("statistics"),
                        () -> Directives.get(() -> Directives.parameterOptional(
                                "jsonp",
                                callback -> Directives.extractRequest(request ->
                                        Directives.completeWithFuture(withAgent(running -> running.view()
                                                .thenCompose(view -> containers.statistics(
                                                        view, id -> authorization.seesContainer(request, view, id)))
                                                .thenApply(body -> Responses.jsonp(callback, body)))))))),
                Directives.path(
                        "containers",
                        () -> Directives.get(() -> Directives.parameterOptional(
                                "jsonp",
                                callback -> Directives.parameterMap(filter -> Directives.extractRequest(request ->
                                        Directives.completeWithFuture(withAgent(running -> running.view()
                                                .thenCompose(view -> containers.containers(
                                                        view,
                                                        filter,
                                                        id -> authorization.seesContainer(request, view, id)))
                                                .thenApply(body -> Responses.jsonp(callback, body))))))))));
    }

    private Route read(String path, BiFunction<AgentView, Instant, HttpResponse> answer) {
        return Directives.path(
                path,
                () -> Directives.get(() -> Directives.completeWithFuture(withAgent(
                        running -> running.view().thenApply(view -> answer.apply(view, Instant.now()))))));
    }

    private Route json(String path, BiFunction<AgentView, Instant, byte[]> body) {
        return json(PathMatchers.segment(path), body);
    }

    private Route json(PathMatcher0 path, BiFunction<AgentView, Instant, byte[]> body) {
        return Directives.path(
                path,
                () -> Directives.get(() -> Directives.parameterOptional(
                        "jsonp",
                        callback -> Directives.completeWithFuture(withAgent(running -> running.view()
                                .thenApplyAsync(
                                        view -> Responses.jsonp(callback, body.apply(view, Instant.now())),
                                        blocking))))));
    }

    private CompletionStage<HttpResponse> withAgent(Function<RunningAgent, CompletionStage<HttpResponse>> answer) {
        RunningAgent running = agent;
        return running == null
                ? CompletableFuture.completedFuture(Responses.rejected(NOT_THERE))
                : answer.apply(running);
    }

    /** Takes the actor's name and {@code .json} off the path. */
    private static String plain(String asked) {
        String path = asked.replace("%28", "(").replace("%29", ")");
        String plain = path.startsWith(ACTOR + "/") ? path.substring(ACTOR.length()) : path;
        return plain.endsWith(".json") ? plain.substring(0, plain.length() - ".json".length()) : plain;
    }
}
