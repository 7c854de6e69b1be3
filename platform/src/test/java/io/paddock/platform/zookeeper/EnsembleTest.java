package io.paddock.platform.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.paddock.platform.flags.Flags;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three servers as processes of their own, started as people start them. */
class EnsembleTest {
    private static final int SIZE = 3;

    @TempDir
    Path dir;

    private final List<Process> members = new ArrayList<>();

    @AfterEach
    void stop() throws InterruptedException {
        for (Process member : members) {
            member.destroyForcibly();
            member.waitFor();
        }
    }

    /** What the launcher does for {@code ./paddock zookeeper}. */
    public static void main(String[] args) {
        System.exit(Flags.run(new ZooKeeperCommand(), args));
    }

    @Test
    void losingAMemberNeitherEndsLeadershipNorLosesAWrite() throws Exception {
        List<Integer> ports = freePorts(3 * SIZE);
        List<String> servers = new ArrayList<>();
        List<String> addresses = new ArrayList<>();
        for (int i = 0; i < SIZE; i++) {
            servers.add("127.0.0.1:" + ports.get(SIZE + i) + ":" + ports.get(2 * SIZE + i));
            addresses.add("127.0.0.1:" + ports.get(i));
        }
        for (int i = 0; i < SIZE; i++) {
            members.add(start(i + 1, ports.get(i), String.join(",", servers)));
        }
        ZooKeeperAddress address = ZooKeeperAddress.parse("zk://" + String.join(",", addresses) + "/mesos");
        try (ZooKeeperConnection connection = ZooKeeperConnection.open(address, Duration.ofSeconds(20))) {
            LeaderContender leader = LeaderContender.start(connection, "/mesos", MasterNode.LABEL, new byte[] {1});
            leader.elected().toCompletableFuture().get(60, TimeUnit.SECONDS);
            ZooKeeperStateStore store = ZooKeeperStateStore.open(connection, "/paddock/registry", "test")
                    .toCompletableFuture()
                    .get(30, TimeUnit.SECONDS);
            List<CompletableFuture<Void>> writes = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                writes.add(store.write(List.of(StateStore.put("a/" + i, new byte[10])))
                        .toCompletableFuture());
                if (i == 25) {
                    // The last member starts with the highest id and usually leads the ensemble.
                    members.get(SIZE - 1).destroyForcibly();
                }
            }
            await().atMost(Duration.ofSeconds(40)).until(() -> writes.stream().allMatch(CompletableFuture::isDone));
            assertThat(writes).noneMatch(CompletableFuture::isCompletedExceptionally);
            assertThat(store.load("a/").toCompletableFuture().get(30, TimeUnit.SECONDS))
                    .hasSize(50);
            assertThat(leader.lost().toCompletableFuture()).isNotDone();
        }
    }

    private Process start(int id, int port, String servers) throws IOException {
        File log = dir.resolve("member" + id + ".log").toFile();
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        EnsembleTest.class.getName(),
                        "--server-id",
                        Integer.toString(id),
                        "--port",
                        Integer.toString(port),
                        "--work-dir",
                        dir.resolve("member" + id).toString(),
                        "--servers",
                        servers)
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start();
    }

    /** Members must know each other's ports beforehand. */
    private static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        List<Integer> ports = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ServerSocket socket = new ServerSocket(0);
            sockets.add(socket);
            ports.add(socket.getLocalPort());
        }
        for (ServerSocket socket : sockets) {
            socket.close();
        }
        return ports;
    }
}
