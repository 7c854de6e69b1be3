package io.paddock.proto.json;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Protobuf encoding to JSON. Relies on what generated code guarantees: fields come in the order of their numbers, the
 * values of a repeated field together, unknown fields last.
 */
final class JsonOutput {
    private static final int KEY_OF_MAP_ENTRY = 1;
    private static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FALSE = "false".getBytes(StandardCharsets.US_ASCII);
    private static final long UNSIGNED_INT = 0xFFFFFFFFL;

    private JsonOutput() {}

    /** Writes the message between here and the current limit of the input. */
    static void writeObject(MessageTable table, ProtoCursor in, JsonBuffer out) throws InvalidProtocolBufferException {
        out.put('{');
        long defaultedSeen = 0;
        FieldTable open = null;
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            FieldTable field = table.byNumber(WireFormat.getTagFieldNumber(tag));
            boolean packed = field != null && field.repeated() && isPacked(field, tag);
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
                    writeItem(field, in, out);
                }
                in.leave(outer);
            } else if (field.map()) {
                writeMapEntry(field.message(), in, out);
            } else {
                writeItem(field, in, out);
            }
        }
        if (open != null) {
            close(open, out);
        }
        if (defaultedSeen != table.defaultBits()) {
            writeDefaults(table, defaultedSeen, out);
        }
        out.put('}');
    }

    private static boolean isPacked(FieldTable field, int tag) {
        return field.packable() && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }

    private static void open(FieldTable field, JsonBuffer out) throws InvalidProtocolBufferException {
        out.name(field.jsonName());
        if (field.map()) {
            out.put('{');
        } else {
            out.put('[');
        }
    }

    private static void close(FieldTable field, JsonBuffer out) throws InvalidProtocolBufferException {
        if (field.map()) {
            out.put('}');
        } else {
            out.put(']');
        }
    }

    /** Whether the value was written: an enum number without a name counts as unset. */
    private static boolean writeSingular(FieldTable field, ProtoCursor in, JsonBuffer out)
            throws InvalidProtocolBufferException {
        if (field.type() != FieldDescriptor.Type.ENUM) {
            out.name(field.jsonName());
            writeValue(field, in, out);
            return true;
        }
        byte @Nullable [] name = field.enumName((int) in.varint());
        if (name == null) {
            return false;
        }
        out.name(field.jsonName());
        out.ascii(name);
        return true;
    }

    private static void writeMapEntry(MessageTable entry, ProtoCursor in, JsonBuffer out)
            throws InvalidProtocolBufferException {
        int outer = in.enter();
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            FieldTable field = entry.byNumber(WireFormat.getTagFieldNumber(tag));
            if (field == null) {
                in.skip(tag);
            } else if (field.number() == KEY_OF_MAP_ENTRY) {
                out.next();
                out.text(mapKey(field, in));
                out.put(':');
            } else {
                writeValue(field, in, out);
            }
        }
        in.leave(outer);
    }

    private static String mapKey(FieldTable field, ProtoCursor in) throws InvalidProtocolBufferException {
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

    /** An enum number without a name is left out. */
    private static void writeItem(FieldTable field, ProtoCursor in, JsonBuffer out)
            throws InvalidProtocolBufferException {
        if (field.type() != FieldDescriptor.Type.ENUM) {
            out.next();
            writeValue(field, in, out);
            return;
        }
        byte[] name = field.enumName((int) in.varint());
        if (name != null) {
            out.next();
            out.ascii(name);
        }
    }

    private static void writeValue(FieldTable field, ProtoCursor in, JsonBuffer out)
            throws InvalidProtocolBufferException {
        switch (field.type()) {
            case DOUBLE -> out.real(Double.longBitsToDouble(in.fixed64()));
            case FLOAT -> out.real(Double.parseDouble(Float.toString(Float.intBitsToFloat(in.fixed32()))));
            case INT32, INT64 -> out.number(in.varint());
            case SINT32, SINT64 -> out.number(in.zigzag());
            case SFIXED32 -> out.number(in.fixed32());
            case SFIXED64 -> out.number(in.fixed64());
            case UINT32 -> out.number(in.varint() & UNSIGNED_INT);
            case FIXED32 -> out.number(in.fixed32() & UNSIGNED_INT);
            case UINT64 -> out.unsigned(in.varint());
            case FIXED64 -> out.unsigned(in.fixed64());
            case BOOL -> out.ascii(in.varint() != 0 ? TRUE : FALSE);
            case STRING -> {
                int length = (int) in.varint();
                out.text(in.bytes(), in.pass(length), length);
            }
            case BYTES -> {
                int length = (int) in.varint();
                out.base64(in.bytes(), in.pass(length), length);
            }
            case ENUM -> {
                byte[] name = field.enumName((int) in.varint());
                out.ascii(name == null ? NULL : name);
            }
            case MESSAGE -> {
                int outer = in.enter();
                writeObject(field.message(), in, out);
                in.leave(outer);
            }
            case GROUP -> throw new IllegalStateException("groups are not supported: " + field.name());
        }
    }

    private static void writeDefaults(MessageTable table, long seen, JsonBuffer out)
            throws InvalidProtocolBufferException {
        for (FieldTable field : table.defaulted()) {
            if ((seen & 1L << field.defaultBit()) == 0 && field.defaultValue() != null) {
                out.name(field.jsonName());
                writeDefault(field.defaultValue(), out);
            }
        }
    }

    private static void writeDefault(Object value, JsonBuffer out) throws InvalidProtocolBufferException {
        if (value instanceof EnumValueDescriptor e) {
            out.text(e.getName());
        } else if (value instanceof Boolean b) {
            out.ascii(b ? TRUE : FALSE);
        } else if (value instanceof Double || value instanceof Float) {
            out.real(((Number) value).doubleValue());
        } else if (value instanceof Number n) {
            out.number(n.longValue());
        } else if (value instanceof ByteString bytes) {
            out.base64(bytes.toByteArray(), 0, bytes.size());
        } else {
            out.text((String) value);
        }
    }
}
