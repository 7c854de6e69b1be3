package io.paddock.proto.json;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What the codec needs to know of a message type, computed once from its descriptor. Immutable. */
final class MessageTable {
    private static final Map<Descriptor, MessageTable> TABLES = new ConcurrentHashMap<>();
    private static final int MAX_DENSE_NUMBER = 512;

    private final String name;
    private final @Nullable FieldTable[] dense;
    private final Map<Integer, FieldTable> sparse = new HashMap<>();
    private final Map<String, FieldTable> byName = new HashMap<>();
    private final List<FieldTable> required = new ArrayList<>();
    private final List<FieldTable> defaulted = new ArrayList<>();
    private final long defaultBits;

    private MessageTable(Descriptor descriptor) {
        this.name = descriptor.getFullName();
        int max = 0;
        for (FieldDescriptor field : descriptor.getFields()) {
            if (field.getNumber() <= MAX_DENSE_NUMBER) {
                max = Math.max(max, field.getNumber());
            }
        }
        this.dense = new FieldTable[max + 1];
        for (FieldDescriptor descriptorOfField : descriptor.getFields()) {
            FieldTable field = FieldTable.of(
                    descriptorOfField,
                    descriptorOfField.isRequired() ? required.size() : -1,
                    FieldTable.printsDefault(descriptorOfField) ? defaulted.size() : -1);
            if (descriptorOfField.isRequired()) {
                required.add(field);
            }
            if (FieldTable.printsDefault(descriptorOfField)) {
                defaulted.add(field);
            }
            if (field.number() <= MAX_DENSE_NUMBER) {
                dense[field.number()] = field;
            } else {
                sparse.put(field.number(), field);
            }
            byName.put(descriptorOfField.getName().intern(), field); // as the parser's names are: equal at a glance
        }
        if (required.size() > Long.SIZE || defaulted.size() > Long.SIZE) {
            throw new IllegalStateException(name + " has more than 64 required or defaulted fields");
        }
        defaultBits = defaulted.isEmpty() ? 0 : -1L >>> Long.SIZE - defaulted.size();
    }

    static MessageTable of(Descriptor descriptor) {
        MessageTable table = TABLES.get(descriptor);
        return table != null ? table : TABLES.computeIfAbsent(descriptor, MessageTable::new);
    }

    String name() {
        return name;
    }

    @Nullable
    FieldTable byNumber(int number) {
        return number < dense.length ? dense[number] : sparse.get(number);
    }

    @Nullable
    FieldTable byName(String fieldName) {
        return byName.get(fieldName);
    }

    /** Required fields; the place of each is its bit. */
    List<FieldTable> required() {
        return required;
    }

    /** Fields whose default is printed when they are unset; the place of each is its bit. */
    List<FieldTable> defaulted() {
        return defaulted;
    }

    /** The bits of all of those. */
    long defaultBits() {
        return defaultBits;
    }
}
