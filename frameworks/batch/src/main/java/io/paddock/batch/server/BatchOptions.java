package io.paddock.batch.server;

import io.paddock.client.ConnectionOptions;
import io.paddock.client.Credential;
import io.paddock.client.DriverOptions;
import io.paddock.platform.flags.ListenFlags;
import io.paddock.platform.security.WatchedFiles;
import io.paddock.platform.zookeeper.ZooKeeperAddress;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The flags of the batch framework. */
public final class BatchOptions {
    @Mixin
    public ListenFlags listen = new ListenFlags(9000);

    @Option(
            names = "--master",
            paramLabel = "ADDRESS",
            description = "Where the master is: host:port, http(s)://host:port or zk://host:port,…/path.")
    public String master = "zk://127.0.0.1:2181/mesos";

    @Option(
            names = {"--zookeeper", "--zk"},
            paramLabel = "ZK",
            description = "Where the state is kept and the leader elected: zk://host:port,…/path.")
    public String zookeeper = "zk://127.0.0.1:2181/batch";

    @Option(
            names = "--hostname",
            paramLabel = "NAME",
            description = "Name or address under which others reach this instance; the address listened on by default.")
    public @Nullable String hostname;

    @Option(
            names = {"--framework-name", "--framework_name"},
            paramLabel = "NAME",
            description = "Name of the framework in the cluster.")
    public String frameworkName = "batch";

    @Option(names = "--role", paramLabel = "ROLE", description = "Role whose resources runs use.")
    public String role = "*";

    @Option(
            names = "--user",
            paramLabel = "USER",
            description = "User runs are executed as unless their job names one; the user of this process by default.")
    public String user = System.getProperty("user.name");

    @Option(names = "--principal", paramLabel = "NAME", description = "Who to be when the master asks.")
    public @Nullable String principal;

    @Option(
            names = {"--secret-file", "--secret_file"},
            paramLabel = "FILE",
            description = "File with the secret that proves --principal.")
    public @Nullable Path secretFile;

    @Option(
            names = {"--failover-timeout", "--failover_timeout"},
            paramLabel = "DURATION",
            description = "How long the master keeps tasks when no instance of this framework is there.")
    public Duration failoverTimeout = Duration.ofDays(7);

    @Option(
            names = "--history-count",
            paramLabel = "N",
            description = "How many successful, and how many failed, runs of each job are remembered.")
    public int historyCount = 1000;

    @Option(
            names = "--decline-for",
            paramLabel = "DURATION",
            description = "For how long an offer that no waiting run could use is not offered again.")
    public Duration declineFor = Duration.ofSeconds(5);

    /** Where the state is. */
    ZooKeeperAddress zooKeeperAddress() {
        return ZooKeeperAddress.parse(ZooKeeperAddress.text(zookeeper));
    }

    /**
     * Checks what the flags say together.
     *
     * @throws IllegalArgumentException naming the flag that does not fit
     */
    void check() {
        zooKeeperAddress();
        listen.security.tls();
        if (historyCount < 0) {
            throw new IllegalArgumentException("--history-count: expected 0 or more but got " + historyCount);
        }
        if ((principal == null) != (secretFile == null)) {
            throw new IllegalArgumentException("--principal and --secret-file must be given together");
        }
    }

    /** How the driver presents the framework. */
    DriverOptions driver(String frameworkId, String webUi, WatchedFiles files) {
        DriverOptions defaults = DriverOptions.of(master, frameworkName);
        FrameworkInfo.Builder framework = defaults.framework().toBuilder()
                .setUser(user)
                .clearRoles()
                .addRoles(role)
                .setCheckpoint(true)
                .setFailoverTimeout(failoverTimeout.toMillis() / 1000.0)
                .setWebuiUrl(webUi)
                .addCapabilities(
                        FrameworkInfo.Capability.newBuilder().setType(FrameworkInfo.Capability.Type.GPU_RESOURCES));
        if (!frameworkId.isEmpty()) {
            framework.setId(FrameworkID.newBuilder().setValue(frameworkId));
        }
        if (principal != null) {
            framework.setPrincipal(principal);
        }
        return defaults.withFramework(framework.build())
                .withConnection(ConnectionOptions.to(master)
                        .withCredential(credential())
                        .withTls(
                                listen.security.clientTls(files),
                                listen.security.tls.trusted().isPresent())
                        .withZooKeeperTls(listen.security.zooKeeperTls(files).orElse(null)))
                .withExplicitAcknowledgements();
    }

    private @Nullable Credential credential() {
        if (principal == null || secretFile == null) {
            return null;
        }
        try {
            return new Credential(principal, Files.readString(secretFile).strip());
        } catch (IOException e) {
            throw new UncheckedIOException("--secret-file: cannot read " + secretFile, e);
        }
    }
}
