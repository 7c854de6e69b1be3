package io.paddock.agent.server.containers.networks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Host ports that lead into containers. A mapping is a rewriting of addresses and has no listener: it would silently take the
 * port away from a program of the host that listens on it, or will.
 *
 * <p>Two guards. A file each for all agents of the machine keeps a port from being mapped twice, and survives the agent. A
 * socket of this process that is bound to the port, on all IPv4 addresses as the mapping is, but neither listens nor reads,
 * finds out whether the port is in use without a race, and as long as it is there programs of the host are told that the address
 * is in use and the kernel does not choose the port for outgoing connections. It costs a descriptor, and is bound anew by the
 * next agent. Any thread, one at a time.
 */
final class PortClaims {
    private static final int LEAST_BUFFER_BYTES = 1;
    private static final Object ONE_OF_THIS_PROCESS = new Object();

    private final Path directory;
    private final Map<Path, Bound> bound = new HashMap<>(); // guarded by this

    /** @param holder whom it is bound for, whatever has become of the file */
    private record Bound(Path holder, Channel channel) {}

    PortClaims(Path directory) {
        this.directory = directory;
    }

    /** @param holder the file of the network namespace that the port leads to; the claim is void without it */
    synchronized void claim(PortMapping port, Path holder) throws IOException {
        Files.createDirectories(directory);
        Path lockFile = directory.resolve(".lock");
        synchronized (ONE_OF_THIS_PROCESS) { // which has a lock only once
            // Another agent could do the same between the look at the file and its writing.
            try (FileChannel locked = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = locked.lock()) {
                Optional<Path> other = holder(port).filter(found -> !found.equals(holder) && Files.exists(found));
                if (other.isPresent()) {
                    throw new IOException(
                            port.text() + " leads to container " + other.get().getFileName());
                }
                hold(port, holder);
                Files.writeString(file(port), holder.toString());
            }
        }
    }

    /** Also when its file was deleted, as far as this agent knows. */
    private Optional<Path> holder(PortMapping port) throws IOException {
        Bound mine = bound.get(file(port));
        if (mine != null && Files.exists(mine.holder())) {
            return Optional.of(mine.holder());
        }
        try {
            // Empty: it was killed while it wrote its name down.
            return Optional.of(Files.readString(file(port)))
                    .filter(text -> !text.isEmpty())
                    .map(Path::of);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Binds a port that is claimed; what an earlier agent had bound is bound no more. */
    synchronized void hold(PortMapping port, Path holder) throws IOException {
        Bound earlier = bound.get(file(port));
        bound.put(file(port), new Bound(holder, earlier == null ? bind(port) : earlier.channel()));
    }

    private static Channel bind(PortMapping port) throws IOException {
        InetSocketAddress address = new InetSocketAddress("0.0.0.0", port.hostPort());
        boolean udp = port.protocol().equals("udp");
        try {
            return udp ? bindDatagrams(address) : bindStream(address);
        } catch (BindException e) {
            throw new IOException(
                    port.text() + " is in use by a program of this machine; choose another one, or end it"
                            + " ('ss -lnp" + (udp ? "u" : "t") + " sport = " + port.hostPort() + "' names it)",
                    e);
        }
    }

    /** Connections of the past that are not wholly forgotten do not matter, but others that bind later do. */
    private static Channel bindStream(InetSocketAddress address) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.INET);
        try {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true).bind(address);
            return channel.setOption(StandardSocketOptions.SO_REUSEADDR, false);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static Channel bindDatagrams(InetSocketAddress address) throws IOException {
        DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
        try {
            return channel.setOption(StandardSocketOptions.SO_RCVBUF, LEAST_BUFFER_BYTES)
                    .bind(address);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    synchronized void release(List<PortMapping> ports, Path holder) throws IOException {
        for (PortMapping port : ports) {
            Path file = file(port);
            Bound held = bound.get(file);
            if (held != null && held.holder().equals(holder)) {
                bound.remove(file);
                unbind(held.channel());
            }
            if (Files.exists(file) && Files.readString(file).equals(holder.toString())) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** Unbinds all ports, which stay claimed. */
    synchronized void letGo() {
        bound.values().forEach(held -> unbind(held.channel()));
        bound.clear();
    }

    private static void unbind(Channel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("a socket that was never used cannot be closed", e);
        }
    }

    private Path file(PortMapping port) {
        return directory.resolve(port.protocol() + "-" + port.hostPort());
    }
}
