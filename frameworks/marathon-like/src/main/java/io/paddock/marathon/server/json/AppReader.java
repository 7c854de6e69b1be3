package io.paddock.marathon.server.json;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.App.VersionInfo;
import io.paddock.marathon.core.model.Checks;
import io.paddock.marathon.core.model.Command;
import io.paddock.marathon.core.model.Command.ExecutorResources;
import io.paddock.marathon.core.model.Command.Fetch;
import io.paddock.marathon.core.model.Constraint;
import io.paddock.marathon.core.model.Container;
import io.paddock.marathon.core.model.Networking;
import io.paddock.marathon.core.model.PathId;
import io.paddock.marathon.core.model.Placement;
import io.paddock.marathon.core.model.Rollout;
import io.paddock.marathon.core.model.Rollout.KillSelection;
import io.paddock.marathon.core.model.Rollout.Unreachable;
import io.paddock.marathon.core.model.Rollout.UpgradeStrategy;
import io.paddock.marathon.core.model.Sizing;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads apps as clients send them, of today and of before 1.5 ({@code ports}, {@code uris}, {@code ipAddress},
 * {@code container.docker.network}). A field that is absent keeps the value of the definition that is changed, or gets its
 * default; one that is present replaces the value whole.
 */
public final class AppReader {
    private static final Pattern ARCHIVE =
            Pattern.compile(".*\\.(tar|tar\\.gz|tar\\.bz2|tar\\.xz|gz|tgz|tbz2|txz|zip)$");

    private final AppDefaults defaults;

    public AppReader(AppDefaults defaults) {
        this.defaults = defaults;
    }

    /**
     * Reads a definition.
     *
     * @param id where it is, whatever the document says; absent when the document must say so
     * @param base the definition it changes; absent when it is complete
     * @throws InvalidJson naming all fields of the wrong type
     */
    public App read(JsonNode json, @Nullable PathId id, @Nullable App base) throws InvalidJson {
        JsonIn in = JsonIn.root(json);
        App app = read(in, id, PathId.ROOT, base);
        in.check();
        return app;
    }

    /** Reads a definition inside a document; relative ids are taken from a group. */
    App read(JsonIn in, @Nullable PathId id, PathId group, @Nullable App base) {
        PathId own = id != null ? id : group.resolve(in.requiredText("id"));
        NetworkReader networks = new NetworkReader(defaults);
        Networking networking = networks.networks(in, base);
        Container container = ContainerReader.container(in, base, networking);
        networking = networks.ports(in, base, networking);
        return new App(
                own,
                in.integer("instances", 0, base == null ? 1 : base.instances()),
                command(in, base),
                sizing(in, base == null ? null : base.sizing()),
                placement(in, base == null ? null : base.placement()),
                networking,
                container,
                CheckReader.checks(in, base == null ? Checks.NONE : base.checks(), networking, container),
                rollout(in, base == null ? null : base.rollout(), isSingle(in, base)),
                dependencies(in, own, base),
                in.has("labels") || base == null ? in.textMap("labels") : base.labels(),
                Instant.EPOCH,
                VersionInfo.NONE);
    }

    private static boolean isSingle(JsonIn in, @Nullable App base) {
        SortedMap<String, String> labels = in.has("labels") || base == null ? in.textMap("labels") : base.labels();
        return "true".equalsIgnoreCase(labels.get(App.SINGLE_INSTANCE_LABEL));
    }

    private static Command command(JsonIn in, @Nullable App baseApp) {
        Command base = baseApp == null ? null : baseApp.command();
        boolean cmdGiven = in.has("cmd");
        boolean argsGiven = !in.array("args").isEmpty();
        if (in.has("secrets") && in.child("secrets").node().size() > 0) {
            in.wrong("secrets", "the feature 'secrets' is not available");
        }
        return new Command(
                in.text("cmd", base == null || argsGiven ? null : base.cmd()),
                in.has("args") || base == null || cmdGiven ? in.texts("args") : base.args(),
                in.text("user", base == null ? null : base.user()),
                in.has("env") || base == null ? env(in) : base.env(),
                in.has("fetch") || in.has("uris") || base == null ? fetch(in) : base.fetch(),
                String.valueOf(in.text("executor", base == null ? "" : base.executor())),
                in.object("executorResources")
                        .map(r -> new ExecutorResources(
                                r.number("cpus", 0, 0.1), r.number("mem", 0, 32), r.number("disk", 0, 10)))
                        .orElse(base == null ? ExecutorResources.DEFAULT : base.executorResources()),
                (base == null || in.has("tty")) ? in.flag("tty") : base.tty());
    }

    private static SortedMap<String, String> env(JsonIn in) {
        SortedMap<String, String> env = new TreeMap<>();
        in.object("env")
                .ifPresent(map -> map.node().fieldNames().forEachRemaining(name -> {
                    JsonIn value = map.child(name);
                    if (name.isEmpty()) {
                        map.wrong("names must not be empty");
                    } else if (value.node().isObject()) {
                        value.wrong("the feature 'secrets' is not available");
                    } else if (!value.node().isNull()) {
                        env.put(
                                name,
                                value.node().isNumber() || value.node().isBoolean()
                                        ? value.node().asText()
                                        : value.text());
                    }
                }));
        return env;
    }

