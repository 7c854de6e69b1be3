package io.paddock.benchmarks.containers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** docker without a network, with a daemon of its own; the daemon's CPU time counts as well. */
public final class DockerContestant implements Contestant {
    private static final int SECONDS_TO_START = 60;

    private final Path directory;
    private final CpuGroup group = CpuGroup.named("docker");
    private final Process daemon;

    private DockerContestant(Path directory) throws Exception {
        this.directory = Files.createDirectories(directory);
        List<String> argv = List.of(
                "/usr/sbin/dockerd",
                "--data-root",
                directory.resolve("data").toString(),
                "--exec-root",
                directory.resolve("exec").toString(),
                "--pidfile",
                directory.resolve("pid").toString(),
                "--host",
                socket(),
                "--bridge",
                "none",
                "--iptables=false",
                "--cgroup-parent",
                "/" + group.name());
        Callable<Process> start = () -> {
            group.join();
            return new ProcessBuilder(argv)
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("log").toFile())
                    .start();
        };
        var thread = Executors.newSingleThreadExecutor();
        this.daemon = thread.submit(start).get();
        thread.shutdown();
    }

    public static Optional<Contestant> start(Path directory, TestImage image) throws Exception {
        if (!Commands.installed("/usr/sbin/dockerd") || !Commands.installed("/usr/bin/docker")) {
            return Optional.empty();
        }
        DockerContestant docker = new DockerContestant(directory);
        for (int i = 0; ; i++) {
            try {
                docker.run("version");
                break;
            } catch (IOException e) {
                if (i > SECONDS_TO_START || !docker.daemon.isAlive()) {
                    System.out.println("docker is left out: " + e.getMessage() + "; see " + directory.resolve("log"));
                    docker.close();
                    return Optional.empty();
                }
                TimeUnit.SECONDS.sleep(1);
            }
        }
        docker.run("import", image.archive().toString(), "bench:1");
        return Optional.of(docker);
    }

    private String socket() {
        return "unix://" + directory.resolve("socket");
    }

    private void run(String... arguments) throws IOException, InterruptedException {
        List<String> argv = new ArrayList<>(List.of("/usr/bin/docker", "--host", socket()));
        argv.addAll(Arrays.asList(arguments));
        Commands.run(argv);
    }

    @Override
    public String name() {
        return "docker";
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
                "--cpu-shares",
                "102",
                "--memory",
                "64m",
                "--pids-limit",
                "100",
                "bench:1",
                "/bin/sleep",
                "100000");
    }

    @Override
    public void destroy(String name) throws Exception {
        run("rm", "--force", name);
    }

    @Override
    public long cpuNanos() throws IOException {
        return group.nanos();
    }

    @Override
    public void close() throws Exception {
        daemon.destroy();
        if (!daemon.waitFor(30, TimeUnit.SECONDS)) {
            daemon.destroyForcibly();
        }
        group.close();
    }
}
