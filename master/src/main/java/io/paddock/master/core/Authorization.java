package io.paddock.master.core;

import io.paddock.common.Rejection;
import io.paddock.common.Roles;
import io.paddock.common.Users;
import io.paddock.common.authorization.Acls;
import io.paddock.common.authorization.Action;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.CheckInfo;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.HealthCheck;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.WeightInfo;
import io.paddock.proto.v1.master.Call;
import io.paddock.proto.v1.quota.QuotaConfig;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether somebody may do what a call asks; asked once, before the call has any effect. Which object an action is about is
 * Mesos' choice: the role of a reservation, the principal that made what is to be undone, the user a task runs as.
 *
 * <p>Costs one look where there is no rule about an action.
 */
final class Authorization {
    private static final Optional<Rejection> ALLOWED = Optional.empty();

    private final Cluster cluster;
    private Acls acls = Acls.PERMISSIVE;
    private boolean root = true;

    Authorization(Cluster cluster) {
        this.cluster = cluster;
    }

    /** What is allowed from now on. */
    void changed(Acls rules, boolean rootMayRun) {
        acls = rules;
        root = rootMayRun;
    }

    /** Why a framework may not subscribe: for its user or its roles. */
    Optional<String> framework(FrameworkInfo info) {
        if (!root && Users.isRoot(info.getUser())) {
            return Optional.of(noRoot(info.getUser(), "run frameworks"));
        }
        if (acls.isOpen(Action.REGISTER_FRAMEWORKS)) {
            return Optional.empty();
        }
        List<String> refused = FrameworkDescriptions.rolesOf(info).stream()
                .filter(role -> !acls.permits(principal(info), Action.REGISTER_FRAMEWORKS, role))
                .toList();
        return refused.isEmpty()
                ? Optional.empty()
                : Optional.of("Not authorized to use roles " + refused + " as " + name(principal(info)));
    }

    /** Why a framework may not run a task: for the users that it, its executor and its checks would run as. */
    Optional<String> task(FrameworkInfo framework, TaskInfo task, @Nullable ExecutorInfo executor) {
        if (root && acls.isOpen(Action.RUN_TASKS)) {
            return Optional.empty();
        }
        for (String user : users(framework, task, executor)) {
            if (!root && Users.isRoot(user)) {
                return Optional.of(noRoot(user, "run tasks"));
            }
            if (!acls.permits(principal(framework), Action.RUN_TASKS, user)) {
                return Optional.of("Not authorized to launch as user '" + user + "' by " + name(principal(framework)));
            }
        }
        return Optional.empty();
    }

    private static Set<String> users(FrameworkInfo framework, TaskInfo task, @Nullable ExecutorInfo executor) {
        Set<String> users = new LinkedHashSet<>();
        String own = Launches.userOf(framework, task, executor);
        users.add(own);
        if (executor != null && executor.hasCommand()) {
            users.add(Users.of(executor.getCommand().getUser(), framework.getUser()));
        }
        if (task.getCheck().getType() == CheckInfo.Type.COMMAND) {
            users.add(Users.of(task.getCheck().getCommand().getCommand().getUser(), own));
        }
        if (TaskValidation.typeOf(task.getHealthCheck()) == HealthCheck.Type.COMMAND) {
            users.add(Users.of(task.getHealthCheck().getCommand().getUser(), own));
        }
        return users;
    }

    private static String noRoot(String user, String what) {
        return "User '" + user + "' may not " + what + ": it is root's, and this master has --no-root-submissions";
    }

    /** Why an agent may not come: for the roles it has reserved resources to by its flags. */
    Optional<String> agent(@Nullable String principal, AgentInfo info) {
        if (acls.isOpen(Action.RESERVE_RESOURCES)) {
            return Optional.empty();
        }
        List<String> roles = info.getResourcesList().stream()
                .map(Authorization::roleOf)
                .filter(role -> !role.equals(Roles.DEFAULT))
                .distinct()
                .toList();
        return why(roles(principal, Action.RESERVE_RESOURCES, roles));
    }

