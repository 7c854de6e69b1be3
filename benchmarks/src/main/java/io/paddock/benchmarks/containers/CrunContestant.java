package io.paddock.benchmarks.containers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** crun alone, on what Paddock would have it run: create, start, delete; with an image the mounts that it needs around that. */
public final class CrunContestant implements Contestant {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What /run is on most machines. */
    private static final Path IN_MEMORY = Path.of("/dev/shm");

    private final Path directory;
    private final Path state;
    private final CpuGroup group = CpuGroup.named("crun");
    private final ObjectNode config;
    private final @Nullable String lower;

    /** Takes the configuration of a container of ours. */
    public CrunContestant(Path directory, OurContestant ours, boolean withImage) throws Exception {
        this.directory = Files.createDirectories(directory);
        this.state = Files.createTempDirectory(IN_MEMORY, "pdbench-crun");
        ours.launch("example");
        this.config = (ObjectNode)
                JSON.readTree(Files.readAllBytes(ours.bundle("example").resolve("config.json")));
        this.lower = withImage ? lower(ours.bundle("example").resolve("rootfs"), ours.layers()) : null;
        ours.destroy("example");
    }

    /** The lower directories of an overlay that is mounted, which are given relative to that of all layers. */
    private static String lower(Path mounted, Path layers) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
            if (line.split(" ")[1].equals(mounted.toString())) {
                String relative = line.replaceFirst(".*lowerdir=([^, ]+).*", "$1");
                return Arrays.stream(relative.split(":", -1))
                        .map(layer -> layers.resolve(layer).toString())
                        .collect(Collectors.joining(":"));
            }
        }
        throw new IOException("an overlay on " + mounted + " expected");
    }

    @Override
    public String name() {
        return "crun";
    }

    @Override
    public int parallel() {
        return 8;
    }

    @Override
    public Thread thread(Runnable work) {
        return group.thread(work);
    }

    @Override
    public void launch(String name) throws Exception {
        Path bundle = Files.createDirectories(directory.resolve(name));
        ObjectNode own = config.deepCopy();
        ((ObjectNode) own.get("linux")).put("cgroupsPath", "/" + group.name() + "/" + name);
        if (lower != null) {
            Path root = Files.createDirectories(bundle.resolve("rootfs"));
            Files.createDirectories(bundle.resolve("upper"));
            Files.createDirectories(bundle.resolve("work"));
            Commands.run(
                    "mount",
                    "-t",
                    "overlay",
                    "overlay",
                    "-o",
                    "lowerdir=" + lower + ",upperdir=" + bundle.resolve("upper") + ",workdir=" + bundle.resolve("work"),
                    root.toString());
            ((ObjectNode) own.get("root")).put("path", root.toString());
            withoutSandbox(own);
        }
        Files.write(bundle.resolve("config.json"), JSON.writeValueAsBytes(own));
        Commands.run("crun", "--root", state(), "create", "--bundle", bundle.toString(), name);
        Commands.run("crun", "--root", state(), "start", name);
    }

    /** The sandbox, which is bound into a container with a root of its own, was the example's. */
    private void withoutSandbox(ObjectNode own) {
        for (JsonNode mount : own.get("mounts")) {
            String source = mount.path("source").asText();
            if (source.contains("/sandboxes/") || source.contains("/containers/")) {
                ((ObjectNode) mount)
                        .put(
                                "source",
                                source.startsWith("/") && Files.exists(Path.of(source)) ? source : stand(source));
            }
        }
    }

    private String stand(String source) {
        try {
            boolean file = source.contains("/containers/");
            Path stand = directory.resolve(file ? "stand-file" : "stand");
            if (file && !Files.exists(stand)) {
                Files.createFile(stand);
            } else if (!file) {
                Files.createDirectories(stand);
            }
            return stand.toString();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private String state() {
        return state.toString();
    }

    @Override
    public void destroy(String name) throws Exception {
        Commands.run("crun", "--root", state(), "delete", "--force", name);
        if (lower != null) {
            Commands.run("umount", directory.resolve(name).resolve("rootfs").toString());
        }
    }

    @Override
    public long cpuNanos() throws IOException {
        return group.nanos();
    }

    @Override
    public void close() throws Exception {
        Commands.run("rm", "-r", state());
        group.close();
    }
}
