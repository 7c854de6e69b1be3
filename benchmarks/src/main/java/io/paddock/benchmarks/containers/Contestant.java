package io.paddock.benchmarks.containers;

import java.io.IOException;

/** One way to launch and destroy containers. */
public interface Contestant extends AutoCloseable {
    String name();

    /** How many at once give the highest rate. */
    int parallel();

    /** How many times as long it takes than the others: so many times fewer are used to measure one. */
    default int relativeCost() {
        return 1;
    }

    /** With how many it is warmed up: one that compiles while it runs needs many. */
    default int warmUp() {
        return 50;
    }

    /** A thread whose CPU time, and that of the processes it starts, counts as the contestant's. */
    Thread thread(Runnable work);

    /** Returns when the container's process runs. */
    void launch(String container) throws Exception;

    /** Returns when nothing of it is left. */
    void destroy(String container) throws Exception;

    /** CPU time it has taken so far. */
    long cpuNanos() throws IOException;

    @Override
    void close() throws Exception;
}