    private static List<Fetch> fetch(JsonIn in) {
        List<Fetch> fetch = new ArrayList<>(in.list(
                "fetch",
                f -> new Fetch(
                        f.requiredText("uri"),
                        f.flag("extract", true),
                        f.flag("executable", false),
                        f.flag("cache", false),
                        f.text("destPath", null))));
        List<String> uris = in.texts("uris");
        if (!fetch.isEmpty() && !uris.isEmpty()) {
            in.wrong("uris", "must not be given together with fetch");
        }
        for (String uri : uris) {
            boolean archive = ARCHIVE.matcher(uri.toLowerCase(Locale.ROOT)).matches();
            fetch.add(new Fetch(uri, archive, false, false, null));
        }
        return fetch;
    }

    private static Sizing sizing(JsonIn in, @Nullable Sizing base) {
        JsonIn limits = in.object("resourceLimits").orElse(null);
        return new Sizing(
                in.number("cpus", 0, base == null ? 1 : base.cpus()),
                in.number("mem", 0, base == null ? 128 : base.mem()),
                in.number("disk", 0, base == null ? 0 : base.disk()),
                in.integer("gpus", 0, base == null ? 0 : base.gpus()),
                limits != null ? limit(limits, "cpus") : base == null ? null : base.cpusLimit(),
                limits != null ? limit(limits, "mem") : base == null ? null : base.memLimit());
    }

    private static @Nullable Double limit(JsonIn limits, String field) {
        if (!limits.has(field)) {
            return null;
        }
        if (limits.child(field).node().asText().equals("unlimited")) {
            return Double.POSITIVE_INFINITY;
        }
        return limits.number(field, 0, 0);
    }

    private Placement placement(JsonIn in, @Nullable Placement base) {
        List<String> roles = in.texts("acceptedResourceRoles");
        if (in.has("acceptedResourceRoles") && roles.isEmpty()) {
            in.wrong("acceptedResourceRoles", "must not be empty");
        }
        return new Placement(
                in.has("constraints") || base == null
                        ? in.list("constraints", AppReader::constraint)
                        : base.constraints(),
                in.has("acceptedResourceRoles") ? roles : base == null ? null : base.acceptedResourceRoles(),
                String.valueOf(in.text("role", base == null ? defaults.role() : base.role())));
    }

    private static Constraint constraint(JsonIn in) {
        JsonNode node = in.node();
        if (!node.isArray() || node.size() < 2 || node.size() > 3) {
            in.wrong("must be an array of a field, an operator and possibly a value");
            return new Constraint("hostname", Constraint.Operator.UNIQUE, null);
        }
        String name = node.get(1).asText().toUpperCase(Locale.ROOT);
        for (Constraint.Operator operator : Constraint.Operator.values()) {
            if (operator.name().equals(name)) {
                JsonNode value = node.get(2);
                return new Constraint(
                        node.get(0).asText(), operator, value == null || value.isNull() ? null : value.asText());
            }
        }
        in.wrong("operator must be one of " + List.of(Constraint.Operator.values()) + ", is '" + name + "'");
        return new Constraint("hostname", Constraint.Operator.UNIQUE, null);
    }

    private static Rollout rollout(JsonIn in, @Nullable Rollout base, boolean single) {
        UpgradeStrategy usual = single ? new UpgradeStrategy(0, 0) : UpgradeStrategy.DEFAULT;
        Integer grace = in.integer("taskKillGracePeriodSeconds", 0);
        return new Rollout(
                in.object("upgradeStrategy")
                        .map(u -> new UpgradeStrategy(
                                u.number("minimumHealthCapacity", 0, usual.minimumHealthCapacity()),
                                u.number("maximumOverCapacity", 0, usual.maximumOverCapacity())))
                        .orElse(base == null ? usual : base.upgrade()),
                in.integer("backoffSeconds", 0, base == null ? 1 : base.backoffSeconds()),
                in.number("backoffFactor", 1, base == null ? 1.15 : base.backoffFactor()),
                in.integer("maxLaunchDelaySeconds", 0, base == null ? 300 : base.maxLaunchDelaySeconds()),
                grace != null ? grace : base == null ? null : base.killGracePeriodSeconds(),
                in.oneOf(
                        "killSelection",
                        KillSelection.class,
                        base == null ? KillSelection.YOUNGEST_FIRST : base.killSelection()),
                unreachable(in, base));
    }

    private static @Nullable Unreachable unreachable(JsonIn in, @Nullable Rollout base) {
        if (!in.has("unreachableStrategy")) {
            return base == null ? Unreachable.DEFAULT : base.unreachable();
        }
        if (in.child("unreachableStrategy").node().isTextual()) {
            if (!in.child("unreachableStrategy").text().equals("disabled")) {
                in.wrong("unreachableStrategy", "must be 'disabled' or an object");
            }
            return null;
        }
        return in.object("unreachableStrategy")
                .map(u -> new Unreachable(
                        u.integer("inactiveAfterSeconds", 0, 0), u.integer("expungeAfterSeconds", 0, 0)))
                .orElse(null);
    }

    private static List<PathId> dependencies(JsonIn in, PathId own, @Nullable App base) {
        if (!in.has("dependencies") && base != null) {
            return base.dependencies();
        }
        return in.texts("dependencies").stream().map(own.parent()::resolve).toList();
    }
}
