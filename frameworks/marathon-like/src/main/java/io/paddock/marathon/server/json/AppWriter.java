package io.paddock.marathon.server.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.App.VersionInfo;
import io.paddock.marathon.core.model.Checks.HealthCheck;
import io.paddock.marathon.core.model.Checks.Probe;
import io.paddock.marathon.core.model.Checks.ReadinessCheck;
import io.paddock.marathon.core.model.Command.Fetch;
import io.paddock.marathon.core.model.Constraint;
import io.paddock.marathon.core.model.Networking.Mode;
import io.paddock.marathon.core.model.Networking.Network;
import io.paddock.marathon.core.model.Networking.PortDefinition;
import io.paddock.marathon.core.model.PathId;
import io.paddock.marathon.core.model.Rollout.Unreachable;
import io.paddock.marathon.core.model.Stamp;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Writes apps as Marathon 1.11 does: what is unset is left out, empty lists and maps are left out except {@code labels},
 * {@code networks} and {@code portDefinitions}; there are no nulls.
 */
public final class AppWriter {
    static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private AppWriter() {}

    public static ObjectNode write(App app) {
        ObjectNode out = NODES.objectNode();
        out.put("id", app.id().text());
        texts(out, "acceptedResourceRoles", app.placement().acceptedResourceRoles());
        texts(out, "args", app.command().args());
        out.put("backoffFactor", app.rollout().backoffFactor());
        out.put("backoffSeconds", app.rollout().backoffSeconds());
        Probe probe = app.checks().check();
        if (probe != null) {
            out.set("check", probe(probe));
        }
        text(out, "cmd", app.command().cmd());
        list(out, "constraints", app.placement().constraints(), AppWriter::constraint);
        if (app.container().exists()) {
            out.set("container", ContainerWriter.write(app));
        }
        out.put("cpus", app.sizing().cpus());
        texts(out, "dependencies", app.dependencies().stream().map(PathId::text).toList());
        out.put("disk", app.sizing().disk());
        if (!app.command().env().isEmpty()) {
            out.set("env", map(app.command().env()));
        }
        out.put("executor", app.command().executor());
        if (!app.command().usesBuiltInExecutor()) {
            var r = app.command().executorResources();
            out.putObject("executorResources")
                    .put("cpus", r.cpus())
                    .put("mem", r.mem())
                    .put("disk", r.disk());
        }
        list(out, "fetch", app.command().fetch(), AppWriter::fetch);
        list(out, "healthChecks", app.checks().health(), AppWriter::health);
        out.put("instances", app.instances());
        out.set("labels", map(app.labels()));
        out.put("maxLaunchDelaySeconds", app.rollout().maxLaunchDelaySeconds());
        out.put("mem", app.sizing().mem());
        out.put("gpus", app.sizing().gpus());
        ArrayNode networks = out.putArray("networks");
        app.networking().networks().forEach(n -> networks.add(network(n)));
        if (app.networking().isHost()) {
            ArrayNode ports = out.putArray("portDefinitions");
            app.networking().portDefinitions().forEach(p -> ports.add(definition(p)));
        }
        list(out, "readinessChecks", app.checks().readiness(), AppWriter::readiness);
        out.put("requirePorts", app.networking().requirePorts());
        limits(out, app);
        Integer grace = app.rollout().killGracePeriodSeconds();
        if (grace != null) {
            out.put("taskKillGracePeriodSeconds", grace);
        }
        if (app.command().tty() != null) {
            out.put("tty", app.command().tty());
        }
        out.putObject("upgradeStrategy")
                .put("maximumOverCapacity", app.rollout().upgrade().maximumOverCapacity())
                .put("minimumHealthCapacity", app.rollout().upgrade().minimumHealthCapacity());
        text(out, "user", app.command().user());
        out.put("version", Stamp.format(app.version()));
        if (!app.versionInfo().lastScalingAt().equals(Instant.EPOCH)) {
            out.set("versionInfo", versionInfo(app.versionInfo()));
        }
        out.put("killSelection", app.rollout().killSelection().name());
        out.set("unreachableStrategy", unreachable(app.rollout().unreachable()));
        out.put("role", app.placement().role());
        return out;
    }

    static void text(ObjectNode out, String field, @Nullable String value) {
        if (value != null) {
            out.put(field, value);
        }
    }

    static void texts(ObjectNode out, String field, @Nullable List<String> values) {
        if (values != null && !values.isEmpty()) {
            ArrayNode array = out.putArray(field);
            values.forEach(array::add);
        }
    }

    static <T> void list(ObjectNode out, String field, Collection<T> values, Function<T, JsonNode> write) {
        if (!values.isEmpty()) {
            ArrayNode array = out.putArray(field);
            values.forEach(v -> array.add(write.apply(v)));
        }
    }

