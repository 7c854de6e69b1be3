package io.paddock.marathon.server.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.paddock.marathon.core.Refusal.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A place in a document that is being read. What is wrong is noted with its path and reading goes on, so that all errors are
 * found at once; the notes are shared by all places of a document. {@code null} counts as absent. The texts of type errors
 * are those Marathon's clients know.
 */
final class JsonIn {
    private final JsonNode node;
    private final String path;
    private final List<Violation> violations;

    private JsonIn(JsonNode node, String path, List<Violation> violations) {
        this.node = node;
        this.path = path;
        this.violations = violations;
    }

    static JsonIn root(JsonNode node) {
        JsonIn in = new JsonIn(node, "", new ArrayList<>());
        if (!node.isObject() && !node.isArray()) {
            in.wrong("error.expected.jsobject");
        }
        return in;
    }

    /** What is there. */
    JsonNode node() {
        return node;
    }

    void wrong(String error) {
        violations.add(new Violation(path.isEmpty() ? "/" : path, error));
    }

    void wrong(String field, String error) {
        violations.add(new Violation(path + "/" + field, error));
    }

    /** Refuses the document when anything was wrong. */
    void check() throws InvalidJson {
        if (!violations.isEmpty()) {
            throw new InvalidJson(violations);
        }
    }

    boolean has(String field) {
        return node.hasNonNull(field);
    }

    private JsonIn at(String field) {
        JsonNode child = node.get(field);
        return new JsonIn(child == null ? MissingNode.getInstance() : child, path + "/" + field, violations);
    }

    /** A field that holds an object. */
    Optional<JsonIn> object(String field) {
        if (!has(field)) {
            return Optional.empty();
        }
        JsonIn in = at(field);
        if (!in.node.isObject()) {
            in.wrong("error.expected.jsobject");
            return Optional.empty();
        }
        return Optional.of(in);
    }

    /** The elements of a field that holds an array. */
    List<JsonIn> array(String field) {
        if (!has(field)) {
            return List.of();
        }
        JsonIn in = at(field);
        if (!in.node.isArray()) {
            in.wrong("error.expected.jsarray");
            return List.of();
        }
        return in.elements();
    }

    /** The elements of this place, which must be an array. */
    List<JsonIn> elements() {
        List<JsonIn> result = new ArrayList<>();
        for (int i = 0; i < node.size(); i++) {
            result.add(new JsonIn(node.get(i), path + "(" + i + ")", violations));
        }
        return result;
    }

    <T> List<T> list(String field, Function<JsonIn, T> read) {
        List<T> result = new ArrayList<>();
        array(field).forEach(element -> result.add(read.apply(element)));
        return result;
    }

    List<String> texts(String field) {
        return list(field, JsonIn::text);
    }

    SortedMap<String, String> textMap(String field) {
        SortedMap<String, String> result = new TreeMap<>();
        object(field).ifPresent(in -> {
            for (Map.Entry<String, JsonNode> e : in.node.properties()) {
                result.put(e.getKey(), in.at(e.getKey()).text());
            }
        });
        return result;
    }

    /** This place as text. */
    String text() {
        if (!node.isTextual()) {
            wrong("error.expected.jsstring");
            return "";
        }
        return node.textValue();
    }

    @Nullable
    String text(String field, @Nullable String absent) {
        return has(field) ? at(field).text() : absent;
    }

    String requiredText(String field) {
        if (!has(field)) {
            wrong(field, "error.path.missing");
            return "";
        }
        return at(field).text();
    }

    boolean flag(String field, boolean absent) {
        Boolean value = flag(field);
        return value == null ? absent : value;
    }

    @Nullable
    Boolean flag(String field) {
        if (!has(field)) {
            return null;
        }
        JsonIn in = at(field);
        if (!in.node.isBoolean()) {
            in.wrong("error.expected.jsboolean");
            return null;
        }
        return in.node.booleanValue();
    }

    /** A whole number of at least {@code min}. */
    int integer(String field, int min, int absent) {
        Integer value = integer(field, min);
        return value == null ? absent : value;
    }

    @Nullable
    Integer integer(String field, int min) {
        if (!has(field)) {
            return null;
        }
        JsonIn in = at(field);
        if (!in.node.isNumber()) {
            in.wrong("error.expected.jsnumber");
            return null;
        }
        if (in.node.doubleValue() != Math.rint(in.node.doubleValue()) || !in.node.canConvertToInt()) {
            in.wrong("error.expected.int");
            return null;
        }
        if (in.node.intValue() < min) {
            in.wrong("error.min: must be at least " + min + ", is " + in.node.asText());
            return null;
        }
        return in.node.intValue();
    }

    /** A number of at least {@code min}. */
    double number(String field, double min, double absent) {
        if (!has(field)) {
            return absent;
        }
        JsonIn in = at(field);
        if (!in.node.isNumber()) {
            in.wrong("error.expected.jsnumber");
            return absent;
        }
        if (in.node.doubleValue() < min) {
            in.wrong("error.min: must be at least " + min + ", is " + in.node.asText());
            return absent;
        }
        return in.node.doubleValue();
    }

    /** A field that holds one of the names of an enum, in any case. */
    <E extends Enum<E>> E oneOf(String field, Class<E> type, E absent) {
        if (!has(field)) {
            return absent;
        }
        String text = at(field).text();
        for (E value : type.getEnumConstants()) {
            if (value.name().equalsIgnoreCase(text)) {
                return value;
            }
        }
        wrong(
                field,
                "error.unknown.enum.literal: is '" + text + "', expected one of " + List.of(type.getEnumConstants()));
        return absent;
    }

    /** A place below this one, for errors about it. */
    JsonIn child(String field) {
        return at(field);
    }
}
