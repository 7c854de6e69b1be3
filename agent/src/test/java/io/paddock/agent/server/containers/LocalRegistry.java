package io.paddock.agent.server.containers;

import io.paddock.agent.server.containers.tools.Durable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Assumptions;

/** A real registry on a free port of the loopback, and a few small images made of a static busybox. */
final class LocalRegistry implements AutoCloseable {
    private static final int TRIES = 5;
    /** In the kernel's tables of sockets. */
    private static final String LISTENING = "0A";

    private final Path directory;
    private final Process process;
    private final String host;
    final int port;

    private LocalRegistry(Path directory, Process process, String host, int port) {
        this.host = host;
        this.directory = directory;
        this.process = process;
        this.port = port;
    }

    /** Skips the test where the tools are missing. */
    static LocalRegistry start() throws Exception {
        for (String tool : List.of("docker-registry", "skopeo", "umoci", "busybox")) {
            Assumptions.assumeTrue(
                    io.paddock.agent.server.containers.tools.Tools.find(tool).isPresent(), tool + " is not installed");
        }
        Path directory = Files.createTempDirectory("paddock-registry");
        return serve(directory, directory.resolve("store"), "127.0.0.1", "", "");
    }

    /**
     * Another registry with the same images.
     *
     * @param auth the {@code auth} section of its configuration, or nothing
     * @param tls the {@code tls} section below {@code http}, or nothing
     */
    LocalRegistry likewise(String host, String auth, String tls) throws Exception {
        return serve(Files.createTempDirectory("paddock-registry"), store(), host, auth, tls);
    }

    private static LocalRegistry serve(Path directory, Path store, String host, String auth, String tls)
            throws Exception {
        for (int i = 0; i < TRIES; i++) {
            int port = freePort();
            Path config = directory.resolve("config.yml");
            Files.writeString(
                    config,
                    "version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: " + store
                            + "\nhttp:\n  addr: " + host + ":" + port + "\n" + tls + auth);
            Process process = new ProcessBuilder("docker-registry", "serve", config.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("log").toFile())
                    .start();
            if (serves(process, host, port)) {
                return new LocalRegistry(directory, process, host, port);
            }
        }
        throw new IOException("docker-registry does not start: " + Files.readString(directory.resolve("log")));
    }

    /** False when it has ended, such as after somebody else took the port. */
    private static boolean serves(Process process, String host, int port) throws Exception {
        try {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> !process.isAlive() || (listens(process, port) && accepts(host, port)));
        } catch (ConditionTimeoutException e) {
            process.destroy();
            process.waitFor();
            throw e;
        }
        return process.isAlive();
    }

    /** Somebody else may, who took the port after it was found free. */
    private static boolean listens(Process process, int port) throws IOException {
        Set<String> sockets = new HashSet<>();
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            for (String line : Files.readAllLines(Path.of(table))) {
                String[] words = line.strip().split("\\s+", -1);
                if (words[1].endsWith(String.format(":%04X", port)) && words[3].equals(LISTENING)) {
                    sockets.add("socket:[" + words[9] + "]");
                }
            }
        }
        try (Stream<Path> descriptors = Files.list(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
            for (Path each : (Iterable<Path>) descriptors::iterator) {
                if (sockets.contains(Files.readSymbolicLink(each).toString())) {
                    return true;
                }
            }
        } catch (NoSuchFileException e) {
            // It opens and closes files, or has ended.
        }
        return false;
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    static boolean accepts(int port) {
        return accepts("127.0.0.1", port);
    }

    private static boolean accepts(String host, int port) {
        try (Socket socket = new Socket(host, port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    String name(String image) {
        return host + ":" + port + "/" + image;
    }

    /**
     * Pushes an image of two layers, busybox and a second one that deletes, replaces and hides files of the first.
     *
     * @param config arguments of {@code umoci config}, such as {@code --config.cmd=sh}
     */
    void push(String image, String... config) throws Exception {
        Path layout = layout();
        List<String> configure =
                new ArrayList<>(List.of("umoci", "config", "--image", layout + ":layers", "--tag", "configured"));
        configure.addAll(List.of(config));
        run(directory, configure.toArray(String[]::new));
        run(
                directory,
                "skopeo",
                "--insecure-policy",
                "copy",
                "--dest-tls-verify=false",
                "oci:" + layout + ":configured",
                "docker://" + name(image));
    }

    /** The layers are made once, at the first push. */
    private Path layout() throws Exception {
        Path layout = directory.resolve("layout");
        if (Files.exists(layout)) {
            return layout;
        }
        Path base = directory.resolve("base");
        for (String each : List.of("bin", "etc", "tmp", "root", "hidden", "replaced")) {
            Files.createDirectories(base.resolve(each));
        }
        Files.copy(Path.of("/bin/busybox"), base.resolve("bin/busybox"));
        for (String applet : run(directory, "/bin/busybox", "--list").lines().toList()) {
            if (!applet.equals("busybox")) {
                Files.createSymbolicLink(base.resolve("bin").resolve(applet), Path.of("/bin/busybox"));
            }
        }
        Files.writeString(base.resolve("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\nweb:x:1234:1235::/tmp:/bin/sh\n");
        Files.writeString(base.resolve("etc/group"), "root:x:0:\nweb:x:1235:\nmore:x:1300:web\n");
        Files.writeString(base.resolve("deleted"), "first layer");
        Files.writeString(base.resolve("hidden/old"), "first layer");
        Files.writeString(base.resolve("replaced/file"), "first layer");
        Path second = directory.resolve("second");
        Files.createDirectories(second.resolve("hidden"));
        Files.createDirectories(second.resolve("replaced"));
        Files.writeString(second.resolve(".wh.deleted"), "");
        Files.writeString(second.resolve("hidden/.wh..wh..opq"), "");
        Files.writeString(second.resolve("hidden/new"), "second layer");
        Files.writeString(second.resolve("replaced/file"), "second layer");
        // So that another registry's layers are others, also when they are made in the same second.
        for (Path file : List.of(base.resolve("deleted"), second.resolve("replaced/file"))) {
            Files.setLastModifiedTime(file, FileTime.fromMillis(TimeUnit.SECONDS.toMillis(port)));
        }
        run(directory, "tar", "-C", "base", "-cf", "base.tar", ".");
        run(directory, "tar", "-C", "second", "-cf", "second.tar", ".");
        run(directory, "umoci", "init", "--layout", layout.toString());
        run(directory, "umoci", "new", "--image", layout + ":layers");
        run(directory, "umoci", "raw", "add-layer", "--image", layout + ":layers", "base.tar");
        run(directory, "umoci", "raw", "add-layer", "--image", layout + ":layers", "second.tar");
        return layout;
    }

    /** How often something was asked of the registry's blobs is not to be had; the store's files are. */
    Path store() {
        return directory.resolve("store");
    }

    static String run(Path directory, String... argv) throws Exception {
        Process process = new ProcessBuilder(argv)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", argv) + ": " + output);
        }
        return output;
    }

    @Override
    public void close() throws Exception {
        process.destroy();
        process.waitFor();
        Durable.deleteTree(directory);
    }
}
