package io.paddock.proto.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A growing buffer of JSON in UTF-8. Names and commas: a value of an object or list is preceded by a comma unless the buffer
 * ends in an opening bracket, which no text can, as texts end in a quote.
 */
final class JsonBuffer {
    private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] BASE64 =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SMALLEST_LONG = Long.toString(Long.MIN_VALUE).getBytes(StandardCharsets.US_ASCII);
    private static final int MAX_LONG_CHARS = 20;
    private static final long[] POWERS_OF_TEN = new long[19];
    private static final byte[] PAIRS = new byte[200];

    static {
        long power = 1;
        for (int i = 0; i < POWERS_OF_TEN.length; i++, power *= 10) {
            POWERS_OF_TEN[i] = power;
        }
        for (int i = 0; i < PAIRS.length / 2; i++) {
            PAIRS[2 * i] = (byte) ('0' + i / 10);
            PAIRS[2 * i + 1] = (byte) ('0' + i % 10);
        }
    }

    private static final int MAX_ESCAPED_CHARS = 6;
    private static final double EXACT_BELOW = 1e15;
    private static final int THOUSAND = 1000;

    private byte[] bytes;
    private int size;

    JsonBuffer(int capacity) {
        bytes = new byte[capacity];
    }

    byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    @Override
    public String toString() {
        return new String(bytes, 0, size, StandardCharsets.UTF_8);
    }

    /** One of the six characters of structure. */
    void put(char structure) {
        ensure(1);
        bytes[size++] = (byte) structure;
    }

    /** What begins a value in an object or list: a comma, where it is not the first. */
    void next() {
        ensure(1);
        if (bytes[size - 1] != '{' && bytes[size - 1] != '[') {
            bytes[size++] = ',';
        }
    }

    /** The name of a field, quoted and with its colon. */
    void name(byte[] quoted) {
        ensure(quoted.length + 1);
        if (bytes[size - 1] != '{') {
            bytes[size++] = ',';
        }
        System.arraycopy(quoted, 0, bytes, size, quoted.length);
        size += quoted.length;
    }

    /** Text that is JSON already. */
    void ascii(byte[] text) {
        ensure(text.length);
        System.arraycopy(text, 0, bytes, size, text.length);
        size += text.length;
    }

    void ascii(String text) {
        ascii(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** A string given in UTF-8; what is not valid UTF-8 becomes U+FFFD. */
    void text(byte[] source, int from, int length) {
        if (PlainText.is(source, from, from + length)) {
            ensure(length + 2);
            bytes[size++] = '"';
            System.arraycopy(source, from, bytes, size, length);
            size += length;
            bytes[size++] = '"';
        } else {
            text(new String(source, from, length, StandardCharsets.UTF_8));
        }
    }

    void text(String text) {
        byte[] source = text.getBytes(StandardCharsets.UTF_8);
        put('"');
        for (byte b : source) {
            ensure(MAX_ESCAPED_CHARS);
            if (b < 0 || b >= ' ' && b != '"' && b != '\\') {
                bytes[size++] = b;
            } else {
                escaped(b);
            }
        }
        put('"');
    }

    private void escaped(byte b) {
        bytes[size++] = '\\';
        switch (b) {
            case '"', '\\' -> bytes[size++] = b;
            case '\b' -> bytes[size++] = 'b';
            case '\f' -> bytes[size++] = 'f';
            case '\n' -> bytes[size++] = 'n';
            case '\r' -> bytes[size++] = 'r';
            case '\t' -> bytes[size++] = 't';
            default -> {
                bytes[size++] = 'u';
                bytes[size++] = '0';
                bytes[size++] = '0';
                bytes[size++] = HEX[b >> 4];
                bytes[size++] = HEX[b & 0xF];
            }
        }
    }

    void base64(byte[] source, int from, int length) {
        ensure((length + 2) / 3 * 4 + 2);
        bytes[size++] = '"';
        int at = from;
        for (int end = from + length / 3 * 3; at < end; at += 3) {
            int group = (source[at] & 0xFF) << 16 | (source[at + 1] & 0xFF) << 8 | source[at + 2] & 0xFF;
            bytes[size] = BASE64[group >> 18];
            bytes[size + 1] = BASE64[group >> 12 & 0x3F];
            bytes[size + 2] = BASE64[group >> 6 & 0x3F];
            bytes[size + 3] = BASE64[group & 0x3F];
            size += 4;
        }
        int left = from + length - at;
        if (left > 0) {
            int group = (source[at] & 0xFF) << 16 | (left == 2 ? (source[at + 1] & 0xFF) << 8 : 0);
            bytes[size++] = BASE64[group >> 18];
            bytes[size++] = BASE64[group >> 12 & 0x3F];
            bytes[size++] = left == 2 ? BASE64[group >> 6 & 0x3F] : (byte) '=';
            bytes[size++] = '=';
        }
        bytes[size++] = '"';
    }

    void number(long value) {
        if (value == Long.MIN_VALUE) {
            ascii(SMALLEST_LONG);
            return;
        }
        ensure(MAX_LONG_CHARS);
        if (value < 0) {
            bytes[size++] = '-';
        }
        digits(Math.abs(value), 1);
    }

    void unsigned(long value) {
        if (value >= 0) {
            number(value);
        } else {
            ascii(Long.toUnsignedString(value));
        }
    }

    /** A double as {@link DoubleText} writes it; infinities and NaN as strings. */
    void real(double value) {
        double thousands = value * THOUSAND;
        long whole = (long) thousands;
        if (Math.abs(thousands) < EXACT_BELOW && whole != 0 && (double) whole / THOUSAND == value) {
            thousandths(whole);
        } else if (Double.isFinite(value)) {
            ascii(DoubleText.of(value));
        } else {
            text(Double.toString(value));
        }
    }

    /** With at most 15 digits a decimal fraction is the shortest text of the double next to it. */
    private void thousandths(long value) {
        long magnitude = Math.abs(value);
        ensure(MAX_LONG_CHARS + 2);
        if (value < 0) {
            bytes[size++] = '-';
        }
        digits(magnitude / THOUSAND, 1);
        bytes[size++] = '.';
        digits(magnitude % THOUSAND, 3);
        while (bytes[size - 1] == '0' && bytes[size - 2] != '.') {
            size--;
        }
    }

    /** At least so many digits; there is room for them. Two at a time, as divisions are what costs. */
    private void digits(long value, int least) {
        int count = least;
        for (long limit = POWERS_OF_TEN[least]; count < POWERS_OF_TEN.length && value >= limit; limit *= 10) {
            count++;
        }
        int at = size + count;
        long rest = value;
        while (at - size >= 2) {
            long hundreds = rest / 100;
            int pair = (int) (rest - hundreds * 100) * 2;
            rest = hundreds;
            bytes[--at] = PAIRS[pair + 1];
            bytes[--at] = PAIRS[pair];
        }
        if (at > size) {
            bytes[--at] = (byte) ('0' + rest);
        }
        size += count;
    }

    private void ensure(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
        }
    }
}
