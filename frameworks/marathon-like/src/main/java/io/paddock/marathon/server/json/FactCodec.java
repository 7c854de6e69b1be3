package io.paddock.marathon.server.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.marathon.core.Fact;
import io.paddock.marathon.core.TaskFailure;
import io.paddock.marathon.core.deploy.Action;
import io.paddock.marathon.core.deploy.Deployment;
import io.paddock.marathon.core.instance.Agent;
import io.paddock.marathon.core.instance.Condition;
import io.paddock.marathon.core.instance.Goal;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.App.VersionInfo;
import io.paddock.marathon.core.model.Group;
import io.paddock.marathon.core.model.PathId;
import io.paddock.platform.json.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The form facts have in the store: JSON, apps as the API shows them, compressed when it is long. What a fact is follows
 * from the key.
 */
public final class FactCodec implements Fact.Handler<ObjectNode> {
    private static final int COMPRESS_ABOVE = 64 << 10;
    private static final FactCodec WRITER = new FactCodec();
    private static final AppReader APPS = new AppReader(new AppDefaults("*", null));

    private FactCodec() {}

    /** The value to store at the fact's key. */
    public static byte[] encode(Fact fact) {
        byte[] json = Json.bytes(fact.handle(WRITER));
        return json.length > COMPRESS_ABOVE ? compressed(json) : json;
    }

