package io.paddock.marathon.core;

import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.App.VersionInfo;
import io.paddock.marathon.core.model.Checks;
import io.paddock.marathon.core.model.Checks.HealthCheck;
import io.paddock.marathon.core.model.Checks.Protocol;
import io.paddock.marathon.core.model.Command;
import io.paddock.marathon.core.model.Constraint;
import io.paddock.marathon.core.model.Container;
import io.paddock.marathon.core.model.Networking;
import io.paddock.marathon.core.model.Networking.Network;
import io.paddock.marathon.core.model.Networking.PortDefinition;
import io.paddock.marathon.core.model.PathId;
import io.paddock.marathon.core.model.Placement;
import io.paddock.marathon.core.model.Rollout;
import io.paddock.marathon.core.model.Rollout.KillSelection;
import io.paddock.marathon.core.model.Rollout.Unreachable;
import io.paddock.marathon.core.model.Rollout.UpgradeStrategy;
import io.paddock.marathon.core.model.Sizing;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Definitions for tests: a small web app on the host network, and what can be changed about it. */
final class Apps {
    private Apps() {}

    static App app(String id, int instances) {
        return new App(
                PathId.of(id),
                instances,
                new Command(
                        "serve $PORT0",
                        List.of(),
                        null,
                        new TreeMap<>(),
                        List.of(),
                        "",
                        Command.ExecutorResources.DEFAULT,
                        null),
                new Sizing(0.1, 32, 0, 0, null, null),
                new Placement(List.of(), null, "*"),
                new Networking(
                        List.of(Network.HOST),
                        List.of(new PortDefinition(0, "tcp", "default", new TreeMap<>())),
                        false),
                Container.NONE,
                Checks.NONE,
                rollout(UpgradeStrategy.DEFAULT, Unreachable.DEFAULT),
                List.of(),
                new TreeMap<>(),
                Instant.EPOCH,
                VersionInfo.NONE);
    }

    static Rollout rollout(UpgradeStrategy upgrade, @Nullable Unreachable unreachable) {
        return new Rollout(upgrade, 1, 1.15, 300, null, KillSelection.YOUNGEST_FIRST, unreachable);
    }

    static App withEnv(App a, String name, String value) {
        SortedMap<String, String> env = new TreeMap<>(a.command().env());
        env.put(name, value);
        Command c = a.command();
        Command changed =
                new Command(c.cmd(), c.args(), c.user(), env, c.fetch(), c.executor(), c.executorResources(), c.tty());
        return new App(
                a.id(),
                a.instances(),
                changed,
                a.sizing(),
                a.placement(),
                a.networking(),
                a.container(),
                a.checks(),
                a.rollout(),
                a.dependencies(),
                a.labels(),
                a.version(),
                a.versionInfo());
    }

    static App withSizing(App a, double cpus, double mem) {
        return new App(
                a.id(),
                a.instances(),
                a.command(),
                new Sizing(cpus, mem, 0, 0, null, null),
                a.placement(),
                a.networking(),
                a.container(),
                a.checks(),
                a.rollout(),
                a.dependencies(),
                a.labels(),
                a.version(),
                a.versionInfo());
    }

    static App withRollout(App a, Rollout rollout) {
        return new App(
                a.id(),
                a.instances(),
                a.command(),
                a.sizing(),
                a.placement(),
                a.networking(),
                a.container(),
                a.checks(),
                rollout,
                a.dependencies(),
                a.labels(),
                a.version(),
                a.versionInfo());
    }

    static App withUpgrade(App a, double minimumHealth, double over) {
        return withRollout(
                a, rollout(new UpgradeStrategy(minimumHealth, over), a.rollout().unreachable()));
    }

    static App withChecks(App a, Checks checks) {
        return new App(
                a.id(),
                a.instances(),
                a.command(),
                a.sizing(),
                a.placement(),
                a.networking(),
                a.container(),
                checks,
                a.rollout(),
                a.dependencies(),
                a.labels(),
                a.version(),
                a.versionInfo());
    }

    static App withConstraints(App a, Constraint... constraints) {
        return a.withPlacement(new Placement(
                List.of(constraints),
                a.placement().acceptedResourceRoles(),
                a.placement().role()));
    }

    static App withDependencies(App a, String... ids) {
        List<PathId> dependencies = List.of(ids).stream().map(PathId::of).toList();
        return new App(
                a.id(),
                a.instances(),
                a.command(),
                a.sizing(),
                a.placement(),
                a.networking(),
                a.container(),
                a.checks(),
                a.rollout(),
                dependencies,
                a.labels(),
                a.version(),
                a.versionInfo());
    }

    static HealthCheck check(Protocol protocol, int grace, int interval, int maxFailures) {
        return new HealthCheck(protocol, "/", 0, null, null, grace, interval, 20, maxFailures, null, "IPv4", 15);
    }

    static App withHealth(App a) {
        return withChecks(a, new Checks(List.of(check(Protocol.HTTP, 10, 5, 3)), null, List.of()));
    }
}
