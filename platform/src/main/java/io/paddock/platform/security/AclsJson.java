package io.paddock.platform.security;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.common.authorization.Acls;
import io.paddock.common.authorization.Acls.Rule;
import io.paddock.common.authorization.Action;
import io.paddock.common.authorization.Entity;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Rules in the JSON of Mesos: {@code {"permissive":true,"run_tasks":[{"principals":{…},"users":{…}}]}}. */
public final class AclsJson {
    /** What get_endpoints can be about. */
    private static final Set<String> PATHS = Set.of(
            "/containers",
            "/containerizer/debug",
            "/files/debug",
            "/logging/toggle",
            "/metrics/snapshot",
            "/monitor/statistics");

    private AclsJson() {}

    /**
     * Reads rules.
     *
     * @throws IllegalArgumentException naming the rule that does not fit
     */
    public static Acls parse(byte[] json) {
        Map<String, Action> actions = new java.util.HashMap<>();
        for (Action action : Action.values()) {
            actions.put(action.key(), action);
        }
        boolean permissive = true;
        Map<Action, List<Rule>> rules = new EnumMap<>(Action.class);
        for (Map.Entry<String, JsonNode> field : JsonFields.of(json).node().properties()) {
            Action action = actions.get(field.getKey());
            if (action != null) {
                rules.put(action, rules(action, field.getValue()));
            } else if (field.getKey().equals("permissive") && field.getValue().isBoolean()) {
                permissive = field.getValue().booleanValue();
            } else {
                throw new IllegalArgumentException("'" + field.getKey() + "' is not an action"
                        + (field.getKey().equals("permissive") ? "; permissive is true or false" : ""));
            }
        }
        return new Acls(permissive, rules);
    }

    private static List<Rule> rules(Action action, JsonNode list) {
        if (!list.isArray()) {
            throw new IllegalArgumentException(action.key() + ": expected a list of rules");
        }
        List<Rule> rules = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            String path = action.key() + "[" + i + "]";
            String objects = action.objects().key();
            for (Map.Entry<String, JsonNode> field : list.get(i).properties()) {
                if (!field.getKey().equals("principals") && !field.getKey().equals(objects)) {
                    throw new IllegalArgumentException(
                            path + "." + field.getKey() + ": expected 'principals' and '" + objects + "'");
                }
            }
            Entity object = entity(path + "." + objects, list.get(i).path(objects));
            checkObject(action, path + "." + objects, object);
            rules.add(new Rule(entity(path + ".principals", list.get(i).path("principals")), object));
        }
        return rules;
    }

    private static void checkObject(Action action, String path, Entity object) {
        if (object.kind() != Entity.Kind.SOME) {
            return;
        }
        if (!action.objects().named()) {
            throw new IllegalArgumentException(path + ": expected {\"type\":\"ANY\"} or {\"type\":\"NONE\"}");
        }
        if (action.objects() == Action.Objects.PATHS && !PATHS.containsAll(object.values())) {
            throw new IllegalArgumentException(path + ": expected some of " + new java.util.TreeSet<>(PATHS));
        }
    }

    private static Entity entity(String path, JsonNode node) {
        String type = node.path("type").asText("SOME");
        JsonNode values = node.path("values");
        boolean known = node.isObject()
                && node.properties().stream()
                        .allMatch(e -> e.getKey().equals("type") || e.getKey().equals("values"));
        if (known && type.equals("ANY") && values.isMissingNode()) {
            return Entity.ANY;
        }
        if (known && type.equals("NONE") && values.isMissingNode()) {
            return Entity.NONE;
        }
        if (!known || !type.equals("SOME") || !values.isArray() || values.isEmpty()) {
            throw new IllegalArgumentException(
                    path + ": expected {\"type\":\"ANY\"}, {\"type\":\"NONE\"} or {\"values\":[\"…\"]}");
        }
        Set<String> names = new LinkedHashSet<>();
        for (JsonNode value : values) {
            if (!value.isTextual()) {
                throw new IllegalArgumentException(path + ".values: expected strings");
            }
            names.add(value.textValue());
        }
        return new Entity(Entity.Kind.SOME, names);
    }
}
