package io.paddock.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** What may happen to a call on its way, or in the head of who wrote it. */
final class FuzzMutations {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> ODD_VALUES = List.of(
            "null",
            "true",
            "{}",
            "[]",
            "[[]]",
            "[null]",
            "\"\"",
            "\"Infinity\"",
            "\"NaN\"",
            "-1",
            "0",
            "1e400",
            "-0.0",
            "99999999999999999999999999",
            "0.1",
            "\"0x10\"",
            "\"\\u0000\"",
            "{\"value\":{}}",
            "\"..\"",
            "1e-400");

    private final Random random;
    private final FuzzCalls calls;

    FuzzMutations(Random random, FuzzCalls calls) {
        this.random = random;
        this.calls = calls;
    }

    /** The message with one thing in it changed, wherever it is. */
    Message message(Message source) {
        int size = fields(source);
        return size == 0 ? source : changed(source, random.nextInt(size));
    }

    /** How many values there are in a message, those of its parts included; entries of a map are whole or not there. */
    private static int fields(Message message) {
        int count = 0;
        for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
            for (Object value : values(field.getValue())) {
                count += 1 + (value instanceof Message part && !field.getKey().isMapField() ? fields(part) : 0);
            }
        }
        return count;
    }

    private static List<?> values(Object value) {
        return value instanceof List<?> list ? list : List.of(value);
    }

    /**
     * A copy with another value at that place, in the order in which {@link #fields} counts them. It is built field by field: a
     * builder made of the message would refuse to tell of a map with an entry that lacks its value, as an earlier change may have
     * left it.
     */
    private Message changed(Message source, int chosen) {
        Message.Builder copy = source.newBuilderForType().setUnknownFields(source.getUnknownFields());
        int left = chosen;
        boolean addition = false;
        for (Map.Entry<FieldDescriptor, Object> field : source.getAllFields().entrySet()) {
            List<Object> values = new ArrayList<>(values(field.getValue()));
            for (int i = 0; i < values.size() && left >= 0; i++) {
                Object value = values.get(i);
                int inside = value instanceof Message part && !field.getKey().isMapField() ? fields(part) : 0;
                if (left == 0) {
                    addition = !changeValue(copy, field.getKey(), values, i);
                } else if (left <= inside) {
                    values.set(i, changed((Message) value, left - 1));
                }
                left -= 1 + inside;
            }
            if (field.getKey().isRepeated()) {
                copy.setField(field.getKey(), values);
            } else {
                values.forEach(value -> copy.setField(field.getKey(), value));
            }
        }
        if (addition) {
            calls.addAnyField(copy);
        }
        return copy.buildPartial();
    }

    /** Whether one of the values of a field was changed; if not, another field is to be. */
    private boolean changeValue(Message.Builder message, FieldDescriptor field, List<Object> values, int index) {
        switch (field.isMapField() ? 0 : random.nextInt(5)) {
            case 0 -> values.remove(index);
            case 1 -> {
                if (!field.isRepeated()) {
                    return false;
                }
                values.add(values.get(index));
            }
            case 2, 3 -> values.set(index, nearly(values.get(index)));
            default -> values.set(index, calls.value(message, field));
        }
        return true;
    }

    /** A value that is not what it was, but not far from it. */
    private Object nearly(Object value) {
        if (value instanceof Double real) {
            double[] others = {-real, real * 1000, real + 0.0004, real + 0.001, 0, Double.MIN_VALUE};
            return others[random.nextInt(others.length)];
        }
        if (value instanceof Long whole) {
            return random.nextBoolean() ? whole + 1 : -whole;
        }
        if (value instanceof Integer whole) {
            return random.nextBoolean() ? whole + 1 : -whole;
        }
        if (value instanceof String text) {
            return switch (random.nextInt(4)) {
                case 0 -> text + "x";
                case 1 -> text.isEmpty() ? "x" : text.substring(1);
                case 2 -> "";
                default -> text + "/" + text;
            };
        }
        if (value instanceof ByteString bytes) {
            return bytes.isEmpty() ? ByteString.copyFromUtf8("x") : bytes.substring(1);
        }
        if (value instanceof Boolean truth) {
            return !truth;
        }
        if (value instanceof EnumValueDescriptor constant) {
            List<EnumValueDescriptor> all = constant.getType().getValues();
            return all.get(random.nextInt(all.size()));
        }
        return value instanceof Message message ? message.getDefaultInstanceForType() : value;
    }

    /** Some JSON made of a call's JSON; often still valid. */
    byte[] json(byte[] call) throws IOException {
        JsonNode tree = JSON.readTree(call);
        for (int i = random.nextInt(3); i > 0; i--) {
            mutate(tree);
        }
        byte[] text = JSON.writeValueAsBytes(tree);
        return switch (random.nextInt(16)) {
            case 0 -> Arrays.copyOf(text, random.nextInt(text.length + 1));
            case 1 -> flipped(text);
            case 2 -> (new String(text, StandardCharsets.UTF_8) + "}").getBytes(StandardCharsets.UTF_8);
            case 3 -> nested(text);
            case 4 -> withOddValue(text);
            default -> text;
        };
    }

    /** Some bytes made of a call's protobuf. */
    byte[] protobuf(byte[] call) {
        return switch (random.nextInt(10)) {
            case 0 -> Arrays.copyOf(call, random.nextInt(call.length + 1));
            case 1 -> flipped(call);
            case 2 -> spliced(call);
            default -> call;
        };
    }

    private void mutate(JsonNode root) {
        List<ObjectNode> objects = new ArrayList<>();
        collect(root, objects);
        ObjectNode object = objects.get(random.nextInt(objects.size()));
        if (object.isEmpty()) {
            object.put("surplus", random.nextInt());
            return;
        }
        Iterator<String> names = object.fieldNames();
        String name = names.next();
        for (int skip = random.nextInt(object.size()); skip > 0; skip--) {
            name = names.next();
        }
        switch (random.nextInt(5)) {
            case 0 -> object.remove(name);
            case 1 -> object.set(name + "s", object.get(name));
            case 2 -> object.set(name, JsonNodeFactory.instance.arrayNode().add(object.get(name)));
            case 3 ->
                object.set(name, objects.get(random.nextInt(objects.size())).deepCopy());
            default -> object.set(name, odd());
        }
    }

    private JsonNode odd() {
        String text = ODD_VALUES.get(random.nextInt(ODD_VALUES.size()));
        try {
            return random.nextInt(10) == 0 ? TextNode.valueOf("long".repeat(5000)) : JSON.readTree(text);
        } catch (IOException e) {
            throw new AssertionError(text, e);
        }
    }

    private static void collect(JsonNode node, List<ObjectNode> objects) {
        if (node instanceof ObjectNode object) {
            objects.add(object);
        }
        if (node.isObject() || node instanceof ArrayNode) {
            node.forEach(child -> collect(child, objects));
        }
    }

    /** The same key twice, the second time with a value that no tree could hold. */
    private byte[] withOddValue(byte[] text) {
        String json = new String(text, StandardCharsets.UTF_8);
        String odd = ODD_VALUES.get(random.nextInt(ODD_VALUES.size()));
        int colon = json.indexOf(':', random.nextInt(json.length()));
        return (colon < 0
                        ? json
                        : json.substring(0, colon + 1) + odd + ',' + json.substring(json.lastIndexOf('"', colon - 2)))
                .getBytes(StandardCharsets.UTF_8);
    }

    private byte[] nested(byte[] text) {
        int depth = 1 + random.nextInt(3000);
        String inner =
                random.nextBoolean() ? "{\"parent\":".repeat(depth) + "{}" + "}".repeat(depth) : "[".repeat(depth);
        String json = new String(text, StandardCharsets.UTF_8);
        return (json.substring(0, json.length() - 1) + ",\"container_id\":" + inner + "}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private byte[] flipped(byte[] source) {
        byte[] copy = source.clone();
        for (int i = random.nextInt(4); i >= 0 && copy.length > 0; i--) {
            copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return copy;
    }

    private byte[] spliced(byte[] source) {
        int cut = random.nextInt(source.length + 1);
        byte[] noise = new byte[random.nextInt(16)];
        random.nextBytes(noise);
        byte[] all = Arrays.copyOf(source, source.length + noise.length);
        System.arraycopy(noise, 0, all, cut, noise.length);
        System.arraycopy(source, cut, all, cut + noise.length, source.length - cut);
        return all;
    }
}
