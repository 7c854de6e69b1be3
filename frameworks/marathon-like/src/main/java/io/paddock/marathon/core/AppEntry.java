package io.paddock.marathon.core;

import io.paddock.marathon.core.health.HealthResult;
import io.paddock.marathon.core.health.Readiness;
import io.paddock.marathon.core.instance.Condition;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.launch.Backoff;
import io.paddock.marathon.core.launch.LaunchLog;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.PathId;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of one app: its definitions and instances, which are durable, and what is soft: results of checks,
 * delays, what became of offers. An app that was deleted stays until its last instance is gone.
 */
final class AppEntry {
    private final PathId id;
    private final NavigableMap<Instant, App> versions = new TreeMap<>();
    private final Map<String, Instance> instances = new LinkedHashMap<>();
    private final Set<String> scheduled = new LinkedHashSet<>();
    private final Map<String, List<HealthResult>> health = new LinkedHashMap<>();
    private final Map<String, Readiness> readiness = new LinkedHashMap<>();
    private final LaunchLog launchLog = new LaunchLog();
    private Backoff backoff = Backoff.NONE;
    private Instant waitingSince = Instant.EPOCH;
    private @Nullable TaskFailure lastFailure;
    private @Nullable AppView view;

    AppEntry(PathId id) {
        this.id = id;
    }

    PathId id() {
        return id;
    }

    /** The definition in effect; null when the app was deleted. */
    @Nullable
    App current() {
        return versions.isEmpty() ? null : versions.lastEntry().getValue();
    }

    /** The definition an instance was started from, or the closest there is; null when the app was deleted. */
    @Nullable
    App definitionOf(Instance instance) {
        App exact = versions.get(instance.version());
        return exact != null ? exact : current();
    }

    NavigableMap<Instant, App> versions() {
        return Collections.unmodifiableNavigableMap(versions);
    }

    void define(App app) {
        versions.put(app.version(), app);
        view = null;
    }

    void dropVersion(Instant version) {
        versions.remove(version);
        view = null;
    }

    void undefine() {
        versions.clear();
        view = null;
    }

    Collection<Instance> instances() {
        return Collections.unmodifiableCollection(instances.values());
    }

    @Nullable
    Instance instance(String instanceId) {
        return instances.get(instanceId);
    }

    /** The ids of wanted instances without an agent, longest waiting first. */
    Set<String> scheduled() {
        return Collections.unmodifiableSet(scheduled);
    }

    void put(Instance instance) {
        instances.put(instance.id(), instance);
        if (instance.condition() == Condition.SCHEDULED && instance.isWanted()) {
            if (scheduled.isEmpty()) {
                waitingSince = instance.since();
                launchLog.restart();
            }
            scheduled.add(instance.id());
        } else {
            scheduled.remove(instance.id());
        }
        if (!instance.condition().isPlaced()) {
            forgetChecks(instance.id());
        }
        view = null;
    }

    void remove(String instanceId) {
        instances.remove(instanceId);
        scheduled.remove(instanceId);
        forgetChecks(instanceId);
        view = null;
    }

    private void forgetChecks(String instanceId) {
        health.remove(instanceId);
        readiness.remove(instanceId);
    }

    List<HealthResult> health(String instanceId) {
        return health.getOrDefault(instanceId, List.of());
    }

    void putHealth(String instanceId, List<HealthResult> results) {
        health.put(instanceId, List.copyOf(results));
        view = null;
    }

    @Nullable
    Readiness readiness(String instanceId) {
        return readiness.get(instanceId);
    }

    void putReadiness(String instanceId, Readiness result) {
        readiness.put(instanceId, result);
        view = null;
    }

    /** Readiness counts during deployments only. */
    void forgetReadiness() {
        readiness.clear();
        view = null;
    }

    LaunchLog launchLog() {
        view = null;
        return launchLog;
    }

    Instant waitingSince() {
        return waitingSince;
    }

    Backoff backoff() {
        return backoff;
    }

    void setBackoff(Backoff changed) {
        backoff = changed;
        view = null;
    }

    void setLastFailure(TaskFailure failure) {
        lastFailure = failure;
        view = null;
    }

    /** Whether an instance works as far as is known: it runs, and the last results of its checks, if any, were good. */
    boolean isHealthy(Instance instance) {
        if (!instance.isRunning()) {
            return false;
        }
        App app = definitionOf(instance);
        return app == null || app.checks().health().isEmpty() || Boolean.TRUE.equals(instance.healthy());
    }

    /** Whether a new instance may count in a deployment. */
    boolean isReady(Instance instance) {
        App app = definitionOf(instance);
        if (!isHealthy(instance) || app == null || app.checks().readiness().isEmpty()) {
            return isHealthy(instance);
        }
        Readiness known = readiness.get(instance.id());
        return known != null && known.ready() && known.taskId().equals(instance.taskId());
    }

    boolean isEmpty() {
        return versions.isEmpty() && instances.isEmpty();
    }

    AppView view() {
        AppView known = view;
        if (known == null) {
            known = new AppView(
                    id,
                    new TreeMap<>(versions),
                    List.copyOf(instances.values()),
                    Map.copyOf(health),
                    Map.copyOf(readiness),
                    lastFailure,
                    backoff,
                    waitingSince,
                    scheduled.size(),
                    launchLog.summary());
            view = known;
        }
        return known;
    }
}
