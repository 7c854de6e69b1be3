package io.paddock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.platform.zookeeper.EmbeddedZooKeeper;
import io.paddock.platform.zookeeper.LeaderContender;
import io.paddock.platform.zookeeper.MasterNode;
import io.paddock.platform.zookeeper.ZooKeeperAddress;
import io.paddock.platform.zookeeper.ZooKeeperConnection;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A cluster whose masters are found in ZooKeeper, and none of them leads. */
@Timeout(120)
class LeaderInZooKeeperTest {
    @Test
    void isWaitedForAsLongAsIsSaid(@TempDir Path directory) throws Exception {
        try (EmbeddedZooKeeper zooKeeper = EmbeddedZooKeeper.start(directory, "127.0.0.1", 0);
                CannedServer master = new CannedServer()) {
            String address = "zk://" + zooKeeper.address() + "/mesos";
            Map<String, String> environment = Map.of("PADDOCK_MASTER", address);
            Invocation impatient = Invocation.of(environment, "roles", "--leader-timeout", "0s");
            assertThat(impatient.status()).isEqualTo(1);
            assertThat(impatient.err())
                    .contains("no master leads at " + address)
                    .doesNotContain("waiting");
            Invocation inVain = Invocation.of(environment, "roles", "--leader-timeout", "1s");
            assertThat(inVain.status()).isEqualTo(1);
            assertThat(inVain.err())
                    .containsOnlyOnce("no master leads at " + address + "; waiting up to 1secs\n")
                    .endsWith("no master leads at " + address + "\n");
            Invocation run = Invocation.of(environment, "run", "--leader-timeout", "1s", "true");
            assertThat(run.status()).isNotZero();
            assertThat(run.err())
                    .containsOnlyOnce("no master leads at " + address + "; waiting up to 1secs\n")
                    .endsWith("no master leads at " + address + "\n");

            master.answer("/roles", 200, "{\"roles\":[]}");
            int port =
                    Integer.parseInt(master.address().substring(master.address().indexOf(':') + 1));
            byte[] node = MasterNode.encode(MasterNode.masterInfo("m", "localhost", "127.0.0.1", port, "1.11.0")
                    .build());
            try (ZooKeeperConnection connection = ZooKeeperConnection.open(ZooKeeperAddress.parse(address))) {
                CompletableFuture<LeaderContender> leader = CompletableFuture.supplyAsync(
                        () -> LeaderContender.start(connection, "/mesos", MasterNode.LABEL, node),
                        CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS));
                Invocation patient = Invocation.of(environment, "roles", "--leader-timeout", "60s");
                assertThat(patient.status()).as(patient.err()).isZero();
                assertThat(patient.err())
                        .isEqualTo("paddock: no master leads at " + address + "; waiting up to 1mins\n");
                leader.join().close();
            }
        }
    }
}
