package io.paddock.agent.server.http;

import io.paddock.agent.core.AgentView;
import io.paddock.agent.core.SandboxPaths;
import io.paddock.agent.server.containers.ContainerIds;
import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.Containers;
import io.paddock.agent.server.containers.Exit;
import io.paddock.agent.server.containers.LaunchFailure;
import io.paddock.agent.server.containers.Limits;
import io.paddock.agent.server.containers.NoSuchContainer;
import io.paddock.agent.server.containers.NotAsItIs;
import io.paddock.agent.server.containers.SignalScope;
import io.paddock.common.Identifiers;
import io.paddock.common.Rejection;
import io.paddock.common.Signals;
import io.paddock.platform.files.FileReads;
import io.paddock.platform.http.Exchange;
import io.paddock.platform.http.HttpServer;
import io.paddock.platform.http.Responses;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.TaskResourceLimitation;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.agent.Call;
import io.paddock.proto.v1.agent.Response;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.jspecify.annotations.Nullable;

/**
 * Containers that operators and executors start themselves, nested in others or standing alone: launch, wait, kill, remove.
 */
final class ContainerCalls {
    private static final int MAX_SIGNAL = 64;

    private final Containers containers;
    private final StandaloneContainers standalone;
    private final ContainerLimits limits;
    private final Function<List<Resource>, List<ContainerSpec.Mount>> mounts;
    private final Consumer<Path> ended;
    private final Consumer<Path> spare;
    private final Sessions sessions;
    private final ProcessStreams streams;

    ContainerCalls(Containers containers, OperatorContainers operators, Sessions sessions, ProcessStreams streams) {
        this.containers = containers;
        this.standalone = operators.standalone();
        this.limits = operators.limits();
        this.mounts = operators.mounts();
        this.ended = operators.ended();
        this.spare = operators.spare();
        this.sessions = sessions;
        this.streams = streams;
    }

    @SuppressWarnings("deprecation") // executors built against old libraries use the NESTED calls
    CompletionStage<HttpResponse> handle(AgentView view, Call call, Exchange exchange) {
        CompletionStage<HttpResponse> answer;
        switch (call.getType()) {
            case LAUNCH_NESTED_CONTAINER -> {
                Call.LaunchNestedContainer m = call.getLaunchNestedContainer();
                answer = launch(
                        view,
                        m.getContainerId(),
                        m.hasCommand() ? Optional.of(m.getCommand()) : Optional.empty(),
                        m.hasContainer() ? Optional.of(m.getContainer()) : Optional.empty());
            }
            case LAUNCH_CONTAINER -> {
                Call.LaunchContainer m = call.getLaunchContainer();
                Optional<CommandInfo> command = m.hasCommand() ? Optional.of(m.getCommand()) : Optional.empty();
                Optional<ContainerInfo> container = m.hasContainer() ? Optional.of(m.getContainer()) : Optional.empty();
                answer = m.getContainerId().hasParent()
                        ? launch(view, m.getContainerId(), command, container)
                        : launchAlone(view, m, command, container);
            }
            case WAIT_NESTED_CONTAINER ->
                answer = exited(call.getWaitNestedContainer().getContainerId())
                        .thenApply(exit -> exchange.reply(nestedEnd(exit)));
            case WAIT_CONTAINER ->
                answer = exited(call.getWaitContainer().getContainerId()).thenApply(exit -> exchange.reply(end(exit)));
            case KILL_NESTED_CONTAINER ->
                answer = kill(
                        call.getKillNestedContainer().getContainerId(),
                        call.getKillNestedContainer().hasSignal()
                                ? call.getKillNestedContainer().getSignal()
                                : Signals.SIGKILL);
            case KILL_CONTAINER ->
                answer = kill(
                        call.getKillContainer().getContainerId(),
                        call.getKillContainer().hasSignal()
                                ? call.getKillContainer().getSignal()
                                : Signals.SIGKILL);
            case REMOVE_NESTED_CONTAINER ->
                answer = remove(view, call.getRemoveNestedContainer().getContainerId());
            case REMOVE_CONTAINER ->
                answer = remove(view, call.getRemoveContainer().getContainerId());
            default -> throw new IllegalStateException(call.getType() + " is not a call about a container");
        }
        return answer.exceptionally(ContainerCalls::failed);
    }