    private static byte[] compressed(byte[] json) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static byte[] plain(byte[] value) {
        boolean isCompressed = value.length > 1 && value[0] == 0x1f && value[1] == (byte) 0x8b;
        if (!isCompressed) {
            return value;
        }
        try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(value))) {
            return gzip.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads a stored fact.
     *
     * @throws IllegalArgumentException naming the key when it cannot be read
     */
    public static Fact decode(String key, byte[] value) {
        JsonNode json = Json.read(plain(value), JsonNode.class);
        String collection = key.substring(0, key.indexOf('/'));
        try {
            switch (collection) {
                case "framework":
                    return new Fact.FrameworkRegistered(json.path("id").asText());
                case "app":
                    return new Fact.AppDefined(app(json));
                case "group":
                    return new Fact.GroupDefined(group(json));
                case "instance":
                    return new Fact.InstanceChanged(instance(json));
                case "deployment":
                    return new Fact.DeploymentChanged(deployment(json));
                case "failure":
                    return new Fact.TaskFailed(failure(json));
                default:
                    throw new IllegalArgumentException("no such collection");
            }
        } catch (InvalidJson | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "The stored state at '" + key + "' cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public ObjectNode frameworkRegistered(Fact.FrameworkRegistered r) {
        return AppWriter.NODES.objectNode().put("id", r.frameworkId());
    }

    @Override
    public ObjectNode appDefined(Fact.AppDefined r) {
        return AppWriter.write(r.app());
    }

    @Override
    public ObjectNode groupDefined(Fact.GroupDefined r) {
        Group g = r.group();
        ObjectNode out = AppWriter.NODES.objectNode().put("id", g.id().text());
        AppWriter.texts(
                out, "dependencies", g.dependencies().stream().map(PathId::text).toList());
        return out.put("enforceRole", g.enforceRole())
                .put("version", g.version().toString());
    }

    private static Group group(JsonNode json) {
        List<PathId> dependencies = new ArrayList<>();
        json.path("dependencies").forEach(d -> dependencies.add(PathId.of(d.asText())));
        return new Group(
                PathId.of(json.path("id").asText()),
                dependencies,
                json.path("enforceRole").asBoolean(),
                Instant.parse(json.path("version").asText()));
    }

    private static App app(JsonNode json) throws InvalidJson {
        JsonNode info = json.path("versionInfo");
        return APPS.read(json, null, null)
                .at(
                        Instant.parse(json.path("version").asText()),
                        new VersionInfo(
                                Instant.parse(info.path("lastScalingAt").asText()),
                                Instant.parse(info.path("lastConfigChangeAt").asText())));
    }

    @Override
    public ObjectNode instanceChanged(Fact.InstanceChanged r) {
        Instance i = r.instance();
        ObjectNode out = AppWriter.NODES.objectNode();
        out.put("id", i.id()).put("app", i.app().text());
        out.put("version", i.version().toString()).put("config", i.config().toString());
        out.put("incarnation", i.incarnation());
        out.put("condition", i.condition().name()).put("since", i.since().toString());
        out.put("goal", i.goal().name()).put("role", i.role());
        Agent agent = i.agent();
        if (agent != null) {
            ObjectNode a = out.putObject("agent").put("id", agent.id()).put("host", agent.host());
            AppWriter.text(a, "region", agent.region());
            AppWriter.text(a, "zone", agent.zone());
            a.set("attributes", AppWriter.map(agent.attributes()));
        }
        ArrayNode ports = out.putArray("hostPorts");
        i.hostPorts().forEach(ports::add);
        AppWriter.texts(out, "addresses", i.addresses());
        time(out, "stagedAt", i.stagedAt());
        time(out, "startedAt", i.startedAt());
        time(out, "killRequestedAt", i.killRequestedAt());
        if (i.healthy() != null) {
            out.put("healthy", i.healthy());
        }
        return out;
    }

    private static Instance instance(JsonNode json) {
        List<Integer> ports = new ArrayList<>();
        json.path("hostPorts").forEach(p -> ports.add(p.asInt()));
        List<String> addresses = new ArrayList<>();
        json.path("addresses").forEach(a -> addresses.add(a.asText()));
        return new Instance(
                json.path("id").asText(),
                PathId.of(json.path("app").asText()),
                Instant.parse(json.path("version").asText()),
                Instant.parse(json.path("config").asText()),
                json.path("incarnation").asInt(),
                Condition.valueOf(json.path("condition").asText()),
                Instant.parse(json.path("since").asText()),
                Goal.valueOf(json.path("goal").asText()),
                json.path("role").asText(),
                json.has("agent") ? agent(json.path("agent")) : null,
                ports,
                addresses,
                time(json, "stagedAt"),
                time(json, "startedAt"),
                time(json, "killRequestedAt"),
                json.has("healthy") ? Boolean.valueOf(json.path("healthy").asBoolean()) : null);
    }

    private static Agent agent(JsonNode json) {
        SortedMap<String, String> attributes = new TreeMap<>();
        json.path("attributes")
                .properties()
                .forEach(e -> attributes.put(e.getKey(), e.getValue().asText()));
        return new Agent(
                json.path("id").asText(),
                json.path("host").asText(),
                json.has("region") ? json.path("region").asText() : null,
                json.has("zone") ? json.path("zone").asText() : null,
                attributes);
    }

    @Override
    public ObjectNode deploymentChanged(Fact.DeploymentChanged r) {
        Deployment d = r.deployment();
        ObjectNode out = AppWriter.NODES.objectNode();
        out.put("id", d.id()).put("version", d.version().toString()).put("currentStep", d.currentStep());
        ArrayNode steps = out.putArray("steps");
        for (List<Action> step : d.steps()) {
            ArrayNode actions = steps.addArray();
            step.forEach(a -> actions.addObject()
                    .put("kind", a.kind().name())
                    .put("app", a.app().text()));
        }
        ArrayNode originals = out.putArray("originals");
        d.originals().values().forEach(app -> originals.add(AppWriter.write(app)));
        ArrayNode targets = out.putArray("targets");
        d.targets().values().forEach(app -> targets.add(AppWriter.write(app)));
        return out;
    }

    private static Deployment deployment(JsonNode json) throws InvalidJson {
        List<List<Action>> steps = new ArrayList<>();
        for (JsonNode step : json.path("steps")) {
            List<Action> actions = new ArrayList<>();
            step.forEach(a -> actions.add(new Action(
                    Action.Kind.valueOf(a.path("kind").asText()),
                    PathId.of(a.path("app").asText()))));
            steps.add(actions);
        }
        return new Deployment(
                json.path("id").asText(),
                Instant.parse(json.path("version").asText()),
                steps,
                apps(json.path("originals")),
                apps(json.path("targets")),
                json.path("currentStep").asInt());
    }

    private static SortedMap<PathId, App> apps(JsonNode json) throws InvalidJson {
        SortedMap<PathId, App> apps = new TreeMap<>();
        for (JsonNode one : json) {
            App app = app(one);
            apps.put(app.id(), app);
        }
        return apps;
    }

    @Override
    public ObjectNode taskFailed(Fact.TaskFailed r) {
        TaskFailure f = r.failure();
        ObjectNode out = AppWriter.NODES.objectNode();
        out.put("app", f.app().text()).put("host", f.host()).put("message", f.message());
        out.put("state", f.state()).put("taskId", f.taskId());
        out.put("at", f.at().toString()).put("version", f.version().toString());
        AppWriter.text(out, "agent", f.agentId());
        return out;
    }

    private static TaskFailure failure(JsonNode json) {
        return new TaskFailure(
                PathId.of(json.path("app").asText()),
                json.path("host").asText(),
                json.path("message").asText(),
                json.path("state").asText(),
                json.path("taskId").asText(),
                Instant.parse(json.path("at").asText()),
                Instant.parse(json.path("version").asText()),
                json.has("agent") ? json.path("agent").asText() : null);
    }

    @Override
    public ObjectNode frameworkForgotten(Fact.FrameworkForgotten r) {
        throw nothingToStore(r);
    }

    @Override
    public ObjectNode appVersionDropped(Fact.AppVersionDropped r) {
        throw nothingToStore(r);
    }

    @Override
    public ObjectNode appRemoved(Fact.AppRemoved r) {
        throw nothingToStore(r);
    }

    @Override
    public ObjectNode groupRemoved(Fact.GroupRemoved r) {
        throw nothingToStore(r);
    }

    @Override
    public ObjectNode instanceForgotten(Fact.InstanceForgotten r) {
        throw nothingToStore(r);
    }

    @Override
    public ObjectNode deploymentEnded(Fact.DeploymentEnded r) {
        throw nothingToStore(r);
    }

    private static IllegalStateException nothingToStore(Fact fact) {
        return new IllegalStateException(fact + " takes something away and has no value");
    }

    private static void time(ObjectNode out, String field, @Nullable Instant at) {
        if (at != null) {
            out.put(field, at.toString());
        }
    }

    private static @Nullable Instant time(JsonNode json, String field) {
        return json.has(field) ? Instant.parse(json.path(field).asText()) : null;
    }
}
