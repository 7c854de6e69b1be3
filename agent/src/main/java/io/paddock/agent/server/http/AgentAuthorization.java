package io.paddock.agent.server.http;

import io.paddock.agent.core.AgentView;
import io.paddock.agent.core.AgentView.ExecutorView;
import io.paddock.agent.core.AgentView.FrameworkView;
import io.paddock.agent.server.containers.ContainerIds;
import io.paddock.common.Rejection;
import io.paddock.common.Users;
import io.paddock.common.authorization.Acls;
import io.paddock.common.authorization.Action;
import io.paddock.platform.http.HttpServer;
import io.paddock.platform.http.Responses;
import io.paddock.platform.security.Access;
import io.paddock.platform.security.EndpointPath;
import io.paddock.platform.security.Principal;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.agent.Call;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.Route;
import org.jspecify.annotations.Nullable;

/**
 * Whether a caller may do what it asks of an agent: a principal by the ACLs, an executor by the claims of its token, which allow
 * it to act for itself and on containers below its own, and nothing else. Source: Mesos' local authorizer.
 */
public final class AgentAuthorization {
    private static final Optional<Rejection> ALLOWED = Optional.empty();

    private final Supplier<Acls> acls;
    private final Function<ContainerID, Optional<String>> standaloneUser;

    /**
     * @param acls the rules in force
     * @param standaloneUser who a container of no executor runs as
     */
    public AgentAuthorization(Supplier<Acls> acls, Function<ContainerID, Optional<String>> standaloneUser) {
        this.acls = acls;
        this.standaloneUser = standaloneUser;
    }

    /** An executor of a framework. */
    private record Owner(FrameworkView framework, ExecutorView executor) {
        String user() {
            return Users.of(
                    executor.info().getCommand().getUser(), framework.info().getUser());
        }
    }

    /** A route for those who may use it. */
    Route guard(Route inner) {
        return Directives.extractRequest(request -> isUnruled(request)
                ? inner
                : endpoint(request)
                        .map(refused -> Directives.complete(Responses.rejected(refused)))
                        .orElse(inner));
    }

    /** The usual case, which must cost nothing. */
    private boolean isUnruled(HttpRequest request) {
        return acls.get() == Acls.PERMISSIVE && Access.principal(request).isEmpty();
    }

    private Optional<Rejection> endpoint(HttpRequest request) {
        String path = EndpointPath.plain(EndpointPath.of(request));
        if (path.startsWith("/api/v1")) {
            return ALLOWED;
        }
        if (isExecutor(Access.principal(request))) {
            return Optional.of(
                    Rejection.forbidden("The token names no principal: it is an executor's, for its own calls"));
        }
        String name = HttpServer.principal(request).orElse(null);
        return switch (path) {
            case "/flags", "/security/files", "/images", "/networks" -> check(name, Action.VIEW_FLAGS, null);
            case "/metrics/snapshot", "/monitor/statistics", "/containers", "/containerizer/debug", "/files/debug" ->
                check(name, Action.GET_ENDPOINTS, path);
            case "/images/pull" -> check(name, Action.PRUNE_IMAGES, null);
            case "/logging/toggle" ->
                check(name, Action.GET_ENDPOINTS, path).or(() -> check(name, Action.SET_LOG_LEVEL, null));
            default -> ALLOWED;
        };
    }

    private static boolean isExecutor(Optional<Principal> caller) {
        return caller.isPresent() && caller.get().value().isEmpty();
    }

    /** Whether the rules, or who the caller is, leave anything to decide about a call. */
    boolean isOpen(HttpRequest request) {
        Acls rules = acls.get();
        return isUnruled(request)
                || (!isExecutor(Access.principal(request))
                        && Stream.of(Action.values()).allMatch(rules::isOpen));
    }