    private CompletionStage<HttpResponse> launch(
            AgentView view, ContainerID id, Optional<CommandInfo> command, Optional<ContainerInfo> container) {
        Optional<Rejection> bad = check(id);
        if (bad.isPresent()) {
            return CompletableFuture.completedFuture(Responses.rejected(bad.get()));
        }
        if (!id.hasParent()) {
            return CompletableFuture.completedFuture(
                    Responses.rejected(Rejection.invalid("container_id.parent: expected to be present")));
        }
        Optional<String> sandbox = sandboxOf(view, id.getParent());
        if (sandbox.isEmpty()) {
            return CompletableFuture.completedFuture(Responses.rejected(
                    Rejection.invalid("container_id.parent: no container " + ContainerIds.text(id.getParent()))));
        }
        if (containers.list().contains(id)) {
            return CompletableFuture.completedFuture(HttpResponse.create().withStatus(StatusCodes.ACCEPTED));
        }
        if (sessions.has(id)) {
            return CompletableFuture.completedFuture(Responses.rejected(
                    Rejection.conflict("container_id: " + ContainerIds.text(id) + " is in use by a session")));
        }
        ContainerSpec spec = new ContainerSpec(
                id,
                command,
                container,
                Map.of("MESOS_SANDBOX", SandboxPaths.nested(sandbox.get(), id)),
                Optional.empty(),
                Path.of(SandboxPaths.nested(sandbox.get(), id)),
                Limits.NONE,
                List.of());
        return containers.launch(spec).thenApply(launched -> launched(id, spec.sandbox()));
    }

    private CompletionStage<HttpResponse> launchAlone(
            AgentView view,
            Call.LaunchContainer call,
            Optional<CommandInfo> command,
            Optional<ContainerInfo> container) {
        ContainerID id = call.getContainerId();
        Optional<Rejection> bad = check(id);
        if (bad.isPresent()) {
            return CompletableFuture.completedFuture(Responses.rejected(bad.get()));
        }
        if (containers.list().contains(id)) {
            return CompletableFuture.completedFuture(HttpResponse.create().withStatus(StatusCodes.ACCEPTED));
        }
        if (sandboxOfExecutor(view, id).isPresent()) {
            return CompletableFuture.completedFuture(Responses.rejected(
                    Rejection.conflict("container_id: " + id.getValue() + " is in use by an executor")));
        }
        Limits granted;
        List<ContainerSpec.Mount> volumes;
        try {
            granted = limits.of(call.getResourcesList(), call.getLimitsMap());
            volumes = volumes(view, call.getResourcesList());
        } catch (IllegalArgumentException e) {
            return CompletableFuture.completedFuture(
                    Responses.rejected(Rejection.invalid("launch_container.resources: " + e.getMessage())));
        }
        spare.accept(standalone.sandbox(id));
        return standalone
                .launch(id, command, container, granted, volumes)
                .thenApply(launched -> launched(id, standalone.sandbox(id)));
    }

    /** @throws IllegalArgumentException naming a volume that this agent does not have */
    private List<ContainerSpec.Mount> volumes(AgentView view, List<Resource> wanted) {
        List<ContainerSpec.Mount> volumes = mounts.apply(wanted);
        if (!volumes.isEmpty()) {
            Set<Path> here = mounts.apply(ResourceMessages.toMessages(view.totals())).stream()
                    .map(ContainerSpec.Mount::hostPath)
                    .collect(Collectors.toSet());
            for (ContainerSpec.Mount volume : volumes) {
                if (!here.contains(volume.hostPath())) {
                    throw new IllegalArgumentException("there is no persistent volume '"
                            + volume.hostPath().getFileName() + "' of that role here");
                }
            }
        }
        return volumes;
    }

