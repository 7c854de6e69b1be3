package io.paddock.batch.server.json;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One JSON object being read: takes its fields one by one, noting what does not fit; the keys left over at the end are
 * unknown. A field given as null counts as absent.
 */
final class Fields {
    private final String path;
    private final JsonNode node;
    private final Problems problems;
    private final Set<String> taken = new HashSet<>();

    Fields(String path, JsonNode node, Problems problems) {
        this.path = path;
        this.node = node;
        this.problems = problems;
        if (!node.isObject()) {
            problems.add(path.isEmpty() ? "/" : path, "expected an object");
        }
    }

    String path(String name) {
        return path + "/" + name;
    }

    void problem(String name, String what) {
        problems.add(name.isEmpty() ? (path.isEmpty() ? "/" : path) : path(name), what);
    }

    boolean has(String name) {
        return take(name) != null;
    }

    @Nullable
    String text(String name) {
        JsonNode value = take(name);
        if (value == null) {
            return null;
        }
        if (!value.isTextual()) {
            problem(name, "expected a string");
            return null;
        }
        return value.textValue();
    }

    String requiredText(String name) {
        if (!has(name)) {
            problem(name, "is required");
            return "";
        }
        String value = text(name);
        return value == null ? "" : value;
    }

    boolean flag(String name, boolean otherwise) {
        JsonNode value = take(name);
        if (value == null) {
            return otherwise;
        }
        if (!value.isBoolean()) {
            problem(name, "expected true or false");
            return otherwise;
        }
        return value.booleanValue();
    }

    double number(String name, double otherwise, double least) {
        JsonNode value = take(name);
        if (value == null) {
            return otherwise;
        }
        if (!value.isNumber()) {
            problem(name, "expected a number");
            return otherwise;
        }
        if (value.doubleValue() < least) {
            problem(name, "must be at least " + plain(least) + " but is " + value);
        }
        return value.doubleValue();
    }

    double requiredNumber(String name, double least) {
        if (!has(name)) {
            problem(name, "is required");
        }
        return number(name, least, least);
    }

    @Nullable
    Long whole(String name, long least) {
        JsonNode value = take(name);
        if (value == null) {
            return null;
        }
        if (!value.isNumber() || value.doubleValue() != Math.rint(value.doubleValue())) {
            problem(name, "expected a whole number");
            return null;
        }
        if (value.longValue() < least) {
            problem(name, "must be at least " + least + " but is " + value);
        }
        return value.longValue();
    }

    long whole(String name, long least, long otherwise) {
        Long value = whole(name, least);
        return value == null ? otherwise : value;
    }

    /** One of the names of an enum. */
    <E extends Enum<E>> @Nullable E oneOf(String name, Class<E> type) {
        String value = text(name);
        if (value == null) {
            return null;
        }
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equals(value)) {
                return constant;
            }
        }
        problem(name, "'" + value + "' is not one of " + List.of(type.getEnumConstants()));
        return null;
    }

    @Nullable
    Fields object(String name) {
        JsonNode value = take(name);
        return value == null ? null : new Fields(path(name), value, problems);
    }

    /** The objects of a list. */
    <T> List<T> objects(String name, Function<Fields, @Nullable T> reader) {
        List<T> result = new ArrayList<>();
        for (Map.Entry<String, JsonNode> element : elements(name)) {
            T read = reader.apply(new Fields(element.getKey(), element.getValue(), problems));
            if (read != null) {
                result.add(read);
            }
        }
        return result;
    }

    List<String> texts(String name) {
        List<String> result = new ArrayList<>();
        for (Map.Entry<String, JsonNode> element : elements(name)) {
            if (element.getValue().isTextual()) {
                result.add(element.getValue().textValue());
            } else {
                problems.add(element.getKey(), "expected a string");
            }
        }
        return result;
    }

    Map<String, String> textMap(String name) {
        return map(name, (key, value) -> {
            if (value.isTextual()) {
                return value.textValue();
            }
            problems.add(path(name) + "/" + key, "expected a string");
            return null;
        });
    }

    /** Reads the value of a key. */
    interface ValueReader<T> {
        @Nullable
        T read(String key, JsonNode value);
    }

    /** A map with values of any kind, in the order given. */
    <T> Map<String, T> map(String name, ValueReader<T> reader) {
        JsonNode value = take(name);
        Map<String, T> result = new LinkedHashMap<>();
        if (value == null) {
            return result;
        }
        if (!value.isObject()) {
            problem(name, "expected an object");
            return result;
        }
        value.fields().forEachRemaining(entry -> {
            T read = reader.read(entry.getKey(), entry.getValue());
            if (read != null) {
                result.put(entry.getKey(), read);
            }
        });
        return result;
    }

    Fields at(String name, JsonNode value) {
        return new Fields(path(name), value, problems);
    }

    /** Takes a field that may be there but means nothing here. */
    void ignore(String name) {
        taken.add(name);
    }

    /** Ends the object: keys not taken are unknown. */
    void noOthers() {
        node.fieldNames().forEachRemaining(name -> {
            if (!taken.contains(name)) {
                problem(name, "is not a known field");
            }
        });
    }

    private List<Map.Entry<String, JsonNode>> elements(String name) {
        JsonNode value = take(name);
        List<Map.Entry<String, JsonNode>> elements = new ArrayList<>();
        if (value != null && !value.isArray()) {
            problem(name, "expected an array");
        } else if (value != null) {
            for (int i = 0; i < value.size(); i++) {
                elements.add(Map.entry(path(name) + "(" + i + ")", value.get(i)));
            }
        }
        return elements;
    }

    private @Nullable JsonNode take(String name) {
        taken.add(name);
        JsonNode value = node.get(name);
        return value == null || value.isNull() ? null : value;
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
