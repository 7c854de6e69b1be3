package io.paddock.agent.server.checkpoint;

import io.paddock.proto.checkpoint.Record;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/** Frames of records, as {@link CheckpointLog} describes them; they grow and are written without a copy. */
final class Frames extends ByteArrayOutputStream {
    private static final int HEADER_BYTES = 8;
    private static final int MAX_RECORD_BYTES = 64 << 20;

    ByteBuffer from(int start) {
        return ByteBuffer.wrap(buf, start, count - start);
    }

    static byte[] of(List<Record> records) {
        int total = 0;
        for (Record record : records) {
            total += HEADER_BYTES + record.getSerializedSize();
        }
        ByteBuffer buffer = ByteBuffer.allocate(total);
        for (Record record : records) {
            byte[] payload = record.toByteArray();
            buffer.putInt(payload.length).putInt(checksum(payload)).put(payload);
        }
        return buffer.array();
    }

    /** Leaves the channel at the end of the last whole frame. */
    static List<Record> read(FileChannel channel) throws IOException {
        List<Record> records = new ArrayList<>();
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        long position = 0;
        while (fill(channel, header.clear(), position)) {
            int length = header.getInt(0);
            if (length <= 0 || length > MAX_RECORD_BYTES) {
                break;
            }
            ByteBuffer payload = ByteBuffer.allocate(length);
            if (!fill(channel, payload, position + HEADER_BYTES) || checksum(payload.array()) != header.getInt(4)) {
                break;
            }
            records.add(Record.parseFrom(payload.array()));
            position += HEADER_BYTES + length;
        }
        channel.position(position);
        return records;
    }

    /** Whether nothing but zeros follows, and no more of them than that. */
    static boolean areZeros(FileChannel channel, long position, int most) throws IOException {
        ByteBuffer rest = ByteBuffer.allocate((int) Math.min(channel.size() - position, most + 1L));
        fill(channel, rest, position);
        for (byte each : rest.array()) {
            if (each != 0) {
                return false;
            }
        }
        return rest.capacity() <= most;
    }

    private static boolean fill(FileChannel channel, ByteBuffer buffer, long position) throws IOException {
        long at = position;
        while (buffer.hasRemaining()) {
            int n = channel.read(buffer, at);
            if (n < 0) {
                return false;
            }
            at += n;
        }
        return true;
    }

    private static int checksum(byte[] payload) {
        CRC32C crc = new CRC32C();
        crc.update(payload);
        return (int) crc.getValue();
    }
}
