package io.paddock.proto.json;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.WireFormat;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the codec needs to know of a field.
 *
 * @param jsonName quoted, with its colon
 * @param wireType of one unpacked value
 * @param requiredBit place among the required fields of the message, or -1
 * @param defaultBit place among the fields that print a default, or -1
 * @param messageTable of a message field, else null
 * @param smallEnumNames of an enum field, by number, for the usual small numbers
 * @param enumNames of an enum field, else empty
 */
record FieldTable(
        int number,
        String name,
        byte[] jsonName,
        FieldDescriptor.Type type,
        int wireType,
        boolean repeated,
        boolean map,
        int requiredBit,
        int defaultBit,
        @Nullable Object defaultValue,
        @Nullable LazyTable messageTable,
        byte @Nullable [][] smallEnumNames,
        Map<Integer, byte[]> enumNames,
        Map<String, Integer> enumNumbers,
        EnumName[] enumNamesByText) {

    private static final int SMALL_ENUM_NUMBERS = 64;

    /** A name in ASCII. */
    record EnumName(byte[] name, Integer number) {}

    /** A table looked up when it is first used, as types may contain themselves. */
    static final class LazyTable {
        private final Descriptor type;
        private @Nullable MessageTable table; // set to the same immutable value by whichever threads come first

        LazyTable(Descriptor type) {
            this.type = type;
        }

        MessageTable get() {
            MessageTable known = table;
            if (known == null) {
                known = MessageTable.of(type);
                table = known;
            }
            return known;
        }
    }

    static FieldTable of(FieldDescriptor field, int requiredBit, int defaultBit) {
        Map<Integer, byte[]> enumNames = new HashMap<>();
        Map<String, Integer> enumNumbers = new HashMap<>();
        List<EnumName> byText = new ArrayList<>();
        if (field.getJavaType() == FieldDescriptor.JavaType.ENUM) {
            EnumDescriptor enumType = field.getEnumType();
            for (EnumValueDescriptor value : enumType.getValues()) {
                enumNames.putIfAbsent(value.getNumber(), ascii('"' + value.getName() + '"'));
                enumNumbers.put(value.getName(), value.getNumber());
                byText.add(new EnumName(ascii(value.getName()), value.getNumber()));
            }
        }
        byte @Nullable [][] small = new byte[enumNames.isEmpty() ? 0 : SMALL_ENUM_NUMBERS][];
        enumNames.forEach((number, name) -> {
            if (number >= 0 && number < small.length) {
                small[number] = name;
            }
        });
        return new FieldTable(
                field.getNumber(),
                field.getName(),
                ascii('"' + field.getName() + "\":"),
                field.getType(),
                field.getLiteType().getWireType(),
                field.isRepeated(),
                field.isMapField(),
                requiredBit,
                defaultBit,
                printsDefault(field) ? field.getDefaultValue() : null,
                field.getJavaType() == FieldDescriptor.JavaType.MESSAGE ? new LazyTable(field.getMessageType()) : null,
                small,
                enumNames,
                enumNumbers,
                byText.toArray(EnumName[]::new));
    }

    static boolean printsDefault(FieldDescriptor field) {
        return !field.isRepeated()
                && !field.isRequired()
                && field.hasDefaultValue()
                && !field.getOptions().getDeprecated();
    }

    private static byte[] ascii(String json) {
        return json.getBytes(StandardCharsets.US_ASCII);
    }

    boolean required() {
        return requiredBit >= 0;
    }

    MessageTable message() {
        if (messageTable == null) {
            throw new IllegalStateException(name() + " is not a message field");
        }
        return messageTable.get();
    }

    /** The quoted name of an enum number; null where it has none. */
    byte @Nullable [] enumName(int number) {
        return number >= 0 && number < smallEnumNames.length ? smallEnumNames[number] : enumNames.get(number);
    }

    /** The number of an enum name given in ASCII, without quotes; null where there is no such name. */
    @Nullable
    Integer enumNumber(byte[] text, int from, int length) {
        for (EnumName candidate : enumNamesByText) {
            byte[] name = candidate.name();
            if (name.length == length && Arrays.equals(name, 0, length, text, from, from + length)) {
                return candidate.number();
            }
        }
        return null;
    }

    /** The tag of one unpacked value. */
    int tag() {
        return number << 3 | wireType;
    }

    /** Whether a repeated value may come packed into one length-delimited field. */
    boolean packable() {
        return repeated && wireType != WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }
}
