package io.paddock.benchmarks.containers;

import io.paddock.agent.server.containers.ContainerIds;
import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.Containers;
import io.paddock.agent.server.containers.ContainersOptions;
import io.paddock.agent.server.containers.Launched;
import io.paddock.agent.server.containers.Limits;
import io.paddock.agent.server.containers.NativeContainers;
import io.paddock.agent.server.executors.ContainerSite;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** Containers with a network of their own and a web server on its loopback. */
public final class CheckedContainers implements AutoCloseable {
    public static final int PORT = 8080;

    private static final int AGENT_THREADS = 16;

    private final Path workDir;
    private final TestImage image;
    private final ExecutorService blocking = Executors.newFixedThreadPool(AGENT_THREADS);
    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    private final Containers containers;
    private int count;

    public CheckedContainers(Path workDir, CpuGroup group, TestImage image) throws Exception {
        this.workDir = Files.createDirectories(workDir).toRealPath();
        this.image = image;
        ContainersOptions options =
                ContainersOptions.defaults(this.workDir).withRuntime("crun").withCgroupRoot(group.name() + "/agent");
        this.containers = NativeContainers.start(options, blocking, timers);
        containers.recover().toCompletableFuture().get();
    }

    public List<Launched> launch(int howMany) {
        count = howMany;
        ContainerInfo.Builder info = ContainerInfo.newBuilder().setType(ContainerInfo.Type.DOCKER);
        info.getDockerBuilder()
                .setImage("oci:" + image.layout() + ":latest")
                .setNetwork(ContainerInfo.DockerInfo.Network.NONE);
        CommandInfo server = CommandInfo.newBuilder()
                .setValue("echo well > /tmp/index.html; exec httpd -f -p 127.0.0.1:" + PORT + " -h /tmp")
                .build();
        List<CompletableFuture<Launched>> launches = new ArrayList<>();
        for (int i = 0; i < howMany; i++) {
            launches.add(containers
                    .launch(new ContainerSpec(
                            ContainerIds.of(name(i)),
                            Optional.of(server),
                            Optional.of(info.build()),
                            Map.of(),
                            Optional.empty(),
                            workDir.resolve("sandboxes").resolve(name(i)),
                            Limits.requested(0.1, 64).withPids(100),
                            List.of()))
                    .toCompletableFuture());
        }
        return launches.stream().map(CompletableFuture::join).toList();
    }

    private static String name(int number) {
        return "c" + number;
    }

    /** Where the checks of a container run. */
    public ContainerSite site(int number, Launched launched) {
        return new ContainerSite(containers, ContainerIds.of(name(number)), launched.namespace());
    }

    /** Runs {@code true} in containers by nothing but a shell and crun, one after another. */
    public BareExec bareExec() throws IOException {
        return new BareExec(new ProcessBuilder(
                        "sh",
                        "-c",
                        "while read -r name; do crun --root " + state()
                                + " exec $name sh -c true </dev/null || exit; echo; done")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** A shell that is told the names of containers. */
    public static final class BareExec implements AutoCloseable {
        private final Process shell;

        private BareExec(Process shell) {
            this.shell = shell;
        }

        public void start(int number) {
            try {
                shell.getOutputStream().write((name(number) + "\n").getBytes(StandardCharsets.UTF_8));
                shell.getOutputStream().flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        public void awaitEnds(int howMany) throws IOException {
            for (int i = 0; i < howMany; i++) {
                if (shell.getInputStream().read() < 0) {
                    throw new IOException("crun exec failed after " + i);
                }
            }
        }

        @Override
        public void close() throws IOException {
            shell.getOutputStream().close();
        }
    }

    /** The state directory of our runtime, which is named after the work directory. */
    private Path state() throws IOException {
        try (DirectoryStream<Path> agents = Files.newDirectoryStream(Path.of("/run/paddock"))) {
            for (Path agent : agents) {
                if (Files.exists(agent.resolve("runtime").resolve(name(0)))) {
                    return agent.resolve("runtime");
                }
            }
        }
        throw new IOException("the state of " + name(0) + " expected below /run/paddock");
    }

    public void destroyAll() {
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ends.add(containers.destroy(ContainerIds.of(name(i))).toCompletableFuture());
        }
        ends.forEach(CompletableFuture::join);
    }

    @Override
    public void close() {
        containers.close();
        blocking.shutdown();
        timers.shutdownNow();
    }
}
