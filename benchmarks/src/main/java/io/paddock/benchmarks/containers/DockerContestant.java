package io.paddock.benchmarks.containers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** docker with a daemon of its own; the daemon's CPU time counts as well. */
public final class DockerContestant extends ClientContestant {
    private static final int SECONDS_TO_START = 60;

    private static final String IMAGE = "bench:1";

    private final Process daemon;

    private DockerContestant(Path directory) throws Exception {
        super("docker", CpuGroup.named("docker"), List.of("/usr/bin/docker", "--host", socket(directory)));
        List<String> argv = List.of(
                "/usr/sbin/dockerd",
                "--data-root",
                directory.resolve("data").toString(),
                "--exec-root",
                directory.resolve("exec").toString(),
                "--pidfile",
                directory.resolve("pid").toString(),
                "--host",
                socket(directory),
                "--bridge",
                "none",
                "--iptables=false",
                "--cgroup-parent",
                "/" + group().name());
        Callable<Process> start = () -> {
            group().join();
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
        DockerContestant docker = new DockerContestant(Files.createDirectories(directory));
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
        docker.run("import", image.archive().toString(), IMAGE);
        return Optional.of(docker);
    }

    private static String socket(Path directory) {
        return "unix://" + directory.resolve("socket");
    }

    @Override
    public void launch(String name) throws Exception {
        runDetached(name, IMAGE);
    }

    @Override
    public void destroy(String name) throws Exception {
        run("rm", "--force", name);
    }

    @Override
    public void close() throws Exception {
        daemon.destroy();
        if (!daemon.waitFor(30, TimeUnit.SECONDS)) {
            daemon.destroyForcibly();
        }
        group().close();
    }
}
