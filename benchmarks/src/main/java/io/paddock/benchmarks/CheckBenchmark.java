package io.paddock.benchmarks;

import io.paddock.agent.server.containers.Launched;
import io.paddock.benchmarks.containers.CheckedContainers;
import io.paddock.benchmarks.containers.CpuGroup;
import io.paddock.benchmarks.containers.TestImage;
import io.paddock.executor.checks.CheckRunner;
import io.paddock.executor.checks.CheckSite;
import io.paddock.executor.core.CheckKind;
import io.paddock.executor.core.CheckOutcome;
import io.paddock.executor.core.ExecutorEffect.RunCheck;
import io.paddock.executor.core.Probe;
import io.paddock.proto.v1.CommandInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * What checks cost: real containers, each with a network of its own that has nothing but a loopback and a web server on it,
 * checked every so many seconds by HTTP, by TCP, by a shell command, by a program with arguments, and by bare {@code crun exec}
 * beside that. CPU time is counted in a cpuacct group with all processes that are started.
 *
 * <p>Needs root, cgroups v1, crun, conmon, tini-static, umoci and busybox. Arguments: how many containers, and the interval
 * in seconds, which is also how long each kind of check is measured ({@code 500 10}).
 */
public final class CheckBenchmark {
    private static final int WARM_UP = 6000;
    private static final int WARM_UP_CONNECTIONS = 3000;
    private static final int WARM_UP_COMMANDS = 300;
    private static final int WARM_UP_BARE = 100;
    private static final int PAUSE_MILLIS = 200;
    private static final int MOST_PAUSES = 300;
    /** A tenth of a core. */
    private static final long BUSY_NANOS = PAUSE_MILLIS * 100_000L;

    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private CheckBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        int count = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 500;
        int interval = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10;
        Path directory = Files.createTempDirectory("pdb");
        System.out.println("load " + Files.readString(Path.of("/proc/loadavg")).strip());
        try (CpuGroup group = CpuGroup.ofThisProcess("checks")) {
            TestImage image = TestImage.make(directory.resolve("image"), "sh", "httpd");
            try (CheckedContainers containers = new CheckedContainers(directory.resolve("agent"), group, image);
                    CheckRunner runner = new CheckRunner()) {
                List<Launched> launched = containers.launch(count);
                List<CheckSite> sites = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    sites.add(containers.site(i, launched.get(i)));
                }
                System.out.printf(
                        Locale.ROOT,
                        "%n%d containers, each checked every %d s%n%-14s %14s %14s %14s %20s%n",
                        count,
                        interval,
                        "",
                        "checks",
                        "CPU ms each",
                        "agent's ms",
                        "% of a core");
                Bench bench = new Bench(group, containers, runner, sites, interval);
                bench.idle("none");
                bench.run("HTTP", new Probe.Http("http", CheckedContainers.PORT, "/", false), WARM_UP);
                bench.run("TCP", new Probe.Tcp(CheckedContainers.PORT, false), WARM_UP_CONNECTIONS);
                Probe shell = new Probe.Command(
                        CommandInfo.newBuilder().setValue("true").build());
                bench.run("first COMMAND", shell, 0);
                bench.run("COMMAND", shell, WARM_UP_CONNECTIONS);
                bench.run(
                        "argv COMMAND",
                        new Probe.Command(CommandInfo.newBuilder()
                                .setShell(false)
                                .setValue("sh")
                                .addAllArguments(List.of("sh", "-c", "true"))
                                .build()),
                        WARM_UP_COMMANDS);
                bench.bare();
                bench.idle("none, shells");
                containers.destroyAll();
            }
        } finally {
            new ProcessBuilder("rm", "-rf", "--one-file-system", directory.toString())
                    .inheritIO()
                    .start()
                    .waitFor();
        }
        System.exit(0);
    }

    private static final class Bench {
        private final CpuGroup group;
        private final CheckedContainers containers;
        private final CheckRunner runner;
        private final List<CheckSite> sites;
        private final int interval;
        private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        private long idleNanos;
        private long idleOwnNanos;

        Bench(CpuGroup group, CheckedContainers containers, CheckRunner runner, List<CheckSite> sites, int interval) {
            this.group = group;
            this.containers = containers;
            this.runner = runner;
            this.sites = sites;
            this.interval = interval;
        }

        void idle(String name) throws Exception {
            long cpu = group.nanos();
            long own = ownNanos();
            TimeUnit.SECONDS.sleep(interval);
            idleNanos = group.nanos() - cpu;
            idleOwnNanos = ownNanos() - own;
            System.out.printf(
                    Locale.ROOT, "%-14s %14s %14s %14s %20.2f%n", name, "", "", "", idleNanos / 1e7 / interval);
        }

        /** Every container once, spread over the interval. */
        void run(String name, Probe probe, int warmUp) throws Exception {
            warmUp(probe, warmUp);
            List<CompletableFuture<CheckOutcome>> outcomes = new ArrayList<>();
            long cpu = group.nanos();
            long own = ownNanos();
            for (int i = 0; i < sites.size(); i++) {
                CheckSite site = sites.get(i);
                CompletableFuture<CheckOutcome> outcome = new CompletableFuture<>();
                outcomes.add(outcome);
                clock.schedule(
                        () -> check(probe, site).thenAccept(outcome::complete),
                        interval * 1_000_000_000L * i / sites.size(),
                        TimeUnit.NANOSECONDS);
            }
            TimeUnit.SECONDS.sleep(interval);
            long passed =
                    outcomes.stream().filter(outcome -> outcome.join().passed()).count();
            report(name, (int) passed, group.nanos() - cpu - idleNanos, ownNanos() - own - idleOwnNanos);
        }

        private CompletableFuture<CheckOutcome> check(Probe probe, CheckSite site) {
            return runner.run(new RunCheck("t", CheckKind.HEALTH, probe, TIMEOUT), site)
                    .toCompletableFuture();
        }

        private void warmUp(Probe probe, int times) throws Exception {
            for (int i = 0; i < times; i += 10) {
                List<CompletableFuture<CheckOutcome>> some = new ArrayList<>();
                for (int j = i; j < i + 10; j++) {
                    some.add(check(probe, sites.get(j % sites.size())));
                }
                some.forEach(CompletableFuture::join);
            }
            awaitRest();
        }

        /**
         * What is measured is an agent that has run for a while: not its compiler, and not the servers' work on connections
         * that were opened and closed before they accepted them.
         */
        private void awaitRest() throws Exception {
            long before = 0;
            for (int i = 0; i < MOST_PAUSES && group.nanos() - before > BUSY_NANOS; i++) {
                before = group.nanos();
                Thread.sleep(PAUSE_MILLIS);
            }
        }

        /** From a shell, which stands for whoever would do it so; spread over the interval like the checks. */
        void bare() throws Exception {
            try (CheckedContainers.BareExec bare = containers.bareExec()) {
                for (int i = 0; i < Math.min(WARM_UP_BARE, sites.size()); i++) {
                    bare.start(i);
                }
                bare.awaitEnds(Math.min(WARM_UP_BARE, sites.size()));
                long cpu = group.nanos();
                long own = ownNanos();
                for (int i = 0; i < sites.size(); i++) {
                    int number = i;
                    clock.schedule(
                            () -> bare.start(number),
                            interval * 1_000_000_000L * i / sites.size(),
                            TimeUnit.NANOSECONDS);
                }
                bare.awaitEnds(sites.size());
                long ours = ownNanos() - own;
                report("crun exec", sites.size(), group.nanos() - cpu - idleNanos + idleOwnNanos - ours, 0);
            }
        }

        private void report(String name, int checks, long cpuNanos, long ownNanos) {
            System.out.printf(
                    Locale.ROOT,
                    "%-14s %14d %14.2f %14.2f %20.2f%n",
                    name,
                    checks,
                    cpuNanos / 1e6 / checks,
                    ownNanos / 1e6 / checks,
                    cpuNanos / 1e7 / checks * sites.size() / interval);
        }

        private static long ownNanos() {
            return ((com.sun.management.OperatingSystemMXBean)
                            java.lang.management.ManagementFactory.getOperatingSystemMXBean())
                    .getProcessCpuTime();
        }
    }
}
