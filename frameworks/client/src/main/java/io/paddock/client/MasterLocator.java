package io.paddock.client;

import io.paddock.platform.zookeeper.ZooKeeperAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/** Finds a master to try: the leader, or one that can point to it. Thread safe. */
public interface MasterLocator extends AutoCloseable {
    /** How the reason begins when ZooKeeper says that there is no leader: there may be one later. */
    String NOBODY_LEADS = "no master leads at ";

    /**
     * The base address of a master's HTTP API, {@code http://host:port}. Completes when one is known, which may take as
     * long as an election; fails when none can be found. Throws nothing.
     */
    CompletionStage<String> locate();

    @Override
    void close();

    /**
     * Understands {@code host:port}, {@code http(s)://host:port}, a comma-separated list of these, {@code zk://…}, and
     * {@code file://…} with one of them in the file.
     *
     * @throws IllegalArgumentException when the address is none of these
     */
    static MasterLocator of(ConnectionOptions options) {
        String address = ZooKeeperAddress.text(options.master());
        if (address.startsWith("zk://")) {
            return new ZooKeeperLocator(
                    address, Optional.ofNullable(options.zooKeeperTls()), options.httpsOnly(), options.leaderWithin());
        }
        return new Listed(Arrays.stream(address.split(","))
                .map(each -> Listed.base(each, options.httpsOnly()))
                .toList());
    }

    /** Known addresses, tried in turn. */
    final class Listed implements MasterLocator {
        private static final Pattern FORM = Pattern.compile("(https?://)?([^/:\\s]+|\\[[0-9a-fA-F:.]+]):(\\d{1,5})/?");

        private final List<String> bases;
        private final AtomicInteger turn = new AtomicInteger();

        Listed(List<String> bases) {
            this.bases = bases;
        }

        static String base(String address, boolean https) {
            var m = FORM.matcher(address.strip());
            if (!m.matches()) {
                throw new IllegalArgumentException("'" + address
                        + "' is not a master's address; expected host:port, http(s)://host:port or"
                        + " zk://host:port/path");
            }
            String base = (m.group(1) == null ? (https ? "https://" : "http://") : m.group(1)) + m.group(2) + ":"
                    + m.group(3);
            if (URI.create(base).getHost() == null) {
                throw new IllegalArgumentException(
                        "'" + address + "' is not a master's address: " + m.group(2) + " cannot be the name of a host");
            }
            return base;
        }

        @Override
        public CompletionStage<String> locate() {
            return CompletableFuture.completedStage(bases.get(Math.floorMod(turn.getAndIncrement(), bases.size())));
        }

        @Override
        public void close() {}
    }
}
