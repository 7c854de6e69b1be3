package io.paddock.proto.recordio;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code <length in decimal>\n<bytes>}, repeated. Record boundaries have nothing to do with the chunks of the transport.
 */
public final class RecordIO {
    private RecordIO() {}

    /** One record: its length in decimal, a newline, its bytes. */
    public static byte[] encode(byte[] payload) {
        byte[] header = (payload.length + "\n").getBytes(StandardCharsets.US_ASCII);
        byte[] record = new byte[header.length + payload.length];
        System.arraycopy(header, 0, record, 0, header.length);
        System.arraycopy(payload, 0, record, header.length, payload.length);
        return record;
    }

    /** Takes the bytes of a stream as they come and gives whole records. */
    public static final class Decoder {
        private static final int MAX_LENGTH_DIGITS = 10;

        private final int maxRecordBytes;
        private final ByteArrayOutputStream payload = new ByteArrayOutputStream();
        private long length;
        private int digits;
        private boolean inPayload;

        /** @param maxRecordBytes a longer record fails the stream before it is read */
        public Decoder(int maxRecordBytes) {
            this.maxRecordBytes = maxRecordBytes;
        }

        /**
         * Takes the next bytes.
         *
         * @return the records completed by them, in order
         * @throws IllegalArgumentException when the stream is not RecordIO or a record is too long; it cannot be resumed
         */
        public List<byte[]> decode(byte[] chunk) {
            List<byte[]> records = new ArrayList<>();
            int at = 0;
            while (at < chunk.length || inPayload && length == payload.size()) {
                if (!inPayload) {
                    takeHeaderByte(chunk[at++]);
                }
                if (inPayload) {
                    int taken = (int) Math.min(length - payload.size(), chunk.length - at);
                    payload.write(chunk, at, taken);
                    at += taken;
                    if (payload.size() == length) {
                        records.add(payload.toByteArray());
                        reset();
                    }
                }
            }
            return records;
        }

        /** Whether the stream may end here: not inside a record. */
        public boolean isBetweenRecords() {
            return !inPayload && digits == 0;
        }

        private void takeHeaderByte(byte b) {
            if (b >= '0' && b <= '9' && digits < MAX_LENGTH_DIGITS) {
                length = length * 10 + (b - '0');
                digits++;
            } else if (b == '\n' && digits > 0) {
                if (length > maxRecordBytes) {
                    throw new IllegalArgumentException(
                            "A record of " + length + " bytes is longer than the limit of " + maxRecordBytes);
                }
                inPayload = true;
            } else {
                throw new IllegalArgumentException(
                        "Not RecordIO: expected a decimal length and a newline but got byte 0x"
                                + Integer.toHexString(b & 0xff) + " after " + digits + " digits");
            }
        }

        private void reset() {
            payload.reset();
            length = 0;
            digits = 0;
            inPayload = false;
        }
    }
}