    private HttpResponse launched(ContainerID id, Path sandbox) {
        containers.exited(id).whenComplete((exit, failure) -> ended.accept(sandbox));
        return HttpResponse.create();
    }

    /** Dots separate the ids of a nest where it has to be one word: a name with one could be another's. */
    static Optional<Rejection> check(ContainerID id) {
        Optional<Rejection> bad = Identifiers.check("container_id.value", id.getValue());
        if (bad.isEmpty() && (id.getValue().contains(".") || id.getValue().contains(" "))) {
            return Optional.of(Rejection.invalid("container_id.value: must not contain '.' or ' '"));
        }
        return bad.isEmpty() && id.hasParent() ? check(id.getParent()) : bad;
    }

    /** The sandbox of a container that runs; nested ones are below that of their parent. */
    private Optional<String> sandboxOf(AgentView view, ContainerID id) {
        if (id.hasParent()) {
            return sandboxOf(view, id.getParent()).map(parent -> SandboxPaths.nested(parent, id));
        }
        if (standalone.has(id)) {
            return Optional.of(standalone.sandbox(id).toString());
        }
        return sandboxOfExecutor(view, id);
    }

    /** Also of one whose container is still to be launched, or has ended already. */
    private static Optional<String> sandboxOfExecutor(AgentView view, ContainerID id) {
        return view.frameworks().stream()
                .flatMap(framework -> framework.executors().stream())
                .filter(executor -> executor.container().equals(id))
                .map(AgentView.ExecutorView::sandbox)
                .findFirst();
    }

    /**
     * What a container writes from now on, until it ends; with the header {@code Paddock-Output: from-start}, which Mesos
     * does not know, what it has written before, too.
     */
    HttpResponse attachOutput(AgentView view, ContainerID id, Exchange exchange) {
        Optional<String> sandbox = containers.list().contains(id) ? sandboxOf(view, id) : Optional.empty();
        if (sessions.has(id) || sandbox.isEmpty()) {
            return Responses.rejected(
                    sessions.has(id)
                            ? Rejection.conflict("container_id: the output of a session goes to whoever launched it")
                            : Rejection.notFound("container_id: no container " + ContainerIds.text(id)));
        }
        Path inside = Path.of(sandbox.get());
        Path outermost = ContainerSpec.outermost(id, inside);
        FollowedOutput output = new FollowedOutput(
                outermost,
                outermost.relativize(inside),
                containers.hasTerminal(id),
                containers.exited(id).toCompletableFuture()::isDone,
                streams);
        return OutputFormat.of(exchange)
                .map(format -> format.response(HttpServer.untilGone(
                        exchange.request(),
                        output.source(exchange.header("Paddock-Output")
                                        .orElse("")
                                        .equals("from-start"))
                                .keepAlive(streams.heartbeat(), () -> OutputFormat.heartbeat(streams.heartbeat()))
                                .map(format::frame))))
                .orElseGet(OutputFormat::notAcceptable);
    }

    private CompletionStage<Exit> exited(ContainerID id) {
        return sessions.exited(id).orElseGet(() -> containers.exited(id));
    }

    private CompletionStage<HttpResponse> kill(ContainerID id, int signal) {
        if (signal < 0 || signal > MAX_SIGNAL) {
            return CompletableFuture.completedFuture(Responses.rejected(
                    Rejection.invalid("signal: expected from 0 to " + MAX_SIGNAL + " but got " + signal)));
        }
        if (sessions.kill(id)) {
            return CompletableFuture.completedFuture(HttpResponse.create());
        }
        return containers.signal(id, signal, SignalScope.TREE).thenApply(done -> HttpResponse.create());
    }

