package io.paddock.marathon.core;

import io.paddock.common.Rejection;
import io.paddock.marathon.core.deploy.Action;
import io.paddock.marathon.core.deploy.Action.Kind;
import io.paddock.marathon.core.deploy.DependencyOrder;
import io.paddock.marathon.core.deploy.Deployment;
import io.paddock.marathon.core.deploy.Planner;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.instance.TimeUuids;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.App.VersionInfo;
import io.paddock.marathon.core.model.Group;
import io.paddock.marathon.core.model.PathId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Carries out a change of the tree, or refuses it whole: checks it against the rest of the tree, assigns service ports,
 * stamps versions, makes the plan, takes or asks for the locks, and begins the deployment.
 */
final class Changes {
    /** A plan is stored as one value, which the store limits. */
    private static final int MAX_APPS = 10_000;

    private final State state;
    private final Settings settings;
    private final Deployments deployments;
    private final Kills kills;
    private final TimeUuids uuids;
    private final ServicePorts ports;

    Changes(State state, Settings settings, Deployments deployments, Kills kills, TimeUuids uuids) {
        this.state = state;
        this.settings = settings;
        this.deployments = deployments;
        this.kills = kills;
        this.uuids = uuids;
        this.ports = new ServicePorts(state, settings.portMin(), settings.portMax());
    }

    /** A change that passed all checks. */
    private record Prepared(
            Instant version,
            SortedMap<PathId, App> originals,
            SortedMap<PathId, App> targets,
            Set<PathId> affected,
            List<List<Action>> steps,
            List<Group> newGroups) {}

    /** Carries a change out. */
    Answer carryOut(Turn turn, RootChange change, boolean force, boolean created) {
        Instant version = state.nextVersion(turn.now());
        NavigableMap<PathId, App> targets = new TreeMap<>();
        Optional<Refusal> wrong = complete(change, version, targets);
        if (wrong.isPresent()) {
            return new Answer.Refused(wrong.get());
        }
        Prepared prepared = prepare(change, version, targets);
        Optional<String> cycle = findCycle(prepared, change);
        if (cycle.isPresent()) {
            return new Answer.Refused(
                    Refusal.invalid("/dependencies", "dependencies must not be cyclic: " + cycle.get()));
        }
        List<Deployment> conflicts = state.deploymentsOf(prepared.affected());
        if (!conflicts.isEmpty() && !force) {
            return new Answer.Refused(
                    Refusal.locked(conflicts.stream().map(Deployment::id).toList()));
        }
        if (state.deployments().size() - conflicts.size() >= settings.maxDeployments()) {
            return new Answer.Refused(Refusal.of(new Rejection(
                    Rejection.Code.FORBIDDEN,
                    "Max number (" + settings.maxDeployments()
                            + ") of running deployments is achieved. Wait for existing deployments to complete or"
                            + " cancel one.")));
        }
        return begin(turn, change, prepared, conflicts, created);
    }

    /** The plan of a change, without doing anything. */
    Answer dryRun(Turn turn, RootChange change) {
        Instant version = state.nextVersion(turn.now());
        NavigableMap<PathId, App> targets = new TreeMap<>();
        return complete(change, version, targets)
                .<Answer>map(Answer.Refused::new)
                .orElseGet(() ->
                        new Answer.Planned(prepare(change, version, targets).steps()));
    }

    /** Fills in service ports and versions, or says what is wrong with the change. */
    private Optional<Refusal> complete(RootChange change, Instant version, NavigableMap<PathId, App> targets) {
        if (change.puts().size() + change.removed().size() > MAX_APPS) {
            return Optional.of(Refusal.unprocessable("One change may touch " + MAX_APPS + " apps at most"));
        }
        Optional<Refusal> conflict = TreeRules.check(state, change);
        if (conflict.isPresent()) {
            return conflict;
        }
        Optional<Refusal> noPorts = ports.assign(change.puts(), targets);
        if (noPorts.isEmpty()) {
            targets.replaceAll((id, app) -> stamped(app, version, change));
        }
        return noPorts;
    }

    private Prepared prepare(RootChange change, Instant version, NavigableMap<PathId, App> targets) {
        SortedMap<PathId, App> originals = new TreeMap<>();
        Set<PathId> touched = new TreeSet<>(targets.keySet());
        touched.addAll(change.removed());
        touched.forEach(id -> Optional.ofNullable(state.apps().get(id)).ifPresent(app -> originals.put(id, app)));
        Set<PathId> affected = Planner.changed(originals, targets);
        affected.addAll(change.restarts());
        originals.keySet().retainAll(affected);
        targets.keySet().retainAll(affected);
        SortedMap<PathId, Integer> depths = order(targets, change, affected);
        List<List<Action>> steps = Planner.plan(originals, targets, replaced(targets.keySet(), change), depths);
        return new Prepared(version, originals, targets, affected, steps, newGroups(change, version));
    }

    /** Those asked for, and those whose replacement is under way: a change that takes it over has to bring it to its end. */
    private Set<PathId> replaced(Set<PathId> targets, RootChange change) {
        Set<PathId> apps = new TreeSet<>(change.restarts());
        for (PathId id : targets) {
            Deployment running = state.deploymentOf(id);
            if (running != null
                    && running.steps().stream().anyMatch(step -> step.contains(new Action(Kind.RESTART, id)))) {
                apps.add(id);
            }
        }
        return apps;
    }