    static ObjectNode map(Map<String, String> map) {
        ObjectNode out = NODES.objectNode();
        map.forEach(out::put);
        return out;
    }

    private static ObjectNode versionInfo(VersionInfo info) {
        return NODES.objectNode()
                .put("lastScalingAt", Stamp.format(info.lastScalingAt()))
                .put("lastConfigChangeAt", Stamp.format(info.lastConfigChangeAt()));
    }

    private static ArrayNode constraint(Constraint c) {
        ArrayNode array = NODES.arrayNode().add(c.field()).add(c.operator().name());
        if (c.value() != null) {
            array.add(c.value());
        }
        return array;
    }

    private static ObjectNode fetch(Fetch f) {
        ObjectNode out = NODES.objectNode()
                .put("uri", f.uri())
                .put("extract", f.extract())
                .put("executable", f.executable())
                .put("cache", f.cache());
        text(out, "destPath", f.destPath());
        return out;
    }

    private static ObjectNode network(Network n) {
        ObjectNode out = NODES.objectNode();
        text(out, "name", n.name());
        if (!n.labels().isEmpty()) {
            out.set("labels", map(n.labels()));
        }
        out.put("mode", n.mode() == Mode.HOST ? "host" : n.mode() == Mode.BRIDGE ? "container/bridge" : "container");
        return out;
    }

    private static ObjectNode definition(PortDefinition p) {
        ObjectNode out = NODES.objectNode();
        if (!p.labels().isEmpty()) {
            out.set("labels", map(p.labels()));
        }
        text(out, "name", p.name());
        return out.put("port", p.port()).put("protocol", p.protocol());
    }

    static ObjectNode health(HealthCheck h) {
        ObjectNode out = NODES.objectNode();
        if (h.command() != null) {
            out.putObject("command").put("value", h.command());
        }
        out.put("gracePeriodSeconds", h.gracePeriodSeconds());
        if (h.ignoreHttp1xx() != null) {
            out.put("ignoreHttp1xx", h.ignoreHttp1xx());
        }
        out.put("intervalSeconds", h.intervalSeconds());
        out.put("maxConsecutiveFailures", h.maxConsecutiveFailures());
        text(out, "path", h.path());
        if (h.port() != null) {
            out.put("port", h.port());
        }
        if (h.portIndex() != null) {
            out.put("portIndex", h.portIndex());
        }
        return out.put("protocol", h.protocol().name())
                .put("ipProtocol", h.ipProtocol())
                .put("timeoutSeconds", h.timeoutSeconds())
                .put("delaySeconds", h.delaySeconds());
    }

    private static ObjectNode probe(Probe p) {
        ObjectNode out = NODES.objectNode();
        ObjectNode at = out.putObject(p.kind().name().toLowerCase(Locale.ROOT));
        if (p.kind() == Probe.Kind.EXEC) {
            at.putObject("command").put("shell", p.command());
        }
        if (p.portIndex() != null) {
            at.put("portIndex", p.portIndex());
        }
        if (p.port() != null) {
            at.put("port", p.port());
        }
        text(at, "path", p.path());
        text(at, "scheme", p.scheme());
        return out.put("intervalSeconds", p.intervalSeconds())
                .put("timeoutSeconds", p.timeoutSeconds())
                .put("delaySeconds", p.delaySeconds());
    }

    private static ObjectNode readiness(ReadinessCheck r) {
        ObjectNode out = NODES.objectNode();
        ArrayNode codes = NODES.arrayNode();
        r.statusCodes().forEach(codes::add);
        out.set("httpStatusCodesForReady", codes);
        return out.put("intervalSeconds", r.intervalSeconds())
                .put("name", r.name())
                .put("path", r.path())
                .put("portName", r.portName())
                .put("preserveLastResponse", r.preserveLastResponse())
                .put("protocol", r.protocol().name())
                .put("timeoutSeconds", r.timeoutSeconds());
    }

    private static void limits(ObjectNode out, App app) {
        Double cpus = app.sizing().cpusLimit();
        Double mem = app.sizing().memLimit();
        if (cpus == null && mem == null) {
            return;
        }
        ObjectNode limits = out.putObject("resourceLimits");
        limit(limits, "cpus", cpus);
        limit(limits, "mem", mem);
    }

    private static void limit(ObjectNode limits, String field, @Nullable Double value) {
        if (value != null && value.isInfinite()) {
            limits.put(field, "unlimited");
        } else if (value != null) {
            limits.put(field, value);
        }
    }

    private static JsonNode unreachable(@Nullable Unreachable u) {
        if (u == null) {
            return NODES.textNode("disabled");
        }
        return NODES.objectNode()
                .put("inactiveAfterSeconds", u.inactiveAfterSeconds())
                .put("expungeAfterSeconds", u.expungeAfterSeconds());
    }
}
