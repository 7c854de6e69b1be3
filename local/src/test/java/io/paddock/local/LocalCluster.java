package io.paddock.local;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** {@code paddock local} in a process of its own, on ports nobody else uses. */
final class LocalCluster implements AutoCloseable {
    private final Path workDirectory;
    private final int offset;
    private final List<String> options;
    private PaddockProcess process;

    private LocalCluster(Path workDirectory, int offset, List<String> options) {
        this.workDirectory = workDirectory;
        this.offset = offset;
        this.options = options;
    }

    /** Starts and waits for {@code ready}. */
    static LocalCluster start(Path workDirectory, String... options) {
        LocalCluster cluster = new LocalCluster(workDirectory, freeOffset(), List.of(options));
        cluster.startAgain();
        return cluster;
    }

    /** Starts on the same work directory and ports as before. */
    void startAgain() {
        List<String> arguments = new ArrayList<>(
                List.of("local", "--work-dir", workDirectory.toString(), "--port-offset", Integer.toString(offset)));
        arguments.addAll(options);
        process = PaddockProcess.start("local-" + offset, java.util.Map.of(), arguments);
        process.awaitLine("ready", Duration.ofSeconds(60));
    }

    PaddockProcess process() {
        return process;
    }

    String master() {
        return "http://127.0.0.1:" + (5050 + offset);
    }

    String agent() {
        return "http://127.0.0.1:" + (5051 + offset);
    }

    String marathon() {
        return "http://127.0.0.1:" + (8080 + offset);
    }

    String batch() {
        return "http://127.0.0.1:" + (9000 + offset);
    }

    int offset() {
        return offset;
    }

    /** The environment with which client commands find this cluster. */
    java.util.Map<String, String> clientEnvironment() {
        return java.util.Map.of(
                "PADDOCK_MASTER", "127.0.0.1:" + (5050 + offset),
                "PADDOCK_MARATHON", marathon(),
                "PADDOCK_BATCH", batch());
    }

    @Override
    public void close() {
        process.close();
    }

    /** An offset at which all the ports of a cluster are free. */
    static int freeOffset() {
        for (int attempt = 0; attempt < 100; attempt++) {
            int offset = ThreadLocalRandom.current().nextInt(100, 2000) * 10;
            if (List.of(2181, 5050, 5051, 5052, 5053, 8080, 9000).stream().allMatch(port -> free(port + offset))) {
                return offset;
            }
        }
        throw new IllegalStateException("no free ports");
    }

    private static boolean free(int port) {
        try (ServerSocket ignored = new ServerSocket(port, 1, java.net.InetAddress.getLoopbackAddress())) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
