package io.paddock.proto.json;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing buffer of protobuf encoding. A nested message is written first and its length put before it afterwards. */
final class ProtoBuffer {
    private byte[] bytes;
    private int size;

    ProtoBuffer(int capacity) {
        bytes = new byte[capacity];
    }

    int size() {
        return size;
    }

    /** Forgets everything written after a position. */
    void truncate(int position) {
        size = position;
    }

    void varint(long value) {
        ensure(10);
        size = putVarint(value, size);
    }

    void fixed32(int value) {
        ensure(4);
        for (int shift = 0; shift < 32; shift += 8) {
            bytes[size++] = (byte) (value >>> shift);
        }
    }

    void fixed64(long value) {
        ensure(8);
        for (int shift = 0; shift < 64; shift += 8) {
            bytes[size++] = (byte) (value >>> shift);
        }
    }

    void delimited(byte[] value) {
        varint(value.length);
        ensure(value.length);
        System.arraycopy(value, 0, bytes, size, value.length);
        size += value.length;
    }

    /** A text of UTF-16 units, with its length before it. */
    void delimitedText(char[] text, int offset, int length) {
        ensure(length + 10);
        int start = size;
        int at = putVarint(length, start);
        for (int i = offset; i < offset + length; i++) {
            if (text[i] >= 0x80) {
                delimited(new String(text, offset, length).getBytes(StandardCharsets.UTF_8));
                return;
            }
            bytes[at++] = (byte) text[i];
        }
        size = at;
    }

    /** Puts the length of what was written since a position before it. */
    void delimitFrom(int start) {
        int length = size - start;
        int prefix = varintSize(length);
        ensure(prefix);
        System.arraycopy(bytes, start, bytes, start + prefix, length);
        putVarint(length, start);
        size += prefix;
    }

    <T> T parse(Parser<T> parser) throws InvalidProtocolBufferException {
        return parser.parseFrom(bytes, 0, size);
    }

    private int putVarint(long value, int at) {
        int position = at;
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes[position++] = (byte) (rest & 0x7F | 0x80);
            rest >>>= 7;
        }
        bytes[position++] = (byte) rest;
        return position;
    }

    private static int varintSize(int value) {
        return value == 0 ? 1 : (38 - Integer.numberOfLeadingZeros(value)) / 7;
    }

    private void ensure(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
        }
    }
}
