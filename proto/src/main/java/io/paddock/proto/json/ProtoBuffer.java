package io.paddock.proto.json;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import java.util.Arrays;

/** A growing buffer of protobuf encoding. A nested message is written first and its length put before it afterwards. */
final class ProtoBuffer {
    private static final int MAX_VARINT_BYTES = 10;

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
        ensure(MAX_VARINT_BYTES);
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
        delimited(value, 0, value.length);
    }

    /** Bytes of another array, with their length before them. */
    void delimited(byte[] source, int from, int length) {
        ensure(length + MAX_VARINT_BYTES);
        size = putVarint(length, size);
        System.arraycopy(source, from, bytes, size, length);
        size += length;
    }

    /** Begins a nested message; gives the position for {@link #close}. Most are short: one byte is left for the length. */
    int open() {
        ensure(1);
        return ++size;
    }

    /** Ends the message begun at a position: its length is put before it. */
    void close(int start) {
        int length = size - start;
        int prefix = varintSize(length);
        if (prefix > 1) {
            ensure(prefix - 1);
            System.arraycopy(bytes, start, bytes, start + prefix - 1, length);
            size += prefix - 1;
        }
        putVarint(length, start - 1);
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
