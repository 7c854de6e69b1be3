package io.paddock.platform.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.paddock.proto.v1.MasterInfo;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ElectionTest {
    private static final Duration SESSION = Duration.ofSeconds(2);

    @TempDir
    Path dir;

    private EmbeddedZooKeeper server;

    @BeforeEach
    void start() {
        server = EmbeddedZooKeeper.start(dir, "127.0.0.1", 0);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void theFirstLeadsAndItsWithdrawalElectsTheNext() {
        List<Optional<String>> seen = new CopyOnWriteArrayList<>();
        try (ZooKeeperConnection watching = connect();
                LeaderDetector detector = LeaderDetector.start(
                        watching, "/mesos", MasterNode.LABEL, data -> seen.add(data.map(ElectionTest::text)));
                ZooKeeperConnection one = connect();
                ZooKeeperConnection two = connect()) {
            await().until(() -> seen.equals(List.of(Optional.empty())));
            LeaderContender first = LeaderContender.start(one, "/mesos", MasterNode.LABEL, bytes("one"));
            first.elected().toCompletableFuture().join();
            LeaderContender second = LeaderContender.start(two, "/mesos", MasterNode.LABEL, bytes("two"));
            await().until(() -> seen.contains(Optional.of("one")));
            assertThat(second.elected().toCompletableFuture()).isNotDone();

            first.close();
            second.elected().toCompletableFuture().join();
            await().until(() -> seen.get(seen.size() - 1).equals(Optional.of("two")));
            assertThat(first.lost().toCompletableFuture()).isNotDone();
            second.close();
            await().until(() -> seen.get(seen.size() - 1).isEmpty());
            assertThat(detector).isNotNull();
        }
    }

    @Test
    void anExpiredSessionLosesLeadership() throws Exception {
        try (ZooKeeperConnection one = connect()) {
            LeaderContender leader = LeaderContender.start(one, "/mesos", MasterNode.LABEL, bytes("one"));
            leader.elected().toCompletableFuture().join();
            server.expireSession(
                    one.client().getZookeeperClient().getZooKeeper().getSessionId());
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> leader.lost().toCompletableFuture().isDone());
        }
    }

    @Test
    void aDeadLeaderIsReplacedWhenItsSessionEnds() {
        ZooKeeperConnection one = connect();
        LeaderContender first = LeaderContender.start(one, "/batch/leader", "member_", bytes("one"));
        first.elected().toCompletableFuture().join();
        try (ZooKeeperConnection two = connect()) {
            LeaderContender second = LeaderContender.start(two, "/batch/leader", "member_", bytes("two"));
            one.close();
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> second.elected().toCompletableFuture().isDone());
        }
    }

    @Test
    void aRestartedServerKeepsTheLeader() {
        int port = server.port();
        try (ZooKeeperConnection one = ZooKeeperConnection.open(
                ZooKeeperAddress.parse("zk://127.0.0.1:" + port + "/mesos"), Duration.ofSeconds(10))) {
            LeaderContender leader = LeaderContender.start(one, "/mesos", MasterNode.LABEL, bytes("one"));
            leader.elected().toCompletableFuture().join();
            server.close();
            server = EmbeddedZooKeeper.start(dir, "127.0.0.1", port);
            List<Optional<String>> seen = new CopyOnWriteArrayList<>();
            try (ZooKeeperConnection other = connect()) {
                LeaderDetector.start(other, "/mesos", MasterNode.LABEL, data -> seen.add(data.map(ElectionTest::text)));
                await().until(() -> seen.contains(Optional.of("one")));
            }
            assertThat(leader.lost().toCompletableFuture()).isNotDone();
        }
    }

    @Test
    void theNodeIsWhatMesosDetectorsRead() throws Exception {
        MasterInfo info =
                MasterNode.masterInfo("m-1", "m1", "10.0.0.1", 5050, "1.11.0").build();
        String json = text(MasterNode.encode(info));
        assertThat(json)
                .isEqualTo(
                        "{\"id\":\"m-1\",\"ip\":16777226,\"port\":5050,\"pid\":\"master@10.0.0.1:5050\","
                                + "\"hostname\":\"m1\",\"version\":\"1.11.0\","
                                + "\"address\":{\"hostname\":\"m1\",\"ip\":\"10.0.0.1\",\"port\":5050},"
                                + "\"capabilities\":[{\"type\":\"AGENT_UPDATE\"},{\"type\":\"AGENT_DRAINING\"},{\"type\":\"QUOTA_V2\"}]}");
        try (ZooKeeperConnection one = connect()) {
            LeaderContender leader = LeaderContender.start(one, "/mesos", MasterNode.LABEL, bytes(json));
            leader.elected().toCompletableFuture().join();
            List<String> nodes = one.client().getChildren().forPath("/mesos");
            assertThat(nodes).containsExactly("json.info_0000000000");
            assertThat(MasterNode.decode(one.client().getData().forPath("/mesos/json.info_0000000000")))
                    .isEqualTo(info);
        }
    }

    private ZooKeeperConnection connect() {
        return ZooKeeperConnection.open(ZooKeeperAddress.parse("zk://" + server.address() + "/mesos"), SESSION);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
