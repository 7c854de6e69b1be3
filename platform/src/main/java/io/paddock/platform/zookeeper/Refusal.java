package io.paddock.platform.zookeeper;

import java.util.Optional;
import org.apache.zookeeper.KeeperException.Code;

/** What ZooKeeper answers to whom it does not know, in words; trying again over the same connection is of no use. */
final class Refusal {
    private Refusal() {}

    /** Why, if an answer is such a one. */
    static Optional<String> of(String path, Code code) {
        return switch (code) {
            case AUTHFAILED ->
                Optional.of("ZooKeeper does not take the credentials in its address, zk://user:password@…" + path);
            case SESSIONCLOSEDREQUIRESASLAUTH ->
                Optional.of("ZooKeeper demands credentials in its address, zk://user:password@…" + path);
            case NOAUTH ->
                Optional.of("ZooKeeper's node " + path
                        + " is another's: its address needs the credentials that created it, zk://user:password@…"
                        + path);
            default -> Optional.empty();
        };
    }
}