    /** Only what has ended: its sandbox is deleted with it. */
    private CompletionStage<HttpResponse> remove(AgentView view, ContainerID id) {
        Optional<Rejection> bad = check(id);
        if (bad.isPresent()) {
            return CompletableFuture.completedFuture(Responses.rejected(bad.get()));
        }
        boolean alone = standalone.has(id);
        boolean running = containers.list().contains(id);
        if (!id.hasParent() && !alone && (running || sandboxOfExecutor(view, id).isPresent())) {
            return CompletableFuture.completedFuture(Responses.rejected(new Rejection(
                    Rejection.Code.FORBIDDEN, "container_id: the container of an executor ends with its executor")));
        }
        if (!exited(id).toCompletableFuture().isDone()) {
            return failedToRemove(id, "it is still running");
        }
        if (sessions.forget(id)) {
            // It had no sandbox, and may have outlived its parent.
            return CompletableFuture.completedFuture(HttpResponse.create());
        }
        Optional<String> sandbox = sandboxOf(view, id);
        if (sandbox.isEmpty()) {
            return failedToRemove(id, "there is no container " + ContainerIds.text(ContainerIds.root(id)));
        }
        if (alone && !id.hasParent()) {
            return standalone.remove(id).thenApply(done -> removed(sandbox.get()));
        }
        return containers
                .destroy(id)
                .thenRunAsync(() -> StandaloneContainers.delete(id, Path.of(sandbox.get())), streams.threads())
                .thenApply(done -> removed(sandbox.get()));
    }

    private HttpResponse removed(String sandbox) {
        spare.accept(Path.of(sandbox));
        return HttpResponse.create();
    }

    private static CompletionStage<HttpResponse> failedToRemove(ContainerID id, String why) {
        return CompletableFuture.completedFuture(Responses.text(
                StatusCodes.INTERNAL_SERVER_ERROR, "Failed to remove container " + ContainerIds.text(id) + ": " + why));
    }

    private static Response end(Exit exit) {
        Response.WaitContainer.Builder end =
                Response.WaitContainer.newBuilder().setExitStatus(exit.status()).setMessage(exit.message());
        exit.limitation()
                .ifPresent(l -> end.setState(TaskState.TASK_FAILED)
                        .setReason(l.reason())
                        .setLimitation(limitation(l)));
        return Response.newBuilder()
                .setType(Response.Type.WAIT_CONTAINER)
                .setWaitContainer(end)
                .build();
    }

    @SuppressWarnings("deprecation") // the answer to a deprecated call
    private static Response nestedEnd(Exit exit) {
        Response.WaitNestedContainer.Builder end = Response.WaitNestedContainer.newBuilder()
                .setExitStatus(exit.status())
                .setMessage(exit.message());
        exit.limitation()
                .ifPresent(l -> end.setState(TaskState.TASK_FAILED)
                        .setReason(l.reason())
                        .setLimitation(limitation(l)));
        return Response.newBuilder()
                .setType(Response.Type.WAIT_NESTED_CONTAINER)
                .setWaitNestedContainer(end)
                .build();
    }

    private static TaskResourceLimitation limitation(Exit.Limitation l) {
        return TaskResourceLimitation.newBuilder()
                .addAllResources(l.resources())
                .build();
    }

    static HttpResponse failed(@Nullable Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        String message = cause == null ? "unknown" : String.valueOf(cause.getMessage());
        if (cause instanceof NoSuchContainer) {
            return Responses.rejected(Rejection.notFound("container_id: " + message));
        }
        if (cause instanceof NotAsItIs) {
            return Responses.rejected(Rejection.conflict("container_id: " + message));
        }
        if (cause instanceof FileReads.Refused refused) {
            return Responses.rejected(refused.rejection());
        }
        if (cause instanceof LaunchFailure) {
            return Responses.rejected(Rejection.invalid("Failed to launch container: " + message));
        }
        return Responses.text(StatusCodes.INTERNAL_SERVER_ERROR, message);
    }
}
