package io.paddock.platform.zookeeper;

import io.paddock.platform.flags.TlsFlags;
import io.paddock.platform.security.Credentials;
import io.paddock.platform.security.WatchedFiles;
import io.paddock.platform.tls.TlsFiles;
import io.paddock.platform.tls.WatchedTls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.apache.zookeeper.server.quorum.QuorumPeerConfig;
import org.apache.zookeeper.server.quorum.QuorumPeerMain;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./paddock zookeeper}: a server of its own, alone or as a member of an ensemble. */
@Command(
        name = "zookeeper",
        description = {
            "Runs a ZooKeeper server, alone or (with --servers) as one member of an ensemble.",
            "With --tls-key and --tls-certificate it speaks TLS only: to clients, and to the other members, who must have"
                    + " a certificate of --tls-ca. Clients are told of it by --zk-tls-ca.",
            "Example of three on one machine: --servers 127.0.0.1:2888:3888,127.0.0.1:2889:3889,127.0.0.1:2890:3890"
                    + " with --server-id 1, 2 and 3 and different ports and work directories."
        })
public final class ZooKeeperCommand implements Callable<Integer> {
    private static final int TICK_MS = 500;
    private static final int TICKS_TO_CONNECT = 40;
    private static final int TICKS_TO_SYNC = 20;

    @Option(
            names = {"--host", "--ip"},
            paramLabel = "ADDRESS",
            description = "Address to listen on for clients.")
    String host = "127.0.0.1";

    @Option(names = "--port", paramLabel = "PORT", description = "Port to listen on for clients.")
    int port = 2181;

    @Option(names = "--work-dir", paramLabel = "DIR", description = "Where the data is kept.")
    Path workDir = Path.of(System.getProperty("user.home"), ".paddock", "zookeeper");

    @Option(names = "--server-id", paramLabel = "N", description = "Which of --servers this one is, counted from 1.")
    int serverId = 1;

    @Option(
            names = "--servers",
            paramLabel = "HOST:PEER-PORT:ELECTION-PORT",
            split = ",",
            description = "All members of the ensemble, the same list for each; none: a server alone.")
    List<String> servers = List.of();

    @Option(
            names = {"--credentials", "--http-credentials"},
            paramLabel = "FILE",
            description = "Clients must show one of these, as zk://principal:secret@… does:"
                    + " {\"credentials\":[{\"principal\":\"p\",\"secret\":\"s\"}]}. Changes count at once.")
    @Nullable
    Path credentials;

    @Mixin
    TlsFlags tls = new TlsFlags();

    @Override
    public Integer call() throws Exception {
        Optional<TlsFiles> own = tls.files();
        if (own.isPresent() && !servers.isEmpty() && tls.trusted().isEmpty()) {
            throw new IllegalArgumentException(
                    "--servers with --tls-key needs --tls-ca: who signed the members' certificates");
        }
        try (WatchedFiles files = new WatchedFiles()) {
            own.ifPresent(mine -> {
                ServerSecurity.useTlsWithClients(WatchedTls.server(files, mine));
                if (!servers.isEmpty()) {
                    ServerSecurity.useTlsWithMembers(tls.client(files));
                }
            });
            if (credentials != null) {
                ServerSecurity.demand(files.watch("credentials", credentials, Credentials::parse));
            }
            files.start();
            serve(own.isPresent());
        }
        return 0;
    }

    private void serve(boolean secure) throws Exception {
        if (servers.isEmpty()) {
            Files.createDirectories(workDir);
            EmbeddedZooKeeper server = EmbeddedZooKeeper.start(workDir, host, port, secure);
            Runtime.getRuntime().addShutdownHook(new Thread(server::close, "close-zookeeper"));
            new CountDownLatch(1).await();
        } else {
            new Member().run(config(secure));
        }
    }

    private QuorumPeerConfig config(boolean secure) throws IOException, QuorumPeerConfig.ConfigException {
        if (serverId < 1 || serverId > servers.size()) {
            throw new IllegalArgumentException("--server-id: expected 1 to " + servers.size() + " but got " + serverId);
        }
        Files.createDirectories(workDir);
        Files.writeString(workDir.resolve("myid"), serverId + "\n", StandardCharsets.US_ASCII);
        Properties properties = new Properties();
        properties.setProperty("tickTime", Integer.toString(TICK_MS));
        properties.setProperty("initLimit", Integer.toString(TICKS_TO_CONNECT));
        properties.setProperty("syncLimit", Integer.toString(TICKS_TO_SYNC));
        properties.setProperty("maxSessionTimeout", "120000");
        properties.setProperty("maxClientCnxns", "0");
        properties.setProperty("admin.enableServer", "false");
        properties.setProperty("autopurge.snapRetainCount", "3");
        properties.setProperty("autopurge.purgeInterval", "1");
        properties.setProperty("dataDir", workDir.toAbsolutePath().toString());
        properties.setProperty(secure ? "secureClientPort" : "clientPort", Integer.toString(port));
        properties.setProperty(secure ? "secureClientPortAddress" : "clientPortAddress", host);
        properties.setProperty("sslQuorum", Boolean.toString(secure));
        for (int i = 0; i < servers.size(); i++) {
            if (!servers.get(i).matches("[^:]+:\\d+:\\d+")) {
                throw new IllegalArgumentException(
                        "--servers: expected host:peer-port:election-port but got '" + servers.get(i) + "'");
            }
            properties.setProperty("server." + (i + 1), servers.get(i));
        }
        System.setProperty("zookeeper.admin.enableServer", "false");
        QuorumPeerConfig config = new QuorumPeerConfig();
        config.parseProperties(properties);
        return config;
    }

    /** A member runs until the process ends. */
    private static final class Member extends QuorumPeerMain {
        void run(QuorumPeerConfig config) throws Exception {
            runFromConfig(config);
        }
    }
}
