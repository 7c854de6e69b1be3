package io.paddock.proto.json;

import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.WireFormat;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the codec needs to know of a field.
 *
 * @param wireType of one unpacked value
 * @param requiredBit place among the required fields of the message, or -1
 * @param defaultBit place among the fields that print a default, or -1
 * @param messageType of a message field, else null; its table is looked up when used, as types may contain themselves
 * @param enumNames of an enum field, else empty
 */
record FieldTable(
        int number,
        SerializableString jsonName,
        FieldDescriptor.Type type,
        int wireType,
        boolean repeated,
        boolean map,
        int requiredBit,
        int defaultBit,
        @Nullable Object defaultValue,
        @Nullable Descriptor messageType,
        Map<Integer, SerializableString> enumNames,
        Map<String, Integer> enumNumbers) {

    static FieldTable of(FieldDescriptor field, int requiredBit, int defaultBit) {
        Map<Integer, SerializableString> enumNames = new HashMap<>();
        Map<String, Integer> enumNumbers = new HashMap<>();
        if (field.getJavaType() == FieldDescriptor.JavaType.ENUM) {
            EnumDescriptor enumType = field.getEnumType();
            for (EnumValueDescriptor value : enumType.getValues()) {
                enumNames.putIfAbsent(value.getNumber(), new SerializedString(value.getName()));
                enumNumbers.put(value.getName(), value.getNumber());
            }
        }
        return new FieldTable(
                field.getNumber(),
                new SerializedString(field.getName()),
                field.getType(),
                field.getLiteType().getWireType(),
                field.isRepeated(),
                field.isMapField(),
                requiredBit,
                defaultBit,
                printsDefault(field) ? field.getDefaultValue() : null,
                field.getJavaType() == FieldDescriptor.JavaType.MESSAGE ? field.getMessageType() : null,
                enumNames,
                enumNumbers);
    }

    static boolean printsDefault(FieldDescriptor field) {
        return !field.isRepeated()
                && !field.isRequired()
                && field.hasDefaultValue()
                && !field.getOptions().getDeprecated();
    }

    String name() {
        return jsonName.getValue();
    }

    boolean required() {
        return requiredBit >= 0;
    }

    MessageTable message() {
        if (messageType == null) {
            throw new IllegalStateException(name() + " is not a message field");
        }
        return MessageTable.of(messageType);
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