    /** Why a framework may not do an operation of ACCEPT; launches are asked for task by task. */
    Optional<String> operation(FrameworkInfo framework, Offer.Operation operation) {
        String principal = principal(framework);
        return switch (operation.getType()) {
            case RESERVE ->
                why(reserve(
                        principal,
                        operation.getReserve().getSourceList(),
                        operation.getReserve().getResourcesList()));
            case UNRESERVE -> why(unreserve(principal, operation.getUnreserve().getResourcesList()));
            case CREATE -> why(create(principal, operation.getCreate().getVolumesList()));
            case DESTROY -> why(destroy(principal, operation.getDestroy().getVolumesList()));
            case GROW_VOLUME -> why(resize(principal, operation.getGrowVolume().getVolume()));
            case SHRINK_VOLUME ->
                why(resize(principal, operation.getShrinkVolume().getVolume()));
            case CREATE_DISK ->
                why(role(
                        principal,
                        operation.getCreateDisk().getTargetType() == Resource.DiskInfo.Source.Type.BLOCK
                                ? Action.CREATE_BLOCK_DISKS
                                : Action.CREATE_MOUNT_DISKS,
                        roleOf(operation.getCreateDisk().getSource())));
            case DESTROY_DISK ->
                why(destroyDisk(principal, operation.getDestroyDisk().getSource()));
            case UNKNOWN, LAUNCH, LAUNCH_GROUP -> Optional.empty();
        };
    }

    /** Why a change may not be made by an operator; reads are decided where they are answered. */
    @SuppressWarnings("deprecation") // deprecated calls are called too
    Optional<Rejection> operator(@Nullable String principal, Call call) {
        return switch (call.getType()) {
            case TEARDOWN ->
                teardown(principal, call.getTeardown().getFrameworkId().getValue());
            case MARK_AGENT_GONE -> any(principal, Action.MARK_AGENTS_GONE);
            case DRAIN_AGENT ->
                any(principal, Action.DRAIN_AGENTS)
                        .or(() ->
                                call.getDrainAgent().getMarkGone() ? any(principal, Action.MARK_AGENTS_GONE) : ALLOWED);
            case DEACTIVATE_AGENT -> any(principal, Action.DEACTIVATE_AGENTS);
            case REACTIVATE_AGENT -> any(principal, Action.REACTIVATE_AGENTS);
            case UPDATE_MAINTENANCE_SCHEDULE -> any(principal, Action.UPDATE_MAINTENANCE_SCHEDULES);
            case START_MAINTENANCE -> any(principal, Action.START_MAINTENANCES);
            case STOP_MAINTENANCE -> any(principal, Action.STOP_MAINTENANCES);
            case SET_LOGGING_LEVEL -> any(principal, Action.SET_LOG_LEVEL);
            case UPDATE_WEIGHTS ->
                roles(
                        principal,
                        Action.UPDATE_WEIGHTS,
                        call.getUpdateWeights().getWeightInfosList().stream()
                                .map(WeightInfo::getRole)
                                .toList());
            case UPDATE_QUOTA ->
                roles(
                        principal,
                        Action.UPDATE_QUOTAS,
                        call.getUpdateQuota().getQuotaConfigsList().stream()
                                .map(QuotaConfig::getRole)
                                .toList());
            case SET_QUOTA ->
                role(
                        principal,
                        Action.UPDATE_QUOTAS,
                        call.getSetQuota().getQuotaRequest().getRole());
            case REMOVE_QUOTA ->
                role(principal, Action.UPDATE_QUOTAS, call.getRemoveQuota().getRole());
            case RESERVE_RESOURCES ->
                reserve(
                        principal,
                        call.getReserveResources().getSourceList(),
                        call.getReserveResources().getResourcesList());
            case UNRESERVE_RESOURCES ->
                unreserve(principal, call.getUnreserveResources().getResourcesList());
            case CREATE_VOLUMES -> create(principal, call.getCreateVolumes().getVolumesList());
            case DESTROY_VOLUMES -> destroy(principal, call.getDestroyVolumes().getVolumesList());
            case GROW_VOLUME -> resize(principal, call.getGrowVolume().getVolume());
            case SHRINK_VOLUME -> resize(principal, call.getShrinkVolume().getVolume());
            case UNKNOWN,
                    EXPLAIN_OFFERS,
                    GET_HEALTH,
                    GET_FLAGS,
                    GET_VERSION,
                    GET_METRICS,
                    GET_LOGGING_LEVEL,
                    LIST_FILES,
                    READ_FILE,
                    GET_STATE,
                    GET_AGENTS,
                    GET_FRAMEWORKS,
                    GET_EXECUTORS,
                    GET_OPERATIONS,
                    GET_TASKS,
                    GET_ROLES,
                    GET_WEIGHTS,
                    GET_MASTER,
                    SUBSCRIBE,
                    GET_MAINTENANCE_STATUS,
                    GET_MAINTENANCE_SCHEDULE,
                    GET_QUOTA -> ALLOWED;
        };
    }

