package io.paddock.benchmarks.containers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** podman with crun and without a network. */
public final class PodmanContestant implements Contestant {
    private final Path directory;
    private final CpuGroup group = CpuGroup.named("podman");

    private PodmanContestant(Path directory) throws IOException {
        this.directory = Files.createDirectories(directory);
    }

    public static Optional<Contestant> start(Path directory, TestImage image) throws Exception {
        if (!Commands.installed("/usr/bin/podman")) {
            return Optional.empty();
        }
        PodmanContestant podman = new PodmanContestant(directory);
        podman.run("import", image.archive().toString(), "localhost/bench:1");
        return Optional.of(podman);
    }

    private void run(String... arguments) throws IOException, InterruptedException {
        List<String> argv = new ArrayList<>(List.of(
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
        argv.addAll(Arrays.asList(arguments));
        Commands.run(argv);
    }

    @Override
    public String name() {
        return "podman";
    }

    @Override
    public int parallel() {
        return 4;
    }

    @Override
    public int relativeCost() {
        return 4;
    }

    @Override
    public Thread thread(Runnable work) {
        return group.thread(work);
    }

    @Override
    public void launch(String name) throws Exception {
        run(
                "run",
                "--detach",
                "--name",
                name,
                "--network",
                "none",
                "--ulimit",
                "nofile=1024:1024", // its defaults need more than a user with bounds has
                "--ulimit",
                "nproc=1024:1024",
                "--cgroup-parent",
                "/" + group.name(),
                "--cpu-shares",
                "102",
                "--memory",
                "64m",
                "--pids-limit",
                "100",
                "localhost/bench:1",
                "/bin/sleep",
                "100000");
    }

    @Override
    public void destroy(String name) throws Exception {
        run("rm", "--force", "--time", "0", name);
    }

    @Override
    public long cpuNanos() throws IOException {
        return group.nanos();
    }

    @Override
    public void close() throws Exception {
        run("system", "reset", "--force");
        group.close();
    }
}
