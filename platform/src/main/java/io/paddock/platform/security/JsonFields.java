package io.paddock.platform.security;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.platform.json.Json;
import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;

/** A JSON object that a flag names, read strictly: a typing error in a rule must not open a door. */
record JsonFields(JsonNode node) {
    /** @throws IllegalArgumentException when it is not a JSON object; says where, not what is there */
    static JsonFields of(byte[] json) {
        try {
            JsonNode node = Json.mapper().readTree(json);
            if (node == null || !node.isObject()) {
                throw new IllegalArgumentException("expected a JSON object");
            }
            return new JsonFields(node);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "not JSON, at line " + e.getLocation().getLineNr() + " column "
                            + e.getLocation().getColumnNr(),
                    e);
        } catch (IOException e) {
            throw new IllegalArgumentException(e.toString(), e);
        }
    }

    /** @throws IllegalArgumentException when it is no object or has a field that is not among these */
    void only(String path, Set<String> names) {
        if (!node.isObject()) {
            throw new IllegalArgumentException(path + ": expected an object");
        }
        node.properties().forEach(field -> {
            if (!names.contains(field.getKey())) {
                throw new IllegalArgumentException(path + field.getKey() + ": expected one of " + new TreeSet<>(names));
            }
        });
    }

    /** @throws IllegalArgumentException when it is missing or no object */
    JsonNode object(String name) {
        JsonNode field = node.path(name);
        if (!field.isObject()) {
            throw new IllegalArgumentException(name + ": expected an object");
        }
        return field;
    }
}
