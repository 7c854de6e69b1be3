package io.paddock.marathon.core;

import io.paddock.marathon.core.deploy.Deployment;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Container.PortMapping;
import io.paddock.marathon.core.model.Group;
import io.paddock.marathon.core.model.Networking.PortDefinition;
import io.paddock.marathon.core.model.PathId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Everything marathon knows. Its durable part changes only by {@link #apply}, now and at recovery alike. What is derived
 * (locks, indexes, used ports) is kept with it, so that there is one source of truth.
 */
final class State implements Fact.Handler<@Nullable Void> {
    private final NavigableMap<PathId, AppEntry> entries = new TreeMap<>();
    private final NavigableMap<PathId, App> apps = new TreeMap<>();
    private final NavigableMap<PathId, Group> groups = new TreeMap<>();
    private final LinkedHashMap<String, Deployment> deployments = new LinkedHashMap<>();
    private final TreeMap<PathId, String> locks = new TreeMap<>();
    private final Map<String, PathId> appOfInstance = new HashMap<>();
    private final TreeMap<Integer, Integer> servicePorts = new TreeMap<>();
    private final Set<PathId> waiting = new LinkedHashSet<>();
    private @Nullable String frameworkId;
    private Instant lastVersion = Instant.EPOCH;

    State() {
        groups.put(PathId.ROOT, Group.empty(PathId.ROOT, Instant.EPOCH));
    }

    void apply(Fact fact) {
        fact.handle(this);
    }

    @Nullable
    String frameworkId() {
        return frameworkId;
    }

    @Nullable
    AppEntry entry(PathId id) {
        return entries.get(id);
    }

    NavigableMap<PathId, AppEntry> entries() {
        return Collections.unmodifiableNavigableMap(entries);
    }

    /** Definitions in effect. */
    NavigableMap<PathId, App> apps() {
        return Collections.unmodifiableNavigableMap(apps);
    }

    NavigableMap<PathId, Group> groups() {
        return Collections.unmodifiableNavigableMap(groups);
    }

    Map<String, Deployment> deployments() {
        return Collections.unmodifiableMap(deployments);
    }

    /** The deployment that holds an app; null when it is free. */
    @Nullable
    Deployment deploymentOf(PathId app) {
        String id = locks.get(app);
        return id == null ? null : deployments.get(id);
    }

    /** The deployments that hold any of these apps, oldest first. */
    List<Deployment> deploymentsOf(Set<PathId> ids) {
        Set<String> held = new TreeSet<>();
        ids.forEach(id -> Optional.ofNullable(locks.get(id)).ifPresent(held::add));
        return deployments.values().stream().filter(d -> held.contains(d.id())).toList();
    }

    /** The entry of the app an instance belongs to; null when the instance is not known. */
    @Nullable
    AppEntry entryOfInstance(String instanceId) {
        PathId id = appOfInstance.get(instanceId);
        return id == null ? null : entries.get(id);
    }

    /** Apps with instances that wait for an agent. */
    List<AppEntry> waiting() {
        List<AppEntry> result = new ArrayList<>();
        waiting.forEach(id -> Optional.ofNullable(entries.get(id)).ifPresent(result::add));
        return result;
    }

    boolean isServicePortUsed(int port) {
        return servicePorts.containsKey(port);
    }

    /** The ids of the apps below a group. */
    SortedSet<PathId> appsIn(PathId group) {
        String prefix = group.isRoot() ? "/" : group + "/";
        SortedSet<PathId> result = new TreeSet<>();
        for (PathId id : apps.tailMap(new PathId(prefix), true).keySet()) {
            if (!id.text().startsWith(prefix)) {
                break;
            }
            result.add(id);
        }
        return result;
    }

    /** A new version: now, but later than any before. */
    Instant nextVersion(Instant now) {
        Instant millis = now.truncatedTo(java.time.temporal.ChronoUnit.MILLIS);
        return millis.isAfter(lastVersion) ? millis : lastVersion.plusMillis(1);
    }

    MarathonView view(boolean connected) {
        NavigableMap<PathId, AppView> views = new TreeMap<>();
        entries.forEach((id, entry) -> views.put(id, entry.view()));
        return new MarathonView(
                views,
                new TreeMap<>(groups),
                new LinkedHashMap<>(deployments),
                new TreeMap<>(locks),
                frameworkId,
                connected);
    }

    private AppEntry entryFor(PathId id) {
        return entries.computeIfAbsent(id, AppEntry::new);
    }

    private void forgetIfEmpty(AppEntry entry) {
        if (entry.isEmpty()) {
            entries.remove(entry.id());
        }
    }

    private void countPorts(@Nullable App app, int by) {
        if (app == null) {
            return;
        }
        for (PortDefinition p : app.networking().portDefinitions()) {
            countPort(p.port(), by);
        }
        for (PortMapping m : app.container().portMappings()) {
            countPort(m.servicePort(), by);
        }
    }

    private void countPort(int port, int by) {
        if (port > 0) {
            servicePorts.merge(port, by, Integer::sum);
            servicePorts.remove(port, 0);
        }
    }

    private void sawVersion(Instant version) {
        lastVersion = version.isAfter(lastVersion) ? version : lastVersion;
    }

    @Override
    public @Nullable Void frameworkRegistered(Fact.FrameworkRegistered r) {
        frameworkId = r.frameworkId();
        return null;
    }

    @Override
    public @Nullable Void frameworkForgotten(Fact.FrameworkForgotten r) {
        frameworkId = null;
        return null;
    }

    @Override
    public @Nullable Void appDefined(Fact.AppDefined r) {
        AppEntry entry = entryFor(r.app().id());
        countPorts(entry.current(), -1);
        entry.define(r.app());
        countPorts(entry.current(), 1);
        apps.put(entry.id(), java.util.Objects.requireNonNull(entry.current()));
        sawVersion(r.app().version());
        return null;
    }

    @Override
    public @Nullable Void appVersionDropped(Fact.AppVersionDropped r) {
        AppEntry entry = entries.get(r.app());
        if (entry != null) {
            entry.dropVersion(r.version());
        }
        return null;
    }

    @Override
    public @Nullable Void appRemoved(Fact.AppRemoved r) {
        AppEntry entry = entries.get(r.app());
        if (entry != null) {
            countPorts(entry.current(), -1);
            entry.undefine();
            apps.remove(r.app());
            forgetIfEmpty(entry);
        }
        return null;
    }

    @Override
    public @Nullable Void groupDefined(Fact.GroupDefined r) {
        groups.put(r.group().id(), r.group());
        sawVersion(r.group().version());
        return null;
    }

    @Override
    public @Nullable Void groupRemoved(Fact.GroupRemoved r) {
        groups.remove(r.group());
        return null;
    }

    @Override
    public @Nullable Void instanceChanged(Fact.InstanceChanged r) {
        Instance instance = r.instance();
        AppEntry entry = entryFor(instance.app());
        entry.put(instance);
        appOfInstance.put(instance.id(), instance.app());
        noteWaiting(entry);
        return null;
    }

    @Override
    public @Nullable Void instanceForgotten(Fact.InstanceForgotten r) {
        appOfInstance.remove(r.instanceId());
        AppEntry entry = entries.get(r.app());
        if (entry != null) {
            entry.remove(r.instanceId());
            noteWaiting(entry);
            forgetIfEmpty(entry);
        }
        return null;
    }

    private void noteWaiting(AppEntry entry) {
        if (entry.scheduled().isEmpty()) {
            waiting.remove(entry.id());
        } else {
            waiting.add(entry.id());
        }
    }

    @Override
    public @Nullable Void deploymentChanged(Fact.DeploymentChanged r) {
        deployments.put(r.deployment().id(), r.deployment());
        r.deployment().affectedApps().forEach(id -> locks.put(id, r.deployment().id()));
        sawVersion(r.deployment().version());
        return null;
    }

    @Override
    public @Nullable Void deploymentEnded(Fact.DeploymentEnded r) {
        deployments.remove(r.deploymentId());
        locks.values().removeIf(id -> id.equals(r.deploymentId()));
        return null;
    }

    @Override
    public @Nullable Void taskFailed(Fact.TaskFailed r) {
        AppEntry entry = entries.get(r.failure().app());
        if (entry != null) {
            entry.setLastFailure(r.failure());
        }
        return null;
    }
}