    private SortedMap<PathId, Integer> order(SortedMap<PathId, App> targets, RootChange change, Set<PathId> affected) {
        DependencyOrder order = dependencies(targets, change);
        order.findCycle(affected);
        return order.depths(affected);
    }

    private Optional<String> findCycle(Prepared prepared, RootChange change) {
        Set<PathId> asked = new TreeSet<>(prepared.affected());
        if (!change.groups().isEmpty()) {
            asked.addAll(state.apps().keySet());
        }
        return dependencies(prepared.targets(), change).findCycle(asked);
    }

    /** Over all apps after the change. The overlay is copied only when somebody has dependencies at all. */
    private DependencyOrder dependencies(SortedMap<PathId, App> targets, RootChange change) {
        NavigableMap<PathId, App> after = new TreeMap<>(targets);
        NavigableMap<PathId, Group> groups = new TreeMap<>(state.groups());
        groups.putAll(change.groups());
        boolean anyDependency = targets.values().stream()
                        .anyMatch(a -> !a.dependencies().isEmpty())
                || groups.values().stream().anyMatch(g -> !g.dependencies().isEmpty());
        if (anyDependency) {
            state.apps().forEach(after::putIfAbsent);
            change.removed().forEach(after::remove);
        }
        return new DependencyOrder(after, groups);
    }

    private App stamped(App app, Instant version, RootChange change) {
        App before = state.apps().get(app.id());
        boolean restarted = change.restarts().contains(app.id());
        if (change.isRestored(app.id())) {
            return app.at(version, new VersionInfo(version, app.versionInfo().lastConfigChangeAt()));
        }
        if (before != null && !restarted && before.sameConfig(app)) {
            return before.instances() == app.instances()
                    ? before
                    : app.at(
                            version,
                            new VersionInfo(version, before.versionInfo().lastConfigChangeAt()));
        }
        return app.at(version, new VersionInfo(version, version));
    }

    /** Groups to store: those given and the missing ones above every app. */
    private List<Group> newGroups(RootChange change, Instant version) {
        SortedMap<PathId, Group> groups = new TreeMap<>();
        change.groups().forEach((id, group) -> groups.put(id, group.at(version)));
        Set<PathId> ids = new TreeSet<>(change.puts().keySet());
        ids.addAll(change.groups().keySet());
        for (PathId id : ids) {
            for (PathId group = id.parent(); !group.isRoot(); group = group.parent()) {
                if (!state.groups().containsKey(group)) {
                    groups.putIfAbsent(group, Group.empty(group, version));
                }
            }
        }
        return List.copyOf(groups.values());
    }

    private Answer begin(Turn turn, RootChange change, Prepared prepared, List<Deployment> conflicts, boolean created) {
        Deployment deployment = new Deployment(
                uuids.next(turn.now()),
                prepared.version(),
                prepared.steps(),
                prepared.originals(),
                prepared.targets(),
                0);
        for (Deployment old : conflicts) {
            deployments.cancel(turn, old, "taken over by deployment " + deployment.id());
        }
        prepared.newGroups().forEach(g -> turn.record(new Fact.GroupDefined(g)));
        prepared.targets().values().forEach(app -> define(turn, app));
        for (PathId id : prepared.originals().keySet()) {
            if (!prepared.targets().containsKey(id)) {
                AppEntry entry = state.entry(id);
                turn.record(new Fact.AppRemoved(
                        id,
                        entry == null ? List.of() : List.copyOf(entry.versions().keySet())));
                turn.settle(id);
            }
        }
        change.removedGroups().forEach(g -> turn.record(new Fact.GroupRemoved(g)));
        deployments.begin(turn, deployment);
        for (String victim : change.victims()) {
            AppEntry entry = state.entryOfInstance(victim);
            Instance instance = entry == null ? null : entry.instance(victim);
            if (instance != null && instance.isWanted()) {
                kills.decommission(turn, instance);
            }
        }
        turn.publish(new Notice.GroupChanged(PathId.ROOT, prepared.version()));
        publishChecks(turn, prepared);
        List<App> stored = new ArrayList<>();
        change.puts()
                .keySet()
                .forEach(id -> Optional.ofNullable(state.apps().get(id)).ifPresent(stored::add));
        return new Answer.Deploying(deployment.id(), prepared.version(), stored, created);
    }

    private static void publishChecks(Turn turn, Prepared prepared) {
        prepared.originals().forEach((id, app) -> {
            if (!app.checks().health().isEmpty()) {
                turn.publish(new Notice.HealthCheckRemoved(id));
            }
        });
        prepared.targets()
                .forEach((id, app) -> app.checks()
                        .health()
                        .forEach(check -> turn.publish(new Notice.HealthCheckAdded(id, app.version(), check))));
    }

    /** Stores a definition and drops the oldest ones nobody was started from. */
    private void define(Turn turn, App app) {
        turn.record(new Fact.AppDefined(app));
        AppEntry entry = state.entry(app.id());
        if (entry == null || entry.versions().size() <= settings.maxVersions()) {
            return;
        }
        Set<Instant> used = new TreeSet<>();
        entry.instances().forEach(i -> used.add(i.version()));
        int surplus = entry.versions().size() - settings.maxVersions();
        List<Instant> oldest = entry.versions().keySet().stream()
                .filter(v -> !used.contains(v))
                .limit(surplus)
                .toList();
        oldest.forEach(v -> turn.record(new Fact.AppVersionDropped(app.id(), v)));
    }
}
