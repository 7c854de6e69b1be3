package io.paddock.proto.json;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.nio.charset.StandardCharsets;

/** Reads protobuf encoding from a byte array up to a limit, which nested messages narrow. Bounds are those of the array. */
final class ProtoCursor {
    private final byte[] bytes;
    private int position;
    private int limit;

    ProtoCursor(byte[] bytes) {
        this.bytes = bytes;
        this.limit = bytes.length;
    }

    byte[] bytes() {
        return bytes;
    }

    int position() {
        return position;
    }

    boolean isAtEnd() {
        return position >= limit;
    }

    /** The next tag, or 0 at the limit. */
    int tag() {
        return position >= limit ? 0 : (int) varint();
    }

    long varint() {
        byte first = bytes[position++];
        if (first >= 0) {
            return first;
        }
        long value = first & 0x7F;
        for (int shift = 7; shift < 64; shift += 7) {
            byte next = bytes[position++];
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                break;
            }
        }
        return value;
    }

    long zigzag() {
        long raw = varint();
        return raw >>> 1 ^ -(raw & 1);
    }

    int fixed32() {
        int at = position;
        position += 4;
        return bytes[at] & 0xFF
                | (bytes[at + 1] & 0xFF) << 8
                | (bytes[at + 2] & 0xFF) << 16
                | (bytes[at + 3] & 0xFF) << 24;
    }

    long fixed64() {
        return fixed32() & 0xFFFFFFFFL | (long) fixed32() << 32;
    }

    /** Reads a length and narrows to it; gives the limit to return to. */
    int enter() {
        int length = (int) varint();
        int outer = limit;
        limit = position + length;
        return outer;
    }

    /** Leaves what {@link #enter} entered, at its end. */
    void leave(int outer) {
        position = limit;
        limit = outer;
    }

    /** Passes over a given number of bytes and tells where they begin. */
    int pass(int length) {
        int at = position;
        position += length;
        return at;
    }

    String text() {
        int length = (int) varint();
        return new String(bytes, pass(length), length, StandardCharsets.UTF_8);
    }

    /** Passes over the value of a field that is not wanted. */
    void skip(int tag) throws InvalidProtocolBufferException {
        switch (WireFormat.getTagWireType(tag)) {
            case WireFormat.WIRETYPE_VARINT -> varint();
            case WireFormat.WIRETYPE_FIXED64 -> pass(8);
            case WireFormat.WIRETYPE_LENGTH_DELIMITED -> pass((int) varint());
            case WireFormat.WIRETYPE_FIXED32 -> pass(4);
            case WireFormat.WIRETYPE_START_GROUP -> {
                for (int inner = tag(); WireFormat.getTagWireType(inner) != WireFormat.WIRETYPE_END_GROUP; ) {
                    skip(inner);
                    inner = tag();
                }
            }
            default -> throw new InvalidProtocolBufferException("tag " + tag + " has no known wire type");
        }
    }
}
