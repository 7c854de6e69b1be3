package io.paddock.benchmarks.containers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** podman with crun. */
public final class PodmanContestant extends ClientContestant {
    private static final String IMAGE = "localhost/bench:1";

    private PodmanContestant(Path directory) throws IOException {
        super(
                "podman",
                CpuGroup.named("podman"),
                List.of(
                        "/usr/bin/podman",
                        "--root",
                        directory.resolve("root").toString(),
                        "--runroot",
                        directory.resolve("run").toString(),
                        "--tmpdir",
                        directory.resolve("tmp").toString(),
                        "--cgroup-manager",
                        "cgroupfs",
                        "--events-backend",
                        "none",
                        "--runtime",
                        "crun"));
    }

    public static Optional<Contestant> start(Path directory, TestImage image) throws Exception {
        if (!Commands.installed("/usr/bin/podman")) {
            return Optional.empty();
        }
        PodmanContestant podman = new PodmanContestant(Files.createDirectories(directory));
        podman.run("import", image.archive().toString(), IMAGE);
        return Optional.of(podman);
    }

    /** Its default resource limits need more than a user with bounds has. */
    @Override
    public void launch(String name) throws Exception {
        runDetached(
                name,
                IMAGE,
                "--ulimit",
                "nofile=1024:1024",
                "--ulimit",
                "nproc=1024:1024",
                "--cgroup-parent",
                "/" + group().name());
    }

    @Override
    public void destroy(String name) throws Exception {
        run("rm", "--force", "--time", "0", name);
    }

    @Override
    public void close() throws Exception {
        run("system", "reset", "--force");
        group().close();
    }
}
