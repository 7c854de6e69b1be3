package io.paddock.master.server.read;

import io.paddock.common.Users;
import io.paddock.common.authorization.Acls;
import io.paddock.common.authorization.Action;
import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.snapshot.AgentView;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.master.core.snapshot.FrameworkView;
import io.paddock.master.core.snapshot.MaintenanceView;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.Task;
import io.paddock.proto.v1.maintenance.ClusterStatus;
import io.paddock.proto.v1.maintenance.Schedule;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a principal may see: frameworks, tasks and executors by the user they run as, resources, weights and quotas by role,
 * maintenance or none.
 * The rest is left out as if it were not there.
 */
final class Visibility {
    private final Acls acls;
    private final @Nullable String principal;

    /** @param principal null for somebody not authenticated */
    Visibility(Acls acls, @Nullable String principal) {
        this.acls = acls;
        this.principal = principal;
    }

    /** Whether these rules hide anything from anybody. */
    static boolean isEverything(Acls acls) {
        return Stream.of(
                        Action.VIEW_FRAMEWORKS,
                        Action.VIEW_TASKS,
                        Action.VIEW_EXECUTORS,
                        Action.VIEW_ROLES,
                        Action.GET_QUOTAS,
                        Action.GET_MAINTENANCE_SCHEDULES,
                        Action.GET_MAINTENANCE_STATUSES)
                .allMatch(acls::isOpen);
    }

    boolean framework(FrameworkInfo info) {
        return acls.permits(principal, Action.VIEW_FRAMEWORKS, info.getUser());
    }

    /** @param framework the task's; null when nothing is known of it */
    boolean task(@Nullable FrameworkInfo framework, Task task) {
        return task(framework, task.getUser());
    }

    boolean task(@Nullable FrameworkInfo framework, String user) {
        return framework != null
                && framework(framework)
                && acls.permits(principal, Action.VIEW_TASKS, Users.of(user, framework.getUser()));
    }

    private boolean executor(@Nullable FrameworkInfo framework, ExecutorInfo executor) {
        return framework != null
                && framework(framework)
                && acls.permits(
                        principal,
                        Action.VIEW_EXECUTORS,
                        Users.of(executor.getCommand().getUser(), framework.getUser()));
    }

    private boolean role(String role) {
        return acls.permits(principal, Action.VIEW_ROLES, role);
    }

    ClusterSnapshot of(ClusterSnapshot all) {
        Map<String, FrameworkInfo> frameworks = new HashMap<>();
        Stream.concat(all.frameworks().stream(), all.completedFrameworks().stream())
                .forEach(framework -> frameworks.put(framework.id(), framework.info()));
        return new ClusterSnapshot(
                all.master(),
                all.electedAt(),
                all.takenAt(),
                all.agents().stream().map(agent -> of(agent, frameworks)).toList(),
                all.recoveredAgents().stream().map(this::of).toList(),
                all.pendingRemovals(),
                all.unreachableAgents(),
                all.goneAgents(),
                frameworks(all.frameworks()),
                frameworks(all.completedFrameworks()),
                allowed(all.weights(), Action.VIEW_ROLES),
                allowed(all.quotas(), Action.GET_QUOTAS),
                maintenance(all.maintenance()),
                all.whitelist(),
                all.tally());
    }

    private MaintenanceView maintenance(MaintenanceView all) {
        return new MaintenanceView(
                acls.permits(principal, Action.GET_MAINTENANCE_SCHEDULES)
                        ? all.schedule()
                        : Schedule.getDefaultInstance(),
                acls.permits(principal, Action.GET_MAINTENANCE_STATUSES)
                        ? all.status()
                        : ClusterStatus.getDefaultInstance(),
                all.inverseOffers());
    }

    private List<FrameworkView> frameworks(List<FrameworkView> frameworks) {
        return frameworks.stream()
                .filter(framework -> framework(framework.info()))
                .map(this::of)
                .toList();
    }

    FrameworkView of(FrameworkView all) {
        return new FrameworkView(
                all.info(),
                all.roles().stream().filter(this::role).toList(),
                all.suppressedRoles().stream().filter(this::role).toList(),
                all.offerConstraints(),
                all.connected(),
                all.active(),
                all.recovered(),
                of(all.used()),
                of(all.offered()),
                all.registeredAt(),
                all.reregisteredAt(),
                all.disconnectedAt(),
                all.unregisteredAt(),
                tasks(all.info(), all.completedTasks()),
                tasks(all.info(), all.unreachableTasks()));
    }

    private List<Task> tasks(FrameworkInfo framework, List<Task> tasks) {
        return tasks.stream().filter(task -> task(framework, task)).toList();
    }

    AgentView of(AgentView all, Map<String, FrameworkInfo> frameworks) {
        return new AgentView(
                of(all.info()),
                all.ip(),
                all.version(),
                all.capabilities(),
                all.https(),
                all.connected(),
                all.active(),
                all.deactivated(),
                all.drain(),
                all.drainSince(),
                all.unavailability(),
                all.registeredAt(),
                all.reregisteredAt(),
                of(all.total()),
                of(all.used()),
                of(all.offered()),
                all.tasks().stream()
                        .filter(task ->
                                task(frameworks.get(task.getFrameworkId().getValue()), task))
                        .toList(),
                all.executors().stream()
                        .filter(executor -> executor(frameworks.get(executor.frameworkId()), executor.info()))
                        .toList(),
                all.offers().stream()
                        .filter(offer -> sees(frameworks.get(offer.frameworkId())) && role(offer.role()))
                        .toList(),
                all.operations().stream()
                        .filter(operation -> !operation.hasFrameworkId()
                                || sees(frameworks.get(
                                        operation.getFrameworkId().getValue())))
                        .toList());
    }

    private boolean sees(@Nullable FrameworkInfo framework) {
        return framework != null && framework(framework);
    }

    private AgentInfo of(AgentInfo all) {
        List<Resource> seen = all.getResourcesList().stream().filter(this::sees).toList();
        return seen.size() == all.getResourcesCount()
                ? all
                : all.toBuilder().clearResources().addAllResources(seen).build();
    }

    private boolean sees(Resource resource) {
        int reservations = resource.getReservationsCount();
        return reservations == 0
                || role(resource.getReservations(reservations - 1).getRole());
    }

    private Resources of(Resources all) {
        return acls.isOpen(Action.VIEW_ROLES) ? all : all.filter(this::sees);
    }

    private boolean sees(ResourceKey key) {
        String allocatedTo = key.allocationRole();
        return (key.reservations().isEmpty() || role(key.reservedTo())) && (allocatedTo == null || role(allocatedTo));
    }

    private <V> SortedMap<String, V> allowed(SortedMap<String, V> byRole, Action action) {
        SortedMap<String, V> seen = new TreeMap<>(byRole);
        seen.keySet().removeIf(role -> !acls.permits(principal, action, role));
        return seen;
    }
}
