package io.paddock.benchmarks.containers;

import io.paddock.client.DriverOptions;
import io.paddock.client.Scheduler;
import io.paddock.client.SchedulerDriver;
import io.paddock.client.core.OfferRoom;
import io.paddock.client.core.TaskSpec;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A whole agent in a process of its own, with what its launcher gives it: tasks come from a framework by a master, are
 * checkpointed, reported and acknowledged. The master and the framework are outside of what is measured.
 */
public final class AgentContestant implements Contestant, Scheduler {
    private static final int SECONDS_TO_START = 60;
    private static final int SECONDS_TO_LAUNCH = 120;
    private static final Pattern USED = Pattern.compile("(?:new generation|tenured generation).*used (\\d+)K");

    private final Path workDir;
    private final CpuGroup group = CpuGroup.named("agent");
    private final Process master;
    private final Process agent;
    private final SchedulerDriver driver;
    private final ConcurrentLinkedQueue<TaskSpec> waiting = new ConcurrentLinkedQueue<>();
    private final Map<String, Task> tasks = new ConcurrentHashMap<>();
    private final AtomicInteger numbers = new AtomicInteger();

    /** A task from its launch to its end. */
    private record Task(String id, CompletableFuture<String> running, CompletableFuture<TaskState> ended) {
        Task(String id) {
            this(id, new CompletableFuture<>(), new CompletableFuture<>());
        }
    }

    public AgentContestant(Path directory) throws Exception {
        Files.createDirectories(directory);
        this.workDir = directory.resolve("agent");
        int port = freePort();
        this.master = java("master", directory, List.of("--port", Integer.toString(port)));
        var inGroup = Executors.newSingleThreadExecutor();
        this.agent = inGroup.submit(() -> {
                    group.join();
                    return java(
                            "agent",
                            directory,
                            List.of(
                                    "--master",
                                    "127.0.0.1:" + port,
                                    "--port",
                                    Integer.toString(freePort()),
                                    "--work-dir",
                                    workDir.toString(),
                                    "--cgroups-root",
                                    group.name() + "/agent",
                                    "--resources",
                                    "cpus:100;mem:100000;disk:10000"));
                })
                .get();
        inGroup.shutdown();
        this.driver = SchedulerDriver.start(
                DriverOptions.of("127.0.0.1:" + port, "benchmark").withDeclineUnusedFor(Duration.ZERO), this);
    }

    private static Process java(String verb, Path directory, List<String> arguments) throws IOException {
        List<String> argv = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError",
                "-Djdk.lang.Process.launchMechanism=VFORK",
                "-cp",
                System.getProperty("java.class.path"),
                "io.paddock.local.Main",
                verb));
        argv.addAll(arguments);
        return new ProcessBuilder(argv)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(verb + ".log").toFile())
                .start();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Override
    public String name() {
        return "agent";
    }

    @Override
    public int parallel() {
        return 100;
    }

    @Override
    public Thread thread(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void launch(String name) throws Exception {
        Task task = new Task(name + "-" + numbers.incrementAndGet());
        tasks.put(name, task);
        waiting.add(TaskSpec.program(task.id(), List.of("/bin/sleep", "100000"))
                .cpus(0.1)
                .mem(64));
        driver.revive();
        task.running().get(SECONDS_TO_LAUNCH, TimeUnit.SECONDS);
    }

    @Override
    public void destroy(String name) throws Exception {
        Task task = tasks.get(name);
        String container = task.running().get();
        driver.kill(TaskID.newBuilder().setValue(task.id()).build());
        task.ended().get(SECONDS_TO_LAUNCH, TimeUnit.SECONDS);
        while (Files.exists(workDir.resolve("containers").resolve(container))) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
        tasks.remove(name);
    }

    @Override
    public void offers(SchedulerDriver schedulerDriver, List<Offer> offers) {
        for (Offer offer : offers) {
            schedulerDriver.launch(OfferRoom.of(offer).fill(waiting));
        }
    }

    @Override
    public void update(SchedulerDriver schedulerDriver, TaskStatus status) {
        for (Task task : tasks.values()) {
            if (task.id().equals(status.getTaskId().getValue())) {
                switch (status.getState()) {
                    case TASK_STARTING, TASK_STAGING, TASK_KILLING -> {}
                    case TASK_RUNNING ->
                        task.running()
                                .complete(status.getContainerStatus()
                                        .getContainerId()
                                        .getValue());
                    case TASK_KILLED -> task.ended().complete(status.getState());
                    default -> {
                        IllegalStateException failure = new IllegalStateException("unexpected status: " + status);
                        task.running().completeExceptionally(failure);
                        task.ended().completeExceptionally(failure);
                    }
                }
            }
        }
    }

    /** What is used after a collection, in bytes. */
    public long heapBytes() throws Exception {
        ask("GC.run");
        Matcher used = USED.matcher(ask("GC.heap_info"));
        long kilobytes = 0;
        while (used.find()) {
            kilobytes += Long.parseLong(used.group(1));
        }
        if (kilobytes == 0) {
            throw new IOException("the agent's heap expected from jcmd; see " + workDir.resolveSibling("agent.log"));
        }
        return kilobytes << 10;
    }

    private String ask(String command) throws IOException {
        Process jcmd = new ProcessBuilder("jcmd", Long.toString(agent.pid()), command).start();
        return new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Override
    public long cpuNanos() throws IOException {
        return group.nanos();
    }

    @Override
    public void close() throws Exception {
        driver.stop(false);
        for (Process process : List.of(agent, master)) {
            process.destroy();
            if (!process.waitFor(SECONDS_TO_START, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
        group.close();
    }
}
