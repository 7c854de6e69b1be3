package io.paddock.local;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A docker-registry on loopback, with an image made of a static busybox. */
final class ImageRegistry implements AutoCloseable {
    private final Process process;
    private final Path directory;
    private final int port;

    private ImageRegistry(Process process, Path directory, int port) {
        this.process = process;
        this.directory = directory;
        this.port = port;
    }

    static ImageRegistry start(Path directory) throws IOException {
        Files.createDirectories(directory);
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        Path configuration = directory.resolve("config.yml");
        Files.writeString(configuration, """
                version: 0.1
                storage:
                  filesystem:
                    rootdirectory: %s
                http:
                  addr: 127.0.0.1:%d
                """.formatted(directory.resolve("data"), port));
        Process process = new ProcessBuilder("docker-registry", "serve", configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        await().atMost(Duration.ofSeconds(10)).until(() -> Http.answers("http://127.0.0.1:" + port + "/v2/"));
        return new ImageRegistry(process, directory, port);
    }

    /** {@code host:port}, as it stands in image names. */
    String address() {
        return "127.0.0.1:" + port;
    }

    /** Pushes an image with busybox and its applets, and {@code /www/index.html}. */
    void pushBusybox(String name) throws Exception {
        Path root = directory.resolve("root");
        Files.createDirectories(root.resolve("bin"));
        Files.createDirectories(root.resolve("tmp"));
        Files.createDirectories(root.resolve("www"));
        Files.writeString(root.resolve("www/index.html"), "hello from www\n");
        Path busybox = List.of(Path.of("/bin/busybox"), Path.of("/usr/bin/busybox")).stream()
                .filter(Files::exists)
                .findFirst()
                .orElseThrow();
        Files.copy(busybox, root.resolve("bin/busybox"));
        for (String applet : List.of("sh", "httpd", "sleep", "echo", "cat", "ls", "id", "hostname")) {
            Files.createSymbolicLink(root.resolve("bin/" + applet), Path.of("busybox"));
        }
        String layout = directory.resolve("layout").toString();
        String tar = directory.resolve("layer.tar").toString();
        run("chmod", "755", root.resolve("bin/busybox").toString());
        run("tar", "-C", root.toString(), "-cf", tar, ".");
        run("umoci", "init", "--layout", layout);
        run("umoci", "new", "--image", layout + ":latest");
        run("umoci", "raw", "add-layer", "--image", layout + ":latest", tar);
        run("umoci", "config", "--image", layout + ":latest", "--config.env", "PATH=/bin");
        run(
                "skopeo",
                "copy",
                "--dest-tls-verify=false",
                "oci:" + layout + ":latest",
                "docker://" + address() + "/" + name);
    }

    private void run(String... command) throws Exception {
        Path log = directory.resolve("command.log");
        int status = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start()
                .waitFor();
        if (status != 0) {
            throw new IllegalStateException(
                    String.join(" ", command) + " exited with " + status + ":\n" + Files.readString(log));
        }
    }

    @Override
    public void close() {
        process.destroy();
    }
}
