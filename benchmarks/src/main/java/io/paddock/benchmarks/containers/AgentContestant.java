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
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
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
    private final CpuGroup masterGroup = CpuGroup.named("master");
    private final Process master;
    private final Process agent;
    private final SchedulerDriver driver;
    private final Queue<TaskSpec> waiting = new ArrayDeque<>();
    private boolean asked;
    private final Map<String, Task> names = new ConcurrentHashMap<>();
    private final Map<String, Task> tasks = new ConcurrentHashMap<>();
    private final Map<String, CompletableFuture<String>> directories = new ConcurrentHashMap<>();
    private final WatchService deletions;
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
        Path containers = Files.createDirectories(workDir.resolve("containers"));
        this.deletions = containers.getFileSystem().newWatchService();
        containers.register(deletions, StandardWatchEventKinds.ENTRY_DELETE);
        Thread watch = new Thread(this::watch, "deletions");
        watch.setDaemon(true);
        watch.start();
        int port = freePort();
        this.master = java("master", directory, masterGroup, List.of(), List.of("--port", Integer.toString(port)));
        this.agent = java(
                "agent",
                directory,
                group,
                List.of("-XX:TieredStopAtLevel=1"),
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
        this.driver = SchedulerDriver.start(DriverOptions.of("127.0.0.1:" + port, "benchmark"), this);
    }

    /** With the options of the launcher. */
    private static Process java(
            String verb, Path directory, CpuGroup group, List<String> options, List<String> arguments)
            throws Exception {
        List<String> argv = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError",
                "-Djdk.lang.Process.launchMechanism=VFORK"));
        argv.addAll(options);
        argv.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.paddock.local.Main", verb));
        argv.addAll(arguments);
        ProcessBuilder process = new ProcessBuilder(argv)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(verb + ".log").toFile());
        ExecutorService inGroup = Executors.newSingleThreadExecutor(group::thread);
        try {
            return inGroup.submit(process::start).get();
        } finally {
            inGroup.shutdown();
        }
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

    /** Its master is warmed up as well. */
    @Override
    public int warmUp() {
        return 1200;
    }

    @Override
    public Thread thread(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        return thread;
    }

    /** As a well-behaved framework does: it wants offers while something waits, and none otherwise. */
    @Override
    public void launch(String name) throws Exception {
        Task task = new Task(name + "-" + numbers.incrementAndGet());
        names.put(name, task);
        tasks.put(task.id(), task);
        synchronized (waiting) {
            waiting.add(TaskSpec.program(task.id(), List.of("/bin/sleep", "100000"))
                    .cpus(0.1)
                    .mem(64));
            if (!asked) {
                asked = true;
                driver.revive();
            }
        }
        task.running().get(SECONDS_TO_LAUNCH, TimeUnit.SECONDS);
    }

    @Override
    public void destroy(String name) throws Exception {
        Task task = names.get(name);
        CompletableFuture<String> gone = new CompletableFuture<>();
        directories.put(task.running().get(), gone);
        driver.kill(TaskID.newBuilder().setValue(task.id()).build());
        task.ended().get(SECONDS_TO_LAUNCH, TimeUnit.SECONDS);
        gone.get(SECONDS_TO_LAUNCH, TimeUnit.SECONDS);
        names.remove(name);
        tasks.remove(task.id());
    }

    @Override
    public void offers(SchedulerDriver schedulerDriver, List<Offer> offers) {
        synchronized (waiting) {
            for (Offer offer : offers) {
                schedulerDriver.launch(OfferRoom.of(offer).fill(waiting));
            }
            if (waiting.isEmpty()) {
                asked = false;
                schedulerDriver.suppress();
            }
        }
    }

    @Override
    public void update(SchedulerDriver schedulerDriver, TaskStatus status) {
        Task task = tasks.get(status.getTaskId().getValue());
        if (task == null) {
            return;
        }
        switch (status.getState()) {
            case TASK_STARTING, TASK_STAGING, TASK_KILLING -> {}
            case TASK_RUNNING ->
                task.running()
                        .complete(status.getContainerStatus().getContainerId().getValue());
            case TASK_KILLED -> task.ended().complete(status.getState());
            default -> {
                IllegalStateException failure = new IllegalStateException("unexpected status: " + status);
                task.running().completeExceptionally(failure);
                task.ended().completeExceptionally(failure);
            }
        }
    }

    /** Nothing is left of a container when its directory is deleted; the kernel says so to one thread for all. */
    private void watch() {
        try {
            while (true) {
                WatchKey key = deletions.take();
                for (WatchEvent<?> event : key.pollEvents()) {
                    CompletableFuture<String> gone = directories.remove(String.valueOf(event.context()));
                    if (gone != null) {
                        gone.complete("gone");
                    }
                }
                key.reset();
            }
        } catch (InterruptedException | ClosedWatchServiceException e) {
            // closed: the end of this thread
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

    /** CPU time of its master. */
    public long masterNanos() throws IOException {
        return masterGroup.nanos();
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
        deletions.close();
        group.close();
        masterGroup.close();
    }
}
