package io.paddock.local;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Calls as a careless client might make them: of the right shape, their parts filled by chance with words and numbers among which
 * are names that really exist. Nothing in them does harm to the machine: commands are {@code true}, paths lead nowhere.
 */
final class FuzzCalls {
    private static final int MAX_DEPTH = 6;
    /** Where a real agent would be lost for good, or for the rest of the test. */
    private static final Set<String> LOSES_THE_AGENT =
            Set.of("MARK_AGENT_GONE", "DRAIN_AGENT", "DEACTIVATE_AGENT", "START_MAINTENANCE");

    private static final List<String> WORDS = List.of(
            "true",
            "cpus",
            "mem",
            "disk",
            "ports",
            "gpus",
            "*",
            "fuzz",
            "fuzz/child",
            "",
            ".",
            "..",
            "-x",
            "a b",
            "a/b",
            "a\\b",
            "\u0007",
            "\u00e9\ud83d\ude00",
            "127.0.0.1",
            "0.0.0.0/0",
            "(a+)+$",
            "1",
            "nothing-here",
            "x".repeat(300));
    private static final double[] REALS = {
        0, 0.001, 0.1, 1, 2, -1, -0.0, 1e-9, 1e9, 1e18, 1e300, Double.NaN, Double.POSITIVE_INFINITY, 4.9e-324
    };
    private static final long[] WHOLES = {
        0, 1, 2, 3, 10, 31005, 65536, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 53
    };

    private final Random random;
    private Map<String, String> real = Map.of();

    FuzzCalls(Random random) {
        this.random = random;
    }

    /** Ids of what exists, by the type of their messages. */
    void learn(Map<String, String> ids) {
        real = ids;
    }

    /** A call of a random type; the message of that type is mostly there and the others mostly are not. */
    Message call(Message defaultInstance) {
        Message.Builder call = defaultInstance.newBuilderForType();
        FieldDescriptor type = call.getDescriptorForType().findFieldByName("type");
        List<EnumValueDescriptor> types = type.getEnumType().getValues();
        EnumValueDescriptor chosen = types.get(random.nextInt(types.size()));
        call.setField(type, chosen);
        boolean harmless = !LOSES_THE_AGENT.contains(chosen.getName());
        for (FieldDescriptor field : call.getDescriptorForType().getFields()) {
            if (field == type) {
                continue;
            }
            boolean belongs = field.getName().equals(chosen.getName().toLowerCase(Locale.ROOT))
                    || !field.getName().contains("_") && field.getName().length() < 4
                    || field.getName().endsWith("_id");
            if (random.nextInt(20) < (belongs ? 19 : 1)) {
                set(call, field, 0, harmless);
            }
        }
        return call.buildPartial();
    }

    private Message.Builder fill(Message.Builder builder, int depth, boolean mayBeReal) {
        for (FieldDescriptor field : builder.getDescriptorForType().getFields()) {
            boolean deep = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && depth >= MAX_DEPTH;
            boolean wanted = field.isRequired() ? random.nextInt(50) != 0 : !deep && random.nextInt(3) == 0;
            if (wanted) {
                set(builder, field, depth, mayBeReal);
            }
        }
        return builder;
    }

    private void set(Message.Builder builder, FieldDescriptor field, int depth, boolean mayBeReal) {
        if (!field.isRepeated()) {
            builder.setField(field, value(builder, field, depth, mayBeReal));
            return;
        }
        for (int i = random.nextInt(3); i >= 0; i--) {
            if (!field.isMapField()) {
                builder.addRepeatedField(field, value(builder, field, depth, mayBeReal));
                continue;
            }
            Message.Builder entry = builder.newBuilderForField(field);
            FieldDescriptor value = field.getMessageType().findFieldByName("value");
            entry.setField(field.getMessageType().findFieldByName("key"), word(mayBeReal));
            entry.setField(value, value(entry, value, depth, mayBeReal));
            builder.addRepeatedField(field, entry.buildPartial());
        }
    }

    /** Sets a field of the message, be it set or not. */
    void addAnyField(Message.Builder message) {
        List<FieldDescriptor> fields = message.getDescriptorForType().getFields();
        if (!fields.isEmpty()) {
            set(message, fields.get(random.nextInt(fields.size())), MAX_DEPTH - 2, true);
        }
    }

    /** One value of a field, by chance. */
    Object value(Message.Builder message, FieldDescriptor field) {
        return value(message, field, MAX_DEPTH - 2, true);
    }

    private Object value(Message.Builder builder, FieldDescriptor field, int depth, boolean mayBeReal) {
        return switch (field.getJavaType()) {
            case INT -> (int) WHOLES[random.nextInt(WHOLES.length)];
            case LONG -> WHOLES[random.nextInt(WHOLES.length)];
            case FLOAT -> (float) real();
            case DOUBLE -> real();
            case BOOLEAN -> random.nextBoolean();
            case STRING -> word(mayBeReal);
            case BYTE_STRING -> ByteString.copyFrom(new byte[random.nextInt(20)]);
            case ENUM -> {
                List<EnumValueDescriptor> values = field.getEnumType().getValues();
                yield values.get(random.nextInt(values.size()));
            }
            case MESSAGE ->
                fill(builder.newBuilderForField(field), depth + 1, mayBeReal).buildPartial();
        };
    }

    double real() {
        return REALS[random.nextInt(REALS.length)];
    }

    String word(boolean mayBeReal) {
        return mayBeReal && !real.isEmpty() && random.nextInt(4) == 0
                ? List.copyOf(real.values()).get(random.nextInt(real.size()))
                : WORDS.get(random.nextInt(WORDS.size()));
    }
}
