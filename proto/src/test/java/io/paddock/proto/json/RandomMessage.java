package io.paddock.proto.json;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.Random;

/** Messages with arbitrary contents, the same for the same seed. */
final class RandomMessage {
    private static final int MAX_DEPTH = 5;

    private final Random random;

    RandomMessage(long seed) {
        this.random = new Random(seed);
    }

    Message of(Message defaultInstance) {
        return fill(defaultInstance.newBuilderForType(), 0).build();
    }

    private Message.Builder fill(Message.Builder builder, int depth) {
        for (FieldDescriptor field : builder.getDescriptorForType().getFields()) {
            boolean deep = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && depth >= MAX_DEPTH;
            if (!field.isRequired() && (deep || random.nextInt(3) != 0)) {
                continue;
            }
            if (field.isMapField()) {
                putEntries(builder, field, depth);
            } else if (field.isRepeated()) {
                for (int i = random.nextInt(3); i >= 0; i--) {
                    builder.addRepeatedField(field, value(builder, field, depth));
                }
            } else {
                builder.setField(field, value(builder, field, depth));
            }
        }
        return builder;
    }

    private void putEntries(Message.Builder builder, FieldDescriptor field, int depth) {
        for (int i = random.nextInt(3); i >= 0; i--) {
            Message.Builder entry = builder.newBuilderForField(field);
            FieldDescriptor key = field.getMessageType().findFieldByName("key");
            FieldDescriptor value = field.getMessageType().findFieldByName("value");
            entry.setField(key, "key" + i);
            entry.setField(value, value(entry, value, depth));
            builder.addRepeatedField(field, entry.build());
        }
    }

    private Object value(Message.Builder builder, FieldDescriptor field, int depth) {
        return switch (field.getJavaType()) {
            case INT -> random.nextBoolean() ? random.nextInt() : random.nextInt(100);
            case LONG -> random.nextBoolean() ? random.nextLong() : random.nextInt(100);
            case FLOAT -> random.nextFloat();
            case DOUBLE -> aDouble();
            case BOOLEAN -> random.nextBoolean();
            case STRING -> text();
            case BYTE_STRING -> bytes();
            case ENUM ->
                field.getEnumType()
                        .getValues()
                        .get(random.nextInt(field.getEnumType().getValues().size()));
            case MESSAGE -> fill(builder.newBuilderForField(field), depth + 1).build();
        };
    }

    private double aDouble() {
        return switch (random.nextInt(6)) {
            case 0 -> random.nextInt(1000);
            case 1 -> Double.longBitsToDouble(random.nextLong());
            case 2 -> Double.POSITIVE_INFINITY;
            case 3 -> -random.nextDouble() * 1e12;
            case 4 -> 1.7e9 + random.nextDouble();
            default -> random.nextDouble();
        };
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(12); i > 0; i--) {
            text.appendCodePoint(random.nextInt(8) == 0 ? 0x1F600 + random.nextInt(50) : random.nextInt(0x250));
        }
        return text.toString();
    }

    private ByteString bytes() {
        byte[] bytes = new byte[random.nextInt(40)];
        random.nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }
}
