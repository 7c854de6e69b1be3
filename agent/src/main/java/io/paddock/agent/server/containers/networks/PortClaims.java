package io.paddock.agent.server.containers.networks;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * Host ports that lead into containers, a file each for all agents of the machine. A mapping has no listener that would keep
 * the port from being taken twice, and would silently take it away from whoever listens on it.
 */
final class PortClaims {
    private final Path directory;

    PortClaims(Path directory) {
        this.directory = directory;
    }

    /** @param holder the file of the network namespace that the port leads to; the claim is void without it */
    void claim(PortMapping port, Path holder) throws IOException {
        Files.createDirectories(directory);
        Path file = file(port);
        try {
            Files.writeString(file, holder.toString(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (FileAlreadyExistsException e) {
            // Empty: its holder was killed while it wrote its name down.
            Path other = Path.of(Files.readString(file));
            if (!other.toString().isEmpty() && !other.equals(holder) && Files.exists(other)) {
                throw new IOException("host port " + port.hostPort() + " leads to container " + other.getFileName(), e);
            }
            Files.writeString(file, holder.toString());
        }
        refuseListener(port);
    }

    private static void refuseListener(PortMapping port) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByName("0.0.0.0"), port.hostPort());
        if (port.protocol().equals("udp")) {
            try (DatagramSocket socket = new DatagramSocket(address)) {
                socket.getLocalPort();
            } catch (IOException e) {
                throw new IOException("host port " + port.hostPort() + "/udp is in use", e);
            }
            return;
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(address, 1);
        } catch (IOException e) {
            throw new IOException("host port " + port.hostPort() + " is in use", e);
        }
    }

    void release(List<PortMapping> ports, Path holder) throws IOException {
        for (PortMapping port : ports) {
            Path file = file(port);
            if (Files.exists(file) && Files.readString(file).equals(holder.toString())) {
                Files.deleteIfExists(file);
            }
        }
    }

    private Path file(PortMapping port) {
        return directory.resolve(port.protocol() + "-" + port.hostPort());
    }
}
