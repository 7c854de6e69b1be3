package io.paddock.benchmarks.containers;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Containers without a network by a command line client that understands docker's words. */
abstract class ClientContestant implements Contestant {
    private final String name;
    private final CpuGroup group;
    private final List<String> client;

    /**
     * @param group counts for it
     * @param client the program and its global options
     */
    ClientContestant(String name, CpuGroup group, List<String> client) {
        this.name = name;
        this.group = group;
        this.client = List.copyOf(client);
    }

    final CpuGroup group() {
        return group;
    }

    final void run(String... arguments) throws IOException, InterruptedException {
        List<String> argv = new ArrayList<>(client);
        argv.addAll(Arrays.asList(arguments));
        Commands.run(argv);
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final int parallel() {
        return 4;
    }

    @Override
    public final int relativeCost() {
        return 4;
    }

    @Override
    public final Thread thread(Runnable work) {
        return group.thread(work);
    }

    /** Launches a container of an image whose limits are those of all contestants. */
    final void runDetached(String container, String image, String... options) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("run", "--detach", "--name", container));
        arguments.addAll(List.of("--network", "none", "--cpu-shares", "102", "--memory", "64m", "--pids-limit", "100"));
        arguments.addAll(Arrays.asList(options));
        arguments.addAll(List.of(image, "/bin/sleep", "100000"));
        run(arguments.toArray(String[]::new));
    }

    @Override
    public final long cpuNanos() throws IOException {
        return group.nanos();
    }
}
