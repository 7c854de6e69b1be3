package io.paddock.benchmarks.containers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A static busybox as an image.
 *
 * @param layout OCI layout with the tag {@code latest}
 * @param archive its files
 * @param root its files, unpacked
 */
public record TestImage(Path layout, Path archive, Path root) {
    /** @param applets of busybox that are there */
    public static TestImage make(Path directory, String... applets) throws IOException, InterruptedException {
        Path root = directory.resolve("root");
        Files.createDirectories(root.resolve("bin"));
        Files.createDirectories(root.resolve("tmp"));
        Path busybox = Files.exists(Path.of("/bin/busybox")) ? Path.of("/bin/busybox") : Path.of("/usr/bin/busybox");
        Files.copy(busybox, root.resolve("bin/busybox"));
        for (String applet : applets) {
            Files.createSymbolicLink(root.resolve("bin/" + applet), Path.of("busybox"));
        }
        Path layout = directory.resolve("layout");
        Path archive = directory.resolve("layer.tar");
        Commands.run("chmod", "755", root.resolve("bin/busybox").toString());
        Commands.run("tar", "-C", root.toString(), "-cf", archive.toString(), ".");
        Commands.run("umoci", "init", "--layout", layout.toString());
        Commands.run("umoci", "new", "--image", layout + ":latest");
        Commands.run("umoci", "raw", "add-layer", "--image", layout + ":latest", archive.toString());
        return new TestImage(layout, archive, root);
    }
}
