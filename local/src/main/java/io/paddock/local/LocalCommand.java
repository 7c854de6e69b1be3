package io.paddock.local;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./paddock local}: starts a {@link Cluster}, says where it is, ends it on a signal. */
@Command(
        name = "local",
        description = "Starts a whole cluster on this machine: ZooKeeper, a master, agents, marathon, batch.",
        footer = {"", "With the launcher, --no-install forbids installing missing Debian packages."})
public final class LocalCommand implements Callable<Integer> {
    @Option(names = "--agents", paramLabel = "N", description = "How many agents, on consecutive ports.")
    int agents = 1;

    @Option(
            names = "--work-dir",
            paramLabel = "DIRECTORY",
            description = "Where everything is kept; started again on it, the cluster brings its apps and jobs back."
                    + " Default: ~/.paddock.")
    Path workDirectory = Path.of(System.getProperty("user.home"), ".paddock");

    @Option(names = "--port-offset", paramLabel = "K", description = "Added to every port.")
    int portOffset;

    @Option(
            names = "--resources",
            paramLabel = "TEXT",
            description = "What each agent has, such as 'cpus:4;mem:4096;disk:10240;ports:[31000-32000]'."
                    + " What is not named is what the machine has, shared between the agents.")
    String resources = "";

    @Option(
            names = "--keep-tasks",
            description = "Tasks go on when the cluster ends, and are taken up again at the next start.")
    boolean keepTasks;

    @Override
    public Integer call() throws Exception {
        if (agents < 1) {
            throw new IllegalArgumentException("--agents: must be at least 1, not " + agents);
        }
        if (portOffset < 0 || portOffset > 65535 - Cluster.HIGHEST_PORT - agents) {
            throw new IllegalArgumentException(
                    "--port-offset: must leave every port between 1 and 65535, not " + portOffset);
        }
        CountDownLatch ended = new CountDownLatch(1);
        CountDownLatch stop = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            stop.countDown();
                            awaitUninterruptibly(ended);
                        },
                        "stop"));
        try (Cluster cluster = Cluster.start(
                workDirectory,
                agents,
                portOffset,
                resources,
                keepTasks,
                said -> System.err.println("local: " + said))) {
            cluster.addresses().forEach((what, where) -> System.out.printf("%-10s %s%n", what, where));
            cluster.awaitReady();
            System.out.println("ready");
            cluster.failed().thenAccept(reason -> {
                System.err.println("local: " + reason);
                stop.countDown();
            });
            stop.await();
            return cluster.failed().isDone() ? 1 : 0;
        } finally {
            ended.countDown();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
