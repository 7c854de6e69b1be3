package io.paddock.benchmarks;

import io.paddock.benchmarks.containers.AgentContestant;
import io.paddock.benchmarks.containers.Contestant;
import io.paddock.benchmarks.containers.CpuGroup;
import io.paddock.benchmarks.containers.CrunContestant;
import io.paddock.benchmarks.containers.DockerContestant;
import io.paddock.benchmarks.containers.OurContestant;
import io.paddock.benchmarks.containers.PodmanContestant;
import io.paddock.benchmarks.containers.TestImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * What containers cost: Paddock's containers, bare crun on the very same bundles, podman and docker, in one run; and a whole
 * agent with tasks of a framework. Each contestant
 * and all it starts is in a cpuacct group of its own, so that CPU time is counted wherever it is spent; the container is a
 * sleeping process with limits, launched and destroyed while it runs.
 *
 * <p>Needs root, cgroups v1, crun, conmon, catatonit, umoci; leaves podman and docker out where they are not installed.
 * Arguments: how many one after another, how many at once, how many idle ({@code 20 100 500}), and anything more to leave podman and docker out.
 */
public final class ContainerBenchmark {
    /** For a JVM to have compiled what matters; what takes longer has none. */
    private static final int WARM_UP = 600;

    private static final int SETTLING_SECONDS = 5;
    private static final int IDLE_SECONDS = 20;

    private ContainerBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        int single = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 20;
        int together = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 100;
        int idle = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 500;
        boolean others = arguments.length <= 3;
        Path directory = Files.createTempDirectory("pdb");
        System.out.println("load " + Files.readString(Path.of("/proc/loadavg")).strip());
        try (CpuGroup group = CpuGroup.ofThisProcess("ours")) {
            TestImage image = TestImage.make(directory.resolve("image"), "sh", "sleep");
            try (OurContestant ours = new OurContestant(directory.resolve("ours"), group, image)) {
                for (boolean withImage : new boolean[] {false, true}) {
                    compare(directory, ours, image, withImage, withImage && others, single, together);
                }
                ours.useImage(false);
                idle(ours, ContainerBenchmark::heap, idle);
            }
            try (AgentContestant agent = new AgentContestant(directory.resolve("whole"))) {
                heading("a whole agent, on the host's files");
                measure(agent, single, together);
                idle(agent, agent::heapBytes, idle);
            }
        } finally {
            deleteTree(directory);
        }
        System.exit(0);
    }

    private static void compare(
            Path directory,
            OurContestant ours,
            TestImage image,
            boolean withImage,
            boolean others,
            int single,
            int together)
            throws Exception {
        ours.useImage(withImage);
        List<Contestant> contestants = new ArrayList<>();
        try {
            contestants.add(new CrunContestant(directory.resolve("crun-" + withImage), ours, withImage));
            contestants.add(ours);
            if (others) {
                PodmanContestant.start(directory.resolve("podman"), image).ifPresent(contestants::add);
                DockerContestant.start(directory.resolve("docker"), image).ifPresent(contestants::add);
            }
            heading(withImage ? "with an image on an overlay" : "on the host's files");
            for (Contestant contestant : contestants) {
                measure(contestant, single, together);
            }
        } finally {
            for (Contestant contestant : contestants) {
                if (contestant != ours) {
                    contestant.close();
                }
            }
        }
    }

    private static void heading(String title) {
        System.out.printf(
                "%n%s%n%-10s %14s %14s %14s %16s %16s%n",
                title, "", "1: wall ms", "1: CPU ms", "all: wall s", "containers/s", "all: CPU ms each");
    }

    private static void measure(Contestant contestant, int single, int together) throws Exception {
        all(contestant, "w", WARM_UP / (contestant.relativeCost() * contestant.relativeCost()));
        long cpu = contestant.cpuNanos();
        long wall = System.nanoTime();
        ExecutorService one = Executors.newSingleThreadExecutor(contestant::thread);
        for (int i = 0; i < single / contestant.relativeCost(); i++) {
            String name = "s" + i;
            one.submit(() -> {
                        contestant.launch(name);
                        contestant.destroy(name);
                        return name;
                    })
                    .get();
        }
        one.shutdown();
        int counted = single / contestant.relativeCost();
        double singleWall = (System.nanoTime() - wall) / 1e6 / counted;
        double singleCpu = (contestant.cpuNanos() - cpu) / 1e6 / counted;
        cpu = contestant.cpuNanos();
        wall = System.nanoTime();
        all(contestant, "t", together);
        double seconds = (System.nanoTime() - wall) / 1e9;
        double each = (contestant.cpuNanos() - cpu) / 1e6 / together;
        System.out.printf(
                Locale.ROOT,
                "%-10s %14.1f %14.1f %14.2f %16.2f %16.1f   load %s%n",
                contestant.name(),
                singleWall,
                singleCpu,
                seconds,
                together / seconds,
                each,
                Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
    }

    /** Launches so many, and then destroys them. */
    private static void all(Contestant contestant, String prefix, int count) throws Exception {
        each(contestant, prefix, count, true);
        each(contestant, prefix, count, false);
    }

    /** As many at once as suits the contestant. */
    private static void each(Contestant contestant, String prefix, int count, boolean launching) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(contestant.parallel(), contestant::thread);
        try {
            List<Future<?>> done = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                String name = prefix + i;
                done.add(threads.submit(() -> {
                    if (launching) {
                        contestant.launch(name);
                    } else {
                        contestant.destroy(name);
                    }
                    return name;
                }));
            }
            for (Future<?> each : done) {
                each.get();
            }
        } finally {
            threads.shutdown();
        }
    }

    /** How much of the heap is in use after a collection. */
    private interface Heap {
        long bytes() throws Exception;
    }

    private static void idle(Contestant contestant, Heap heap, int count) throws Exception {
        long before = heap.bytes();
        each(contestant, "i", count, true);
        long each = (heap.bytes() - before) / count;
        TimeUnit.SECONDS.sleep(SETTLING_SECONDS);
        long cpu = contestant.cpuNanos();
        TimeUnit.SECONDS.sleep(IDLE_SECONDS);
        double share = (contestant.cpuNanos() - cpu) / 1e9 / IDLE_SECONDS;
        System.out.printf(
                Locale.ROOT,
                "%n%s, %d idle containers: %.2f %% of one core, all their monitors and processes included; %.1f kB heap each%n",
                contestant.name(),
                count,
                share * 100,
                each / 1024.0);
        each(contestant, "i", count, false);
    }

    private static long heap() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static void deleteTree(Path directory) throws IOException, InterruptedException {
        new ProcessBuilder("rm", "-rf", "--one-file-system", directory.toString())
                .inheritIO()
                .start()
                .waitFor();
    }
}
