package io.paddock.platform.linux;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A program whose three standard streams are one local socket, the other end of which is a channel of this process. It may
 * leave others behind that keep the socket. It is in a session of its own and is {@link Spawn started} with nothing of this
 * process but the socket. No thread waits for it: its end must be asked for until it has come.
 */
public final class ConnectedProgram {
    private final int pid;
    private final SocketChannel channel;

    private ConnectedProgram(int pid, SocketChannel channel) {
        this.pid = pid;
        this.channel = channel;
    }

    /**
     * Starts a program in the root directory.
     *
     * @param meeting where the two ends of the socket find each other for a moment: a file that is not there, in a directory
     *     only this process may use, with a path of at most 100 bytes
     */
    public static ConnectedProgram start(List<String> argv, Map<String, String> environment, Path meeting)
            throws IOException {
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listening.bind(UnixDomainSocketAddress.of(meeting), 1);
            int end = LocalSockets.connect(meeting, LocalSockets.STREAM);
            try {
                SocketChannel channel = listening.accept();
                try {
                    return new ConnectedProgram(spawn(argv, environment, end), channel);
                } catch (IOException e) {
                    channel.close();
                    throw e;
                }
            } finally {
                Linux.close(end);
            }
        } finally {
            Files.deleteIfExists(meeting);
        }
    }

    private static int spawn(List<String> argv, Map<String, String> environment, int socket) throws IOException {
        try (Spawn spawn = new Spawn()) {
            return spawn.inOwnSession()
                    .duplicate(socket, 0)
                    .duplicate(socket, 1)
                    .duplicate(socket, 2)
                    .closeFrom(3)
                    .changeDirectory(Path.of("/"))
                    .start(argv, environment);
        } catch (IOException e) {
            throw new IOException("cannot start " + argv.get(0) + ": " + e.getMessage(), e);
        }
    }

    /** What the program writes can be read here, and the other way round. */
    public SocketChannel channel() {
        return channel;
    }

    /** The process that was started. */
    public long pid() {
        return pid;
    }

    /** Kills it and waits for its end. Must not be called once that is known, as its number may be given to another process. */
    public void kill() {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        Spawn.await(pid);
    }

    /** Whether it has ended. Must not be asked again after that: its number may be given to another process. */
    public boolean ended() {
        return Spawn.ended(pid);
    }
}
