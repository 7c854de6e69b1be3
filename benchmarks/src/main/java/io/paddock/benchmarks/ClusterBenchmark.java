package io.paddock.benchmarks;

import io.paddock.client.DriverOptions;
import io.paddock.client.Scheduler;
import io.paddock.client.SchedulerDriver;
import io.paddock.client.core.OfferRoom;
import io.paddock.client.core.TaskSpec;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskStatus;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * A whole master under load: N simulated agents over real connections, and one framework that launches tasks through the v1
 * scheduler API (protobuf) as fast as offers come. Every task is launched, reported running, acknowledged, reported
 * finished and acknowledged; every finished task's resources are offered again. The master is a process of its own. The
 * second half of the tasks is reported by itself: the first one also pays for the compilation of the master's code.
 *
 * <p>Arguments: agents (default 1000), tasks (default 20000).
 */
public final class ClusterBenchmark {
    private final int tasks;
    private final Process master;
    private final CountDownLatch finished;
    private final Histogram launchToRunning = new Histogram(TimeUnit.MINUTES.toNanos(10), 3);
    private final Histogram launchToFinished = new Histogram(TimeUnit.MINUTES.toNanos(10), 3);
    private final Map<String, Long> launchedAt = new HashMap<>();
    private int launched;
    private int ended;
    private double halfwayCpu;
    private long halfwayAt;

    private ClusterBenchmark(int tasks, Process master) {
        this.tasks = tasks;
        this.master = master;
        this.finished = new CountDownLatch(tasks);
    }

    public static void main(String[] arguments) throws Exception {
        int agents = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1000;
        int tasks = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 20_000;
        int port = freePort();
        Path log = Files.createTempFile("master", ".log");
        Process master = startMaster(port, log);
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(runnable -> {
            Thread thread = new Thread(runnable, "heartbeats");
            thread.setDaemon(true);
            return thread;
        });
        try {
            awaitHealthy(port, log, master);
            long began = System.nanoTime();
            List<SimulatedAgent> connected = connect(agents, port, timer);
            double registration = seconds(began);
            System.out.printf(
                    Locale.ROOT,
                    "%d agents registered in %.2f s (%.0f/s), master CPU %.2f s%n",
                    agents,
                    registration,
                    agents / registration,
                    cpuSeconds(master));
            new ClusterBenchmark(tasks, master).run(port);
            connected.forEach(SimulatedAgent::disconnect);
        } finally {
            master.destroy();
            timer.shutdownNow();
        }
        System.exit(0);
    }

    private static List<SimulatedAgent> connect(int agents, int port, ScheduledExecutorService timer) {
        HttpClient client = HttpClient.newHttpClient();
        URI link = URI.create("ws://127.0.0.1:" + port + "/api/paddock/link");
        List<CompletableFuture<SimulatedAgent>> connections = new ArrayList<>();
        for (int i = 0; i < agents; i++) {
            connections.add(SimulatedAgent.connect(client, link, i, timer).toCompletableFuture());
            if (i >= 100) {
                connections.get(i - 100).join();
            }
        }
        return connections.stream().map(CompletableFuture::join).toList();
    }

    private void run(int port) throws InterruptedException {
        double cpuBefore = cpuSeconds(master);
        long began = System.nanoTime();
        SchedulerDriver driver = SchedulerDriver.start(
                DriverOptions.of("127.0.0.1:" + port, "benchmark").withDeclineUnusedFor(Duration.ZERO), new Launcher());
        if (!finished.await(10, TimeUnit.MINUTES)) {
            throw new IllegalStateException(
                    finished.getCount() + " of " + tasks + " tasks did not finish in 10 minutes");
        }
        double elapsed = seconds(began);
        System.out.printf(
                Locale.ROOT,
                "%d tasks launched, run and finished in %.2f s: %.0f tasks/s, master CPU %.0f us a task%n",
                tasks,
                elapsed,
                tasks / elapsed,
                (cpuSeconds(master) - cpuBefore) * 1e6 / tasks);
        double secondHalf = seconds(halfwayAt);
        System.out.printf(
                Locale.ROOT,
                "of these the second half: %.0f tasks/s, master CPU %.0f us a task%n",
                (tasks - tasks / 2) / secondHalf,
                (cpuSeconds(master) - halfwayCpu) * 1e6 / (tasks - tasks / 2));
        print("launch to running", launchToRunning);
        print("launch to finished", launchToFinished);
        System.out.printf("updates sent again after 10 s: %d%n", SimulatedAgent.resent());
        driver.stop(false);
    }

    private static void print(String what, Histogram histogram) {
        System.out.printf(
                Locale.ROOT,
                "%s, ms: p50 %.1f, p90 %.1f, p99 %.1f, max %.1f%n",
                what,
                histogram.getValueAtPercentile(50) / 1e6,
                histogram.getValueAtPercentile(90) / 1e6,
                histogram.getValueAtPercentile(99) / 1e6,
                histogram.getMaxValue() / 1e6);
    }

    /** Called on the driver's thread only. */
    private final class Launcher implements Scheduler {
        @Override
        public void offers(SchedulerDriver driver, List<Offer> offers) {
            for (Offer offer : offers) {
                OfferRoom room = OfferRoom.of(offer);
                while (launched < tasks
                        && room.add(
                                TaskSpec.command("t" + launched, "true").cpus(1).mem(128))) {
                    launchedAt.put("t" + launched, System.nanoTime());
                    launched++;
                }
                driver.launch(room);
            }
        }

        @Override
        public void update(SchedulerDriver driver, TaskStatus status) {
            Long since = launchedAt.get(status.getTaskId().getValue());
            if (since == null) {
                return;
            }
            long took = System.nanoTime() - since;
            switch (status.getState()) {
                case TASK_RUNNING:
                    launchToRunning.recordValue(took);
                    break;
                case TASK_FINISHED:
                    launchToFinished.recordValue(took);
                    launchedAt.remove(status.getTaskId().getValue());
                    if (++ended == tasks / 2) {
                        halfwayAt = System.nanoTime();
                        halfwayCpu = cpuSeconds(master);
                    }
                    finished.countDown();
                    break;
                default:
                    throw new IllegalStateException("unexpected status: " + status);
            }
        }
    }

    private static Process startMaster(int port, Path log) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.paddock.local.Main",
                        "master",
                        "--port",
                        Integer.toString(port))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    private static void awaitHealthy(int port, Path log, Process master) throws Exception {
        HttpRequest health = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/health"))
                .build();
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30); System.nanoTime() < end; ) {
            try {
                if (HttpClient.newHttpClient()
                                .send(health, HttpResponse.BodyHandlers.discarding())
                                .statusCode()
                        == 200) {
                    return;
                }
            } catch (IOException e) {
                if (master.waitFor(50, TimeUnit.MILLISECONDS)) {
                    throw new IllegalStateException("the master exited: " + Files.readString(log), e);
                }
            }
        }
        throw new IllegalStateException("the master did not answer within 30 s: " + Files.readString(log));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    private static double cpuSeconds(Process process) {
        return process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1000.0;
    }
}
