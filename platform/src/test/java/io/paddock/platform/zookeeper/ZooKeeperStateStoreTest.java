package io.paddock.platform.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ZooKeeperStateStoreTest extends StateStoreContract {
    @TempDir
    Path dir;

    private EmbeddedZooKeeper server;
    private final List<ZooKeeperConnection> connections = new ArrayList<>();

    @BeforeEach
    void start() {
        server = EmbeddedZooKeeper.start(dir, "127.0.0.1", 0);
    }

    @AfterEach
    void stop() {
        connections.forEach(ZooKeeperConnection::close);
        server.close();
    }

    @Override
    ZooKeeperStateStore open() {
        ZooKeeperConnection connection = ZooKeeperConnection.open(
                ZooKeeperAddress.parse("zk://" + server.address() + "/x"), Duration.ofSeconds(4));
        connections.add(connection);
        return ZooKeeperStateStore.open(connection, "/paddock/registry", "test")
                .toCompletableFuture()
                .join();
    }

    @Test
    void loadsManyKeysInSeconds() {
        int keys = 20_000;
        StateStore store = open();
        CompletionStage<Void> last = null;
        for (int i = 0; i < keys; i += 500) {
            List<StateStore.Write> batch = new ArrayList<>();
            for (int k = i; k < i + 500; k++) {
                batch.add(StateStore.put("agents/6d5e0f2a-8f07-4f0c-a6d5-000000000000-S" + k, new byte[300]));
            }
            last = store.write(batch);
        }
        last.toCompletableFuture().join();
        long start = System.nanoTime();
        int loaded = open().load("agents/").toCompletableFuture().join().size();
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        System.out.println("loaded " + loaded + " keys in " + took.toMillis() + " ms");
        assertThat(loaded).isEqualTo(keys);
        assertThat(took).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void aServerThatComesBackLosesAndRepeatsNothing() {
        ZooKeeperStateStore store = open();
        int port = server.port();
        List<CompletionStage<Void>> writes = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            writes.add(
                    store.write(List.of(StateStore.put("a/" + i, new byte[100]), StateStore.put("b/last", bytes(i)))));
        }
        server.close();
        for (int i = 300; i < 320; i++) {
            writes.add(
                    store.write(List.of(StateStore.put("a/" + i, new byte[100]), StateStore.put("b/last", bytes(i)))));
        }
        server = EmbeddedZooKeeper.start(dir, "127.0.0.1", port);
        writes.forEach(write -> write.toCompletableFuture().join());
        store.write(List.of(StateStore.delete("a/0"))).toCompletableFuture().join();
        SortedMap<String, byte[]> found = open().load("").toCompletableFuture().join();
        assertThat(found).hasSize(320);
        assertThat(found.get("b/last")).isEqualTo(bytes(319));
    }

    @Test
    void anOwnerThatWasReplacedWhileItWasAwayIsFenced() {
        ZooKeeperStateStore old = open();
        int port = server.port();
        server.close();
        CompletionStage<Void> late = old.write(List.of(StateStore.put("a/1", new byte[1])));
        server = EmbeddedZooKeeper.start(dir, "127.0.0.1", port);
        ZooKeeperStateStore next = open();
        next.write(List.of(StateStore.put("a/2", new byte[1])))
                .toCompletableFuture()
                .join();
        Object outcome = late.toCompletableFuture()
                .handle((v, e) -> e == null ? "written" : e)
                .join();
        if (outcome.equals("written")) {
            outcome = old.write(List.of())
                    .toCompletableFuture()
                    .handle((v, e) -> e == null ? "written" : e)
                    .join();
        }
        assertThat(outcome).isInstanceOf(StateStore.FencedException.class);
    }

    @Test
    void aWriteThatTheServerNeverAnsweredIsReportedAsUnknown() {
        ZooKeeperStateStore store = open();
        store.write(List.of(StateStore.put("a/1", new byte[1])))
                .toCompletableFuture()
                .join();
        server.close();
        CompletionStage<Void> write = store.write(List.of(StateStore.put("a/1", new byte[2])));
        await().atMost(Duration.ofSeconds(20))
                .until(() -> write.toCompletableFuture().isCompletedExceptionally());
        assertThat(write.toCompletableFuture().handle((v, e) -> e).join())
                .isInstanceOf(StateStore.OutcomeUnknownException.class);
        assertThat(store.write(List.of()).toCompletableFuture()).isCompletedExceptionally();
    }

    private static byte[] bytes(int value) {
        return Integer.toString(value).getBytes(StandardCharsets.US_ASCII);
    }
}