    /** Why a call of the operator API is refused; what it may read only a part of, it may call. */
    @SuppressWarnings("deprecation") // executors built against old libraries use the NESTED calls
    Optional<Rejection> call(HttpRequest request, AgentView view, Call call) {
        return switch (call.getType()) {
            case LAUNCH_NESTED_CONTAINER ->
                launch(
                        request,
                        view,
                        call.getLaunchNestedContainer().getContainerId(),
                        call.getLaunchNestedContainer().getCommand());
            case LAUNCH_CONTAINER ->
                launch(
                        request,
                        view,
                        call.getLaunchContainer().getContainerId(),
                        call.getLaunchContainer().getCommand());
            case LAUNCH_NESTED_CONTAINER_SESSION -> {
                ContainerID id = call.getLaunchNestedContainerSession().getContainerId();
                CommandInfo command = call.getLaunchNestedContainerSession().getCommand();
                yield below(request, view, id, Action.LAUNCH_NESTED_CONTAINER_SESSIONS_UNDER_PARENT_WITH_USER)
                        .or(() -> as(request, view, id, command, Action.LAUNCH_NESTED_CONTAINER_SESSIONS_AS_USER));
            }
            case WAIT_NESTED_CONTAINER ->
                wait(request, view, call.getWaitNestedContainer().getContainerId());
            case WAIT_CONTAINER -> wait(request, view, call.getWaitContainer().getContainerId());
            case KILL_NESTED_CONTAINER ->
                kill(request, view, call.getKillNestedContainer().getContainerId());
            case KILL_CONTAINER -> kill(request, view, call.getKillContainer().getContainerId());
            case REMOVE_NESTED_CONTAINER ->
                remove(request, view, call.getRemoveNestedContainer().getContainerId());
            case REMOVE_CONTAINER ->
                remove(request, view, call.getRemoveContainer().getContainerId());
            case ATTACH_CONTAINER_INPUT ->
                below(request, view, call.getAttachContainerInput().getContainerId(), Action.ATTACH_CONTAINERS_INPUT);
            case ATTACH_CONTAINER_OUTPUT ->
                below(request, view, call.getAttachContainerOutput().getContainerId(), Action.ATTACH_CONTAINERS_OUTPUT);
            case GET_FLAGS -> named(request, Action.VIEW_FLAGS);
            case SET_LOGGING_LEVEL -> named(request, Action.SET_LOG_LEVEL);
            case PRUNE_IMAGES -> named(request, Action.PRUNE_IMAGES);
            case GET_RESOURCE_PROVIDERS -> named(request, Action.VIEW_RESOURCE_PROVIDERS);
            case ADD_RESOURCE_PROVIDER_CONFIG, UPDATE_RESOURCE_PROVIDER_CONFIG, REMOVE_RESOURCE_PROVIDER_CONFIG ->
                named(request, Action.MODIFY_RESOURCE_PROVIDER_CONFIGS);
            case MARK_RESOURCE_PROVIDER_GONE -> named(request, Action.MARK_RESOURCE_PROVIDERS_GONE);
            case UNKNOWN,
                    GET_HEALTH,
                    GET_VERSION,
                    GET_METRICS,
                    GET_LOGGING_LEVEL,
                    LIST_FILES,
                    READ_FILE,
                    GET_STATE,
                    GET_CONTAINERS,
                    GET_FRAMEWORKS,
                    GET_EXECUTORS,
                    GET_OPERATIONS,
                    GET_TASKS,
                    GET_AGENT -> nameNeeded(request);
        };
    }

    private Optional<Rejection> launch(HttpRequest request, AgentView view, ContainerID id, CommandInfo command) {
        return id.hasParent()
                ? below(request, view, id, Action.LAUNCH_NESTED_CONTAINERS_UNDER_PARENT_WITH_USER)
                        .or(() -> as(request, view, id, command, Action.LAUNCH_NESTED_CONTAINERS_AS_USER))
                : nameNeeded(request)
                        .or(() -> check(
                                HttpServer.principal(request).orElse(null),
                                Action.LAUNCH_STANDALONE_CONTAINERS,
                                Users.of(command.getUser(), StandaloneContainers.AGENT_USER)));
    }

    private Optional<Rejection> wait(HttpRequest request, AgentView view, ContainerID id) {
        return below(
                request, view, id, id.hasParent() ? Action.WAIT_NESTED_CONTAINERS : Action.WAIT_STANDALONE_CONTAINERS);
    }

    private Optional<Rejection> kill(HttpRequest request, AgentView view, ContainerID id) {
        return below(
                request, view, id, id.hasParent() ? Action.KILL_NESTED_CONTAINERS : Action.KILL_STANDALONE_CONTAINERS);
    }

    private Optional<Rejection> remove(HttpRequest request, AgentView view, ContainerID id) {
        return below(
                request,
                view,
                id,
                id.hasParent() ? Action.REMOVE_NESTED_CONTAINERS : Action.REMOVE_STANDALONE_CONTAINERS);
    }

    /** Something with a container, decided by the user of the executor it belongs to. */
    private Optional<Rejection> below(HttpRequest request, AgentView view, ContainerID id, Action action) {
        Optional<Principal> caller = Access.principal(request);
        ContainerID root = ContainerIds.root(id);
        if (isExecutor(caller)) {
            return id.hasParent()
                            && root.getValue().equals(caller.get().claims().get("cid"))
                    ? ALLOWED
                    : Optional.of(Rejection.forbidden(
                            "container_id: the token allows containers below the executor's own only"));
        }
        return check(caller.flatMap(Principal::value).orElse(null), action, user(view, root));
    }

