package io.paddock.master.server;

import io.paddock.platform.tls.WatchedTls;
import io.paddock.platform.zookeeper.LeaderContender;
import io.paddock.platform.zookeeper.LeaderDetector;
import io.paddock.platform.zookeeper.MasterNode;
import io.paddock.platform.zookeeper.StateStore;
import io.paddock.platform.zookeeper.ZooKeeperAddress;
import io.paddock.platform.zookeeper.ZooKeeperConnection;
import io.paddock.platform.zookeeper.ZooKeeperStateStore;
import io.paddock.proto.v1.MasterInfo;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** This master's part in ZooKeeper: it stands for election, follows who leads, and opens the registry once it does. */
final class Election implements AutoCloseable {
    private final ZooKeeperConnection connection;
    private final LeaderContender contender;
    private final LeaderDetector detector;

    private Election(ZooKeeperConnection connection, LeaderContender contender, LeaderDetector detector) {
        this.connection = connection;
        this.contender = contender;
        this.detector = detector;
    }

    /**
     * @param tls how ZooKeeper is spoken to
     * @param https how this master is spoken to
     * @param listener told who leads at every change, on ZooKeeper's thread
     */
    static Election join(
            ZooKeeperAddress address,
            Duration sessionTimeout,
            Optional<WatchedTls> tls,
            MasterInfo self,
            boolean https,
            Consumer<Optional<MasterInfo>> listener) {
        ZooKeeperConnection connection = ZooKeeperConnection.open(address, sessionTimeout, tls);
        LeaderDetector detector = LeaderDetector.start(
                connection, address.path(), MasterNode.LABEL, node -> listener.accept(node.map(MasterNode::decode)));
        LeaderContender contender =
                LeaderContender.start(connection, address.path(), MasterNode.LABEL, MasterNode.encode(self, https));
        return new Election(connection, contender, detector);
    }

    CompletionStage<Void> elected() {
        return contender.elected();
    }

    CompletionStage<String> lost() {
        return contender.lost();
    }

    /** Takes the registry over from the master before. */
    CompletionStage<? extends StateStore> openRegistry(String path, String owner) {
        return ZooKeeperStateStore.open(connection, path, owner);
    }

    @Override
    public void close() {
        detector.close();
        contender.close();
        connection.close();
    }
}
