package io.paddock.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.client.testkit.InMemoryMaster;
import io.paddock.common.Rejection;
import io.paddock.platform.zookeeper.EmbeddedZooKeeper;
import io.paddock.platform.zookeeper.LeaderContender;
import io.paddock.platform.zookeeper.MasterNode;
import io.paddock.platform.zookeeper.ZooKeeperAddress;
import io.paddock.platform.zookeeper.ZooKeeperConnection;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.MasterInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ZooKeeperLocatorTest {
    private static byte[] node(InMemoryMaster master) {
        return MasterNode.encode(MasterNode.masterInfo("m", "localhost", "127.0.0.1", port(master), "1.11.0")
                .build());
    }

    @Test
    void theDriverFollowsTheLeader(@TempDir Path directory) throws InterruptedException {
        try (EmbeddedZooKeeper zooKeeper = EmbeddedZooKeeper.start(directory, "127.0.0.1", 0);
                ZooKeeperConnection one =
                        ZooKeeperConnection.open(ZooKeeperAddress.parse("zk://" + zooKeeper.address() + "/mesos"));
                ZooKeeperConnection two =
                        ZooKeeperConnection.open(ZooKeeperAddress.parse("zk://" + zooKeeper.address() + "/mesos"));
                InMemoryMaster first = InMemoryMaster.start();
                InMemoryMaster second = InMemoryMaster.start()) {
            LeaderContender leader = LeaderContender.start(one, "/mesos", MasterNode.LABEL, node(first));
            leader.elected()
                    .toCompletableFuture()
                    .orTimeout(40, TimeUnit.SECONDS)
                    .join();
            BlockingQueue<Integer> subscribedAt = new LinkedBlockingQueue<>();
            DriverOptions options = DriverOptions.of("zk://" + zooKeeper.address() + "/mesos", "test");
            options = options.withConnection(
                    options.connection().withBackoff(Duration.ofMillis(50), Duration.ofMillis(200)));
            try (SchedulerDriver driver = SchedulerDriver.start(options, new Scheduler() {
                @Override
                public void subscribed(SchedulerDriver d, FrameworkID id, MasterInfo master) {
                    subscribedAt.add(master.getAddress().getPort());
                }
            })) {
                assertThat(subscribedAt.poll(40, TimeUnit.SECONDS)).isEqualTo(port(first));
                LeaderContender next = LeaderContender.start(two, "/mesos", MasterNode.LABEL, node(second));
                leader.close();
                first.cutStreams();
                first.refuse(Rejection.unavailable("not the leader any more"));
                assertThat(subscribedAt.poll(40, TimeUnit.SECONDS)).isEqualTo(port(second));
                assertThat(driver.frameworkId())
                        .isEqualTo(second.frameworks().get(0).getId());
                next.close();
            }
        }
    }

    @Test
    void nobodyLeadsIsSaidAsSoonAsItIsKnownAndALeaderInTimeIsFound(@TempDir Path directory) throws Exception {
        try (EmbeddedZooKeeper zooKeeper = EmbeddedZooKeeper.start(directory, "127.0.0.1", 0);
                ZooKeeperConnection connection =
                        ZooKeeperConnection.open(ZooKeeperAddress.parse("zk://" + zooKeeper.address() + "/mesos"));
                InMemoryMaster master = InMemoryMaster.start()) {
            ConnectionOptions options = ConnectionOptions.to("zk://" + zooKeeper.address() + "/mesos");
            try (MasterLocator impatient = MasterLocator.of(options.withLeaderWithin(Duration.ZERO));
                    MasterLocator patient = MasterLocator.of(options.withLeaderWithin(Duration.ofMinutes(1)))) {
                assertThat(impatient.locate().toCompletableFuture())
                        .failsWithin(Duration.ofSeconds(40))
                        .withThrowableThat()
                        .withMessageContaining(MasterLocator.NOBODY_LEADS + options.master());
                CompletableFuture<String> located = patient.locate().toCompletableFuture();
                LeaderContender leader = LeaderContender.start(connection, "/mesos", MasterNode.LABEL, node(master));
                assertThat(located.get(40, TimeUnit.SECONDS)).isEqualTo("http://" + master.address());
                leader.close();
            }
        }
    }

    @Test
    void whatALeaderWroteAndNobodyCanReadIsSaid(@TempDir Path directory) throws Exception {
        try (EmbeddedZooKeeper zooKeeper = EmbeddedZooKeeper.start(directory, "127.0.0.1", 0);
                ZooKeeperConnection connection =
                        ZooKeeperConnection.open(ZooKeeperAddress.parse("zk://" + zooKeeper.address() + "/mesos"))) {
            LeaderContender leader = LeaderContender.start(connection, "/mesos", MasterNode.LABEL, new byte[] {'x'});
            leader.elected().toCompletableFuture().get(40, TimeUnit.SECONDS);
            ConnectionOptions options = ConnectionOptions.to("zk://" + zooKeeper.address() + "/mesos");
            try (MasterLocator locator = MasterLocator.of(options)) {
                assertThat(locator.locate().toCompletableFuture())
                        .failsWithin(Duration.ofSeconds(40))
                        .withThrowableThat()
                        .withMessageContaining(
                                "what the master that leads at " + options.master() + " wrote cannot be read: ");
            }
            leader.close();
        }
    }

    private static int port(InMemoryMaster master) {
        return Integer.parseInt(master.address().substring(master.address().indexOf(':') + 1));
    }
}