    private Optional<Rejection> teardown(@Nullable String principal, String frameworkId) {
        Framework framework = cluster.framework(frameworkId);
        return framework == null
                ? ALLOWED
                : check(principal, Action.TEARDOWN_FRAMEWORKS, principal(framework.info()), "framework " + frameworkId);
    }

    /** A reservation may take resources out of other ones. */
    private Optional<Rejection> reserve(@Nullable String principal, List<Resource> source, List<Resource> target) {
        return roles(
                        principal,
                        Action.RESERVE_RESOURCES,
                        target.stream().map(Authorization::roleOf).toList())
                .or(() -> unreserve(principal, source));
    }

    private Optional<Rejection> unreserve(@Nullable String principal, List<Resource> resources) {
        for (Resource resource : resources) {
            String reserver = reserverOf(resource);
            Optional<Rejection> refused =
                    check(principal, Action.UNRESERVE_RESOURCES, reserver, "a reservation of " + name(reserver));
            if (refused.isPresent()) {
                return refused;
            }
        }
        return ALLOWED;
    }

    private Optional<Rejection> create(@Nullable String principal, List<Resource> volumes) {
        return roles(
                principal,
                Action.CREATE_VOLUMES,
                volumes.stream().map(Authorization::roleOf).toList());
    }

    private Optional<Rejection> destroy(@Nullable String principal, List<Resource> volumes) {
        for (Resource volume : volumes) {
            String creator = volume.getDisk().getPersistence().hasPrincipal()
                    ? volume.getDisk().getPersistence().getPrincipal()
                    : null;
            Optional<Rejection> refused =
                    check(principal, Action.DESTROY_VOLUMES, creator, "a volume of " + name(creator));
            if (refused.isPresent()) {
                return refused;
            }
        }
        return ALLOWED;
    }

    private Optional<Rejection> resize(@Nullable String principal, Resource volume) {
        return role(principal, Action.RESIZE_VOLUMES, roleOf(volume));
    }

    private Optional<Rejection> destroyDisk(@Nullable String principal, Resource disk) {
        Action action =
                switch (disk.getDisk().getSource().getType()) {
                    case BLOCK -> Action.DESTROY_BLOCK_DISKS;
                    case MOUNT -> Action.DESTROY_MOUNT_DISKS;
                    case RAW, PATH, UNKNOWN -> Action.DESTROY_RAW_DISKS;
                };
        return role(principal, action, roleOf(disk));
    }

    private Optional<Rejection> roles(@Nullable String principal, Action action, List<String> roles) {
        for (String role : roles) {
            Optional<Rejection> refused = role(principal, action, role);
            if (refused.isPresent()) {
                return refused;
            }
        }
        return ALLOWED;
    }

    private Optional<Rejection> role(@Nullable String principal, Action action, String role) {
        return check(principal, action, role, "role '" + role + "'");
    }

    private Optional<Rejection> any(@Nullable String principal, Action action) {
        return check(principal, action, null, "any");
    }

    private Optional<Rejection> check(@Nullable String principal, Action action, @Nullable String object, String what) {
        return acls.permits(principal, action, object)
                ? ALLOWED
                : Optional.of(Rejection.forbidden(
                        "Not authorized: " + name(principal) + " may not " + action.key() + " for " + what));
    }

    private static Optional<String> why(Optional<Rejection> rejection) {
        return rejection.map(Rejection::message);
    }

    private static @Nullable String principal(FrameworkInfo info) {
        return info.hasPrincipal() ? info.getPrincipal() : null;
    }

    private static String name(@Nullable String principal) {
        return principal == null ? "nobody" : "principal '" + principal + "'";
    }

    /** Of the topmost reservation, in either form. */
    @SuppressWarnings("deprecation") // clients without RESERVATION_REFINEMENT use the old form
    private static String roleOf(Resource resource) {
        int reservations = resource.getReservationsCount();
        return reservations > 0 ? resource.getReservations(reservations - 1).getRole() : resource.getRole();
    }

    private static @Nullable String reserverOf(Resource resource) {
        int reservations = resource.getReservationsCount();
        Resource.ReservationInfo top =
                reservations > 0 ? resource.getReservations(reservations - 1) : resource.getReservation();
        return top.hasPrincipal() ? top.getPrincipal() : null;
    }
}
