package io.paddock.proto.json;

import com.fasterxml.jackson.core.Base64Variants;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Protobuf encoding to JSON. Relies on what generated code guarantees: fields come in the order of their numbers, the
 * values of a repeated field together, unknown fields last.
 */
final class JsonOutput {
    private static final int KEY_OF_MAP_ENTRY = 1;
    private static final long UNSIGNED_INT = 0xFFFFFFFFL;

    private JsonOutput() {}

    /** Writes the message between here and the current limit of the input. */
    static void writeObject(MessageTable table, ProtoCursor in, JsonGenerator out) throws IOException {
        out.writeStartObject();
        long defaultedSeen = 0;
        FieldTable open = null;
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            FieldTable field = table.byNumber(WireFormat.getTagFieldNumber(tag));
            boolean packed = isPacked(field, tag);
            if (field == null || !packed && field.wireType() != WireFormat.getTagWireType(tag)) {
                in.skip(tag);
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
                int outer = in.enter();
                while (!in.isAtEnd()) {
                    writeValue(field, in, out);
                }
                in.leave(outer);
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
    private static boolean writeSingular(FieldTable field, ProtoCursor in, JsonGenerator out) throws IOException {
        if (field.type() != FieldDescriptor.Type.ENUM) {
            out.writeFieldName(field.jsonName());
            writeValue(field, in, out);
            return true;
        }
        SerializableString name = field.enumName((int) in.varint());
        if (name == null) {
            return false;
        }
        out.writeFieldName(field.jsonName());
        out.writeString(name);
        return true;
    }

    private static void writeMapEntry(MessageTable entry, ProtoCursor in, JsonGenerator out) throws IOException {
        int outer = in.enter();
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            FieldTable field = entry.byNumber(WireFormat.getTagFieldNumber(tag));
            if (field == null) {
                in.skip(tag);
            } else if (field.number() == KEY_OF_MAP_ENTRY) {
                out.writeFieldName(mapKey(field, in));
            } else {
                writeValue(field, in, out);
            }
        }
        in.leave(outer);
    }

    private static String mapKey(FieldTable field, ProtoCursor in) throws IOException {
        return switch (field.type()) {
            case STRING -> in.text();
            case BOOL -> Boolean.toString(in.varint() != 0);
            case INT32, INT64 -> Long.toString(in.varint());
            case UINT32 -> Long.toString(in.varint() & UNSIGNED_INT);
            case UINT64 -> Long.toUnsignedString(in.varint());
            case SINT32, SINT64 -> Long.toString(in.zigzag());
            case FIXED32 -> Long.toString(in.fixed32() & UNSIGNED_INT);
            case FIXED64 -> Long.toUnsignedString(in.fixed64());
            case SFIXED32 -> Integer.toString(in.fixed32());
            case SFIXED64 -> Long.toString(in.fixed64());
            case DOUBLE, FLOAT, GROUP, MESSAGE, BYTES, ENUM ->
                throw new IllegalStateException("a map key cannot be of type " + field.type());
        };
    }

    private static void writeValue(FieldTable field, ProtoCursor in, JsonGenerator out) throws IOException {
        switch (field.type()) {
            case DOUBLE -> writeDouble(Double.longBitsToDouble(in.fixed64()), out);
            case FLOAT -> writeDouble(Double.parseDouble(Float.toString(Float.intBitsToFloat(in.fixed32()))), out);
            case INT32, INT64 -> out.writeNumber(in.varint());
            case SINT32, SINT64 -> out.writeNumber(in.zigzag());
            case SFIXED32 -> out.writeNumber(in.fixed32());
            case SFIXED64 -> out.writeNumber(in.fixed64());
            case UINT32 -> out.writeNumber(in.varint() & UNSIGNED_INT);
            case FIXED32 -> out.writeNumber(in.fixed32() & UNSIGNED_INT);
            case UINT64 -> writeUnsigned(in.varint(), out);
            case FIXED64 -> writeUnsigned(in.fixed64(), out);
            case BOOL -> out.writeBoolean(in.varint() != 0);
            case STRING -> writeText(in, out);
            case BYTES -> {
                int length = (int) in.varint();
                out.writeBinary(Base64Variants.MIME_NO_LINEFEEDS, in.bytes(), in.pass(length), length);
            }
            case ENUM -> {
                SerializableString name = field.enumName((int) in.varint());
                if (name != null) {
                    out.writeString(name);
                }
            }
            case MESSAGE -> {
                int outer = in.enter();
                writeObject(field.message(), in, out);
                in.leave(outer);
            }
            case GROUP -> throw new IllegalStateException("groups are not supported: " + field.name());
        }
    }

    /** ASCII goes through as it is; other text is decoded first, as a message may hold bytes that are not UTF-8. */
    private static void writeText(ProtoCursor in, JsonGenerator out) throws IOException {
        int length = (int) in.varint();
        byte[] bytes = in.bytes();
        int start = in.pass(length);
        for (int i = start; i < start + length; i++) {
            if (bytes[i] < 0) {
                out.writeString(new String(bytes, start, length, StandardCharsets.UTF_8));
                return;
            }
        }
        out.writeUTF8String(bytes, start, length);
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
