package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.ContainerInput;
import io.paddock.agent.server.containers.engine.ContainerRecord;
import io.paddock.platform.linux.PacketSocket;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The input of a terminal that the monitor holds: its attach socket, and its pipe for changes of the size. */
final class MonitoredInput implements ContainerInput {
    private static final Logger LOG = LoggerFactory.getLogger(MonitoredInput.class);
    private static final String SOCKET = "attach";
    private static final String CONTROL = "ctl";
    /** The monitor reads up to 8 kB of a message and drops the rest. */
    private static final int MESSAGE_BYTES = 4096;

    private final Path control;
    private final Messages stdin;

    private MonitoredInput(Path control, PacketSocket socket) {
        this.control = control;
        this.stdin = new Messages(socket);
    }

    static MonitoredInput open(ContainerRecord record) throws IOException {
        return new MonitoredInput(record.file(CONTROL), PacketSocket.connect(record.file(SOCKET)));
    }

    @Override
    public OutputStream stdin() {
        return stdin;
    }

    @Override
    public void resize(int rows, int columns) {
        // Opened for reading, too: opening for writing alone would wait for ever if the monitor has just ended.
        try (RandomAccessFile pipe = new RandomAccessFile(control.toFile(), "rw")) {
            pipe.write(("1 " + rows + " " + columns + "\n").getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            LOG.warn("the terminal's size cannot be changed: {}", e.toString());
        }
    }

    /** A stream cut into messages. */
    private static final class Messages extends OutputStream {
        private final PacketSocket socket;

        Messages(PacketSocket socket) {
            this.socket = socket;
        }

        @Override
        public void write(int one) throws IOException {
            socket.send(new byte[] {(byte) one});
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, bytes.length);
            for (int sent = 0; sent < length; sent += MESSAGE_BYTES) {
                int from = offset + sent;
                socket.send(Arrays.copyOfRange(bytes, from, from + Math.min(MESSAGE_BYTES, length - sent)));
            }
        }

        @Override
        public void close() {
            socket.close();
        }
    }
}