    /** A command as a user: its own, or that of the executor. */
    private Optional<Rejection> as(
            HttpRequest request, AgentView view, ContainerID id, CommandInfo command, Action action) {
        if (isExecutor(Access.principal(request))) {
            return ALLOWED; // below its own container, as was checked
        }
        String user = command.getUser().isEmpty() ? user(view, ContainerIds.root(id)) : command.getUser();
        return check(HttpServer.principal(request).orElse(null), action, user);
    }

    private Optional<Rejection> named(HttpRequest request, Action action) {
        return nameNeeded(request).or(() -> check(HttpServer.principal(request).orElse(null), action, null));
    }

    private static Optional<Rejection> nameNeeded(HttpRequest request) {
        return isExecutor(Access.principal(request))
                ? Optional.of(
                        Rejection.forbidden("An executor's token allows calls about containers below its own only"))
                : ALLOWED;
    }

    boolean seesFlags(HttpRequest request) {
        return check(HttpServer.principal(request).orElse(null), Action.VIEW_FLAGS, null)
                .isEmpty();
    }

    /** Whether the caller may see a container. */
    boolean seesContainer(HttpRequest request, AgentView view, ContainerID id) {
        Optional<Owner> owner = owner(view, ContainerIds.root(id));
        return acls.get()
                .permits(
                        HttpServer.principal(request).orElse(null),
                        owner.isPresent() ? Action.VIEW_CONTAINERS : Action.VIEW_STANDALONE_CONTAINERS,
                        user(view, ContainerIds.root(id)));
    }

    private @Nullable String user(AgentView view, ContainerID root) {
        return owner(view, root)
                .map(Owner::user)
                .or(() -> standaloneUser.apply(root))
                .orElse(null);
    }

    /** Why a call of the executor API is refused: it must be the executor's that the token was made for. */
    static Optional<Rejection> executor(HttpRequest request, AgentView view, io.paddock.proto.v1.executor.Call call) {
        Optional<Principal> caller = Access.principal(request);
        if (caller.isEmpty()) {
            return ALLOWED;
        }
        String framework = call.getFrameworkId().getValue();
        String executor = call.getExecutorId().getValue();
        boolean its = framework.equals(caller.get().claims().get("fid"))
                && executor.equals(caller.get().claims().get("eid"));
        Optional<String> container = view.frameworks().stream()
                .filter(known -> known.info().getId().getValue().equals(framework))
                .flatMap(known -> known.executors().stream())
                .filter(known -> known.info().getExecutorId().getValue().equals(executor))
                .map(known -> known.container().getValue())
                .findFirst();
        // An executor that is not known is refused as such by the agent.
        return its
                        && (container.isEmpty()
                                || container.get().equals(caller.get().claims().get("cid")))
                ? ALLOWED
                : Optional.of(Rejection.forbidden(
                        "The token is not that of executor '" + executor + "' of framework '" + framework + "'"));
    }

    /** The files the caller may read: sandboxes by the user they belong to, and the log. */
    AuthorizedFiles readable(HttpRequest request, AgentView view, AgentFiles files) {
        String principal = HttpServer.principal(request).orElse(null);
        return new AuthorizedFiles(
                files,
                found -> files.insideSandboxes(found)
                        .map(sandbox -> check(
                                principal,
                                Action.ACCESS_SANDBOXES,
                                SandboxOwner.of(sandbox)
                                        .flatMap(owner -> owner.user(view))
                                        .orElse(null)))
                        .orElseGet(() -> check(principal, Action.ACCESS_MESOS_LOGS, null)));
    }

    /** The part of the agent that the caller may see. */
    AgentView visible(HttpRequest request, AgentView all) {
        return new VisibleAgent(acls.get(), HttpServer.principal(request).orElse(null)).of(all);
    }

    private static Optional<Owner> owner(AgentView view, ContainerID root) {
        for (FrameworkView framework : view.frameworks()) {
            for (ExecutorView executor : framework.executors()) {
                if (executor.container().equals(root)) {
                    return Optional.of(new Owner(framework, executor));
                }
            }
        }
        return Optional.empty();
    }

    private Optional<Rejection> check(@Nullable String principal, Action action, @Nullable String object) {
        return acls.get().permits(principal, action, object)
                ? ALLOWED
                : Optional.of(Rejection.forbidden("Not authorized: "
                        + (principal == null ? "nobody" : "principal '" + principal + "'") + " may not "
                        + action.key() + (object == null ? "" : " of '" + object + "'")));
    }
}
