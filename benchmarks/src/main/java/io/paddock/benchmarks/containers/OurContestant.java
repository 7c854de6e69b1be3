package io.paddock.benchmarks.containers;

import io.paddock.agent.server.containers.ContainerIds;
import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.Containers;
import io.paddock.agent.server.containers.ContainersOptions;
import io.paddock.agent.server.containers.Limits;
import io.paddock.agent.server.containers.NativeContainers;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** The agent's containers, with the threads an agent gives them. */
public final class OurContestant implements Contestant {
    private static final int AGENT_THREADS = 16;

    private final Path workDir;
    private final CpuGroup group;
    private final TestImage image;
    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    private final Containers containers;
    private boolean withImage;

    public OurContestant(Path workDir, CpuGroup group, TestImage image) throws Exception {
        this.workDir = Files.createDirectories(workDir);
        this.group = group;
        this.image = image;
        ContainersOptions options = ContainersOptions.defaults(workDir).withCgroupRoot(group.name() + "/agent");
        this.containers = NativeContainers.start(options, Executors.newFixedThreadPool(AGENT_THREADS), timers);
        containers.recover().toCompletableFuture().get();
    }

    /** Whether those launched from now on have a root of their own. */
    public void useImage(boolean use) {
        withImage = use;
    }

    @Override
    public String name() {
        return "paddock";
    }

    /** Callers wait; how many are worked on at a time is the agent's business. */
    @Override
    public int parallel() {
        return 100;
    }

    @Override
    public int warmUp() {
        return 600;
    }

    @Override
    public Thread thread(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void launch(String name) throws Exception {
        ContainerSpec spec = new ContainerSpec(
                ContainerIds.of(name),
                Optional.of(CommandInfo.newBuilder()
                        .setShell(false)
                        .setValue("/bin/sleep")
                        .addArguments("sleep")
                        .addArguments("100000")
                        .build()),
                withImage ? Optional.of(info()) : Optional.empty(),
                Map.of(),
                Optional.empty(),
                workDir.resolve("sandboxes").resolve(name),
                Limits.requested(0.1, 64).withPids(100),
                List.of());
        containers.launch(spec).toCompletableFuture().get();
    }

    private ContainerInfo info() {
        return ContainerInfo.newBuilder()
                .setType(ContainerInfo.Type.MESOS)
                .setMesos(ContainerInfo.MesosInfo.newBuilder()
                        .setImage(Image.newBuilder()
                                .setType(Image.Type.DOCKER)
                                .setDocker(Image.Docker.newBuilder().setName("oci:" + image.layout() + ":latest"))))
                .build();
    }

    @Override
    public void destroy(String name) throws Exception {
        containers.destroy(ContainerIds.of(name)).toCompletableFuture().get();
    }

    /** The bundle of a container that runs. */
    Path bundle(String name) {
        return workDir.resolve("containers").resolve(name);
    }

    Path layers() {
        return workDir.resolve("images").resolve("layers");
    }

    @Override
    public long cpuNanos() throws IOException {
        return group.nanos();
    }

    @Override
    public void close() {
        containers.close();
        timers.shutdownNow();
    }
}
