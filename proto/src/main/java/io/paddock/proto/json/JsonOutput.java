package io.paddock.proto.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Protobuf encoding to JSON. Relies on what generated code guarantees: fields come in the order of their numbers, the
 * values of a repeated field together, unknown fields last.
 */
final class JsonOutput {
    private static final int KEY_OF_MAP_ENTRY = 1;

    private JsonOutput() {}

    /** Writes the message between here and the current limit of the input. */
    static void writeObject(MessageTable table, CodedInputStream in, JsonGenerator out) throws IOException {
        out.writeStartObject();
        long defaultedSeen = 0;
        FieldTable open = null;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            FieldTable field = table.byNumber(WireFormat.getTagFieldNumber(tag));
            boolean packed = isPacked(field, tag);
            if (field == null || !packed && field.wireType() != WireFormat.getTagWireType(tag)) {
                in.skipField(tag);
                continue;
            }
            if (open != null && open != field) {
                close(open, out);
                open = null;
            }
            if (!field.repeated()) {
                if (writeSingular(field, in, out) && field.defaultBit() >= 0) {
                    defaultedSeen |= 1L << field.defaultBit();
                }
                continue;
            }
            if (open == null) {
                open(field, out);
                open = field;
            }
            if (packed) {
                int limit = in.pushLimit(in.readRawVarint32());
                while (!in.isAtEnd()) {
                    writeValue(field, in, out);
                }
                in.popLimit(limit);
            } else if (field.map()) {
                writeMapEntry(field.message(), in, out);
            } else {
                writeValue(field, in, out);
            }
        }
        if (open != null) {
            close(open, out);
        }
        writeDefaults(table, defaultedSeen, out);
        out.writeEndObject();
    }

    private static boolean isPacked(@Nullable FieldTable field, int tag) {
        return field != null
                && field.packable()
                && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }

    private static void open(FieldTable field, JsonGenerator out) throws IOException {
        out.writeFieldName(field.jsonName());
        if (field.map()) {
            out.writeStartObject();
        } else {
            out.writeStartArray();
        }
    }

    private static void close(FieldTable field, JsonGenerator out) throws IOException {
        if (field.map()) {
            out.writeEndObject();
        } else {
            out.writeEndArray();
        }
    }

    /** Whether the value was written: an enum number without a name counts as unset. */
    private static boolean writeSingular(FieldTable field, CodedInputStream in, JsonGenerator out) throws IOException {
        if (field.enumNames().isEmpty()) {
            out.writeFieldName(field.jsonName());
            writeValue(field, in, out);
            return true;
        }
        SerializableString name = field.enumNames().get(in.readEnum());
        if (name == null) {
            return false;
        }
        out.writeFieldName(field.jsonName());
        out.writeString(name);
        return true;
    }

    private static void writeMapEntry(MessageTable entry, CodedInputStream in, JsonGenerator out) throws IOException {
        int limit = in.pushLimit(in.readRawVarint32());
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            FieldTable field = entry.byNumber(WireFormat.getTagFieldNumber(tag));
            if (field == null) {
                in.skipField(tag);
            } else if (field.number() == KEY_OF_MAP_ENTRY) {
                out.writeFieldName(mapKey(field, in));
            } else {
                writeValue(field, in, out);
            }
        }
        in.popLimit(limit);
    }

    private static String mapKey(FieldTable field, CodedInputStream in) throws IOException {
        return switch (field.type()) {
            case STRING -> in.readString();
            case BOOL -> Boolean.toString(in.readBool());
            case INT32 -> Integer.toString(in.readInt32());
            case INT64 -> Long.toString(in.readInt64());
            case UINT32 -> Integer.toUnsignedString(in.readUInt32());
            case UINT64 -> Long.toUnsignedString(in.readUInt64());
            case SINT32 -> Integer.toString(in.readSInt32());
            case SINT64 -> Long.toString(in.readSInt64());
            case FIXED32 -> Integer.toUnsignedString(in.readFixed32());
            case FIXED64 -> Long.toUnsignedString(in.readFixed64());
            case SFIXED32 -> Integer.toString(in.readSFixed32());
            case SFIXED64 -> Long.toString(in.readSFixed64());
            case DOUBLE, FLOAT, GROUP, MESSAGE, BYTES, ENUM ->
                throw new IllegalStateException("a map key cannot be of type " + field.type());
        };
    }

    private static void writeValue(FieldTable field, CodedInputStream in, JsonGenerator out) throws IOException {
        switch (field.type()) {
            case DOUBLE -> writeDouble(in.readDouble(), out);
            case FLOAT -> writeDouble(Double.parseDouble(Float.toString(in.readFloat())), out);
            case INT32 -> out.writeNumber(in.readInt32());
            case SINT32 -> out.writeNumber(in.readSInt32());
            case SFIXED32 -> out.writeNumber(in.readSFixed32());
            case INT64 -> out.writeNumber(in.readInt64());
            case SINT64 -> out.writeNumber(in.readSInt64());
            case SFIXED64 -> out.writeNumber(in.readSFixed64());
            case UINT32 -> out.writeNumber(Integer.toUnsignedLong(in.readUInt32()));
            case FIXED32 -> out.writeNumber(Integer.toUnsignedLong(in.readFixed32()));
            case UINT64 -> writeUnsigned(in.readUInt64(), out);
            case FIXED64 -> writeUnsigned(in.readFixed64(), out);
            case BOOL -> out.writeBoolean(in.readBool());
            case STRING -> out.writeString(in.readString());
            case BYTES -> out.writeBinary(in.readByteArray());
            case ENUM -> {
                SerializableString name = field.enumNames().get(in.readEnum());
                if (name != null) {
                    out.writeString(name);
                }
            }
            case MESSAGE -> {
                int limit = in.pushLimit(in.readRawVarint32());
                writeObject(field.message(), in, out);
                in.popLimit(limit);
            }
            case GROUP -> throw new IllegalStateException("groups are not supported: " + field.name());
        }
    }

    private static void writeDefaults(MessageTable table, long seen, JsonGenerator out) throws IOException {
        for (FieldTable field : table.defaulted()) {
            if ((seen & 1L << field.defaultBit()) == 0 && field.defaultValue() != null) {
                out.writeFieldName(field.jsonName());
                writeDefault(field.defaultValue(), out);
            }
        }
    }

    private static void writeDefault(Object value, JsonGenerator out) throws IOException {
        if (value instanceof EnumValueDescriptor e) {
            out.writeString(e.getName());
        } else if (value instanceof Boolean b) {
            out.writeBoolean(b);
        } else if (value instanceof Double || value instanceof Float) {
            writeDouble(((Number) value).doubleValue(), out);
        } else if (value instanceof Number n) {
            out.writeNumber(n.longValue());
        } else if (value instanceof ByteString bytes) {
            out.writeBinary(bytes.toByteArray());
        } else {
            out.writeString((String) value);
        }
    }

    private static void writeUnsigned(long value, JsonGenerator out) throws IOException {
        if (value >= 0) {
            out.writeNumber(value);
        } else {
            out.writeNumber(Long.toUnsignedString(value));
        }
    }

    private static void writeDouble(double value, JsonGenerator out) throws IOException {
        if (Double.isFinite(value)) {
            out.writeNumber(DoubleText.of(value));
        } else {
            out.writeString(Double.toString(value));
        }
    }
}
