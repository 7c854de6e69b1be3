package io.paddock.platform.files;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Gzip files that can be read from anywhere. Every MB is a member of its own, whose header says how long it is, so that a
 * reader hops from header to header; for gunzip and zcat it is a gzip file like others (RFC 1952, section 2.3.1.1: extra field).
 */
public final class SeekableGzip {
    private static final int CHUNK_BYTES = 1 << 20;
    private static final int HEADER_BYTES = 24;
    private static final int TRAILER_BYTES = 8;
    private static final int MAGIC_AND_EXTRA = 0x04088b1f;
    private static final short EXTRA_BYTES = 12;
    private static final short EXTRA_NAME = 'P' | 'D' << 8;
    private static final short EXTRA_DATA_BYTES = 8;
    private static final byte UNKNOWN_SYSTEM = (byte) 0xff;

    private SeekableGzip() {}

    /** Compresses a stream to its end, fast rather than well. */
    public static void write(InputStream from, OutputStream to) throws IOException {
        write(from, Long.MAX_VALUE, to);
    }

    /** The same, of no more than so many bytes of it. */
    public static void write(InputStream from, long most, OutputStream to) throws IOException {
        byte[] chunk = new byte[CHUNK_BYTES];
        byte[] deflated = new byte[CHUNK_BYTES + CHUNK_BYTES / 1000 + 1024];
        Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
        try {
            long left = most;
            int n;
            while ((n = from.readNBytes(chunk, 0, (int) Math.min(CHUNK_BYTES, left))) > 0) {
                left -= n;
                deflater.reset();
                deflater.setInput(chunk, 0, n);
                deflater.finish();
                int length = deflater.deflate(deflated);
                if (!deflater.finished()) {
                    throw new IllegalStateException(n + " bytes became more than " + deflated.length);
                }
                to.write(header(length, n));
                to.write(deflated, 0, length);
                to.write(trailer(chunk, n));
            }
        } finally {
            deflater.end();
        }
    }

    private static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] header(int deflated, int inflated) {
        return littleEndian(HEADER_BYTES)
                .putInt(MAGIC_AND_EXTRA)
                .putInt(0)
                .put((byte) 0)
                .put(UNKNOWN_SYSTEM)
                .putShort(EXTRA_BYTES)
                .putShort(EXTRA_NAME)
                .putShort(EXTRA_DATA_BYTES)
                .putInt(deflated)
                .putInt(inflated)
                .array();
    }

    private static byte[] trailer(byte[] chunk, int length) {
        CRC32 check = new CRC32();
        check.update(chunk, 0, length);
        return littleEndian(TRAILER_BYTES)
                .putInt((int) check.getValue())
                .putInt(length)
                .array();
    }

    /** One member; lengths as its header says, which are checked: the file may be anybody's. */
    private record Member(long start, int deflated, int inflated) {
        static Member at(FileChannel file, long start) throws IOException {
            ByteBuffer header = littleEndian(HEADER_BYTES);
            fill(file, start, header);
            boolean ours = header.getInt(0) == MAGIC_AND_EXTRA
                    && header.getShort(10) == EXTRA_BYTES
                    && header.getShort(12) == EXTRA_NAME
                    && header.getShort(14) == EXTRA_DATA_BYTES;
            int deflated = header.getInt(16);
            int inflated = header.getInt(20);
            if (!ours || deflated <= 0 || deflated > 2 * CHUNK_BYTES || inflated <= 0 || inflated > CHUNK_BYTES) {
                throw new IOException("not a compressed output of ours");
            }
            return new Member(start, deflated, inflated);
        }

        long end() {
            return start + HEADER_BYTES + deflated + TRAILER_BYTES;
        }
    }

    private static void fill(FileChannel file, long from, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            int n = file.read(buffer, from + buffer.position());
            if (n < 0) {
                throw new EOFException("a compressed output ends in the middle");
            }
        }
    }

    /**
     * How long the content is.
     *
     * @throws IOException also when it is a gzip file of another kind
     */
    public static long size(FileChannel file) throws IOException {
        long size = 0;
        for (long position = 0; position < file.size(); ) {
            Member member = Member.at(file, position);
            size += member.inflated();
            position = member.end();
        }
        return size;
    }

    /** A part of the content; shorter at its end. */
    public static byte[] read(FileChannel file, long offset, int length) throws IOException {
        ByteBuffer part = ByteBuffer.allocate(length);
        long begin = 0;
        for (long position = 0; position < file.size() && part.hasRemaining(); ) {
            Member member = Member.at(file, position);
            long from = offset + part.position() - begin;
            if (from < member.inflated()) {
                byte[] content = inflate(file, member);
                part.put(content, (int) from, Math.min(part.remaining(), content.length - (int) from));
            }
            begin += member.inflated();
            position = member.end();
        }
        byte[] read = new byte[part.position()];
        part.flip().get(read);
        return read;
    }

    private static byte[] inflate(FileChannel file, Member member) throws IOException {
        ByteBuffer deflated = ByteBuffer.allocate(member.deflated());
        fill(file, member.start() + HEADER_BYTES, deflated);
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(deflated.array());
            byte[] content = new byte[member.inflated()];
            if (inflater.inflate(content) != content.length) {
                throw new IOException("a compressed output is shorter than it says");
            }
            return content;
        } catch (DataFormatException e) {
            throw new IOException("a compressed output is damaged", e);
        } finally {
            inflater.end();
        }
    }
}
