package io.paddock.benchmarks;

import io.paddock.benchmarks.containers.AgentContestant;
import io.paddock.benchmarks.containers.Contestant;
import io.paddock.benchmarks.containers.CpuGroup;
import io.paddock.benchmarks.containers.CrunContestant;
import io.paddock.benchmarks.containers.DockerContestant;
import io.paddock.benchmarks.containers.OurContestant;
import io.paddock.benchmarks.containers.PodmanContestant;
import io.paddock.benchmarks.containers.Tally;
import io.paddock.benchmarks.containers.TestImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * What containers cost: Paddock's containers, a whole agent with tasks of a framework, bare crun on the very same bundles,
 * podman and docker. They take turns, container by container and then round by round, so that all meet the same load.
 * Each contestant and all it starts is in a cpuacct group of its own, so that CPU time is counted wherever it is spent; the
 * container is a sleeping process with limits, launched and destroyed while it runs.
 *
 * <p>Needs root, cgroups v1, crun, conmon, catatonit, umoci; leaves podman and docker out where they are not installed.
 * Arguments: how many one after another, how many at once, how many idle ({@code 20 100 500}), and anything more to leave
 * podman, docker and everything with images out.
 */
public final class ContainerBenchmark {
    private static final int ROUNDS = 5;
    private static final int ROUNDS_WITH_IMAGE = 4;
    private static final int SETTLING_SECONDS = 5;
    private static final int IDLE_SECONDS = 20;

    private ContainerBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        int single = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 20;
        int together = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 100;
        int idle = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 500;
        boolean others = arguments.length <= 3;
        Path directory = Files.createTempDirectory("pdb");
        System.out.println("load " + load());
        try (CpuGroup group = CpuGroup.ofThisProcess("ours")) {
            TestImage image = TestImage.make(directory.resolve("image"), "sh", "sleep");
            try (OurContestant ours = new OurContestant(directory.resolve("ours"), group, image)) {
                try (AgentContestant agent = new AgentContestant(directory.resolve("whole"));
                        CrunContestant crun = new CrunContestant(directory.resolve("crun"), ours, false)) {
                    List<Tally> tallies = List.of(
                            new Tally(crun),
                            new Tally(ours),
                            new Tally(agent, () -> agent.masterNanos() + group.nanos()));
                    compare("on the host's files", tallies, single, together, ROUNDS);
                    idle(new Tally(ours), ContainerBenchmark::heap, idle);
                    idle(new Tally(agent), agent::heapBytes, idle);
                }
                if (others) {
                    withImage(directory, ours, image, single, together);
                }
            }
        } finally {
            deleteTree(directory);
        }
        System.exit(0);
    }

    private static void withImage(Path directory, OurContestant ours, TestImage image, int single, int together)
            throws Exception {
        ours.useImage(true);
        List<Contestant> contestants = new ArrayList<>();
        try {
            contestants.add(new CrunContestant(directory.resolve("crun-image"), ours, true));
            contestants.add(ours);
            PodmanContestant.start(directory.resolve("podman"), image).ifPresent(contestants::add);
            DockerContestant.start(directory.resolve("docker"), image).ifPresent(contestants::add);
            List<Tally> tallies = contestants.stream().map(Tally::new).toList();
            compare("with an image on an overlay", tallies, single, together, ROUNDS_WITH_IMAGE);
        } finally {
            for (Contestant contestant : contestants) {
                if (contestant != ours) {
                    contestant.close();
                }
            }
        }
    }

    /** In turns; those that take far longer take part less often. */
    private static void compare(String title, List<Tally> tallies, int single, int together, int rounds)
            throws Exception {
        for (Tally tally : tallies) {
            tally.warmUp();
        }
        System.out.printf("%n%s, load %s%n%s%n", title, load(), Tally.heading());
        for (int i = 0; i < single; i++) {
            for (Tally tally : tallies) {
                if (i % tally.contestant().relativeCost() == 0) {
                    tally.single("s" + i);
                }
            }
        }
        for (int i = 0; i < rounds; i++) {
            for (Tally tally : tallies) {
                if (i % tally.contestant().relativeCost() == 0) {
                    tally.round("t" + i + "-", together);
                }
            }
        }
        for (Tally tally : tallies) {
            System.out.println(tally.line());
        }
        System.out.println("load " + load());
    }

    private static String load() throws IOException {
        return Files.readString(Path.of("/proc/loadavg")).strip();
    }

    /** How much of the heap is in use after a collection. */
    private interface Heap {
        long bytes() throws Exception;
    }

    private static void idle(Tally tally, Heap heap, int count) throws Exception {
        long before = heap.bytes();
        tally.launch("i", count);
        long each = (heap.bytes() - before) / count;
        TimeUnit.SECONDS.sleep(SETTLING_SECONDS);
        Contestant contestant = tally.contestant();
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
        tally.destroy("i", count);
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
