package io.paddock.cli;

import io.paddock.client.ConnectionOptions;
import io.paddock.client.Credential;
import io.paddock.client.MasterLocator;
import io.paddock.common.DurationText;
import io.paddock.platform.tls.TlsFiles;
import io.paddock.platform.tls.WatchedTls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Where the cluster is and who asks; what every client command has. */
final class ClusterFlags {
    private static final Duration BETWEEN_TRIES = Duration.ofMillis(500);

    @Option(
            names = "--master",
            scope = ScopeType.INHERIT,
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1:5050",
            description = "The master: host:port, several separated by commas, http(s)://host:port, or zk://…/mesos. "
                    + "Usually given once, as PADDOCK_MASTER.")
    String master = "127.0.0.1:5050";

    @Option(
            names = "--principal",
            scope = ScopeType.INHERIT,
            paramLabel = "NAME",
            description = "Who asks, where the cluster wants to know.")
    @Nullable
    String principal;

    @Option(
            names = "--secret-file",
            scope = ScopeType.INHERIT,
            paramLabel = "FILE",
            description = "File that holds the principal's secret and nothing else.")
    @Nullable
    Path secretFile;

    @Option(
            names = {"--tls-ca", "--ca-file"},
            scope = ScopeType.INHERIT,
            paramLabel = "FILE",
            description = "PEM file of the certificate authority to trust; with it only https is spoken.")
    @Nullable
    Path caFile;

    @Option(
            names = "--tls-key",
            scope = ScopeType.INHERIT,
            paramLabel = "FILE",
            description = "PEM file of the private key to show where servers ask for a certificate.")
    @Nullable
    Path tlsKey;

    @Option(
            names = "--tls-certificate",
            scope = ScopeType.INHERIT,
            paramLabel = "FILE",
            description = "PEM file of the certificate to show where servers ask for one.")
    @Nullable
    Path tlsCertificate;

    @Option(
            names = "--zk-tls-ca",
            scope = ScopeType.INHERIT,
            paramLabel = "FILE",
            description =
                    "PEM file of the certificate authority of ZooKeeper's servers; with it ZooKeeper is spoken to by"
                            + " TLS only.")
    @Nullable
    Path zkCaFile;

    @Option(
            names = "--leader-timeout",
            scope = ScopeType.INHERIT,
            paramLabel = "TIME",
            defaultValue = "30s",
            converter = TimeSpan.class,
            description =
                    "How long to wait for a master that does not lead yet, as just after its start; 0s: not at all.")
    Duration leaderTimeout = Duration.ofSeconds(30);

    @Spec(Spec.Target.MIXEE)
    CommandSpec command = CommandSpec.create();

    ConnectionOptions connection() {
        return connection(leaderTimeout);
    }

    private ConnectionOptions connection(Duration patience) {
        return ConnectionOptions.to(master)
                .withCredential(credential())
                .withTls(tls(), caFile != null)
                .withZooKeeperTls(zooKeeperTls())
                .withLeaderWithin(patience.compareTo(BETWEEN_TRIES) < 0 ? patience : BETWEEN_TRIES);
    }

    /**
     * The leading master, or one that redirects to it: the first of several addresses that answers. Waited for while it says that
     * nobody leads.
     */
    JsonHttp master() {
        return master(leaderTimeout);
    }

    /**
     * As {@link #master()}.
     *
     * @param patience how long to wait while nobody leads
     */
    JsonHttp master(Duration patience) {
        long start = System.nanoTime();
        JsonHttp master = answering(patience);
        Duration waited = Duration.ofNanos(System.nanoTime() - start).truncatedTo(ChronoUnit.SECONDS);
        Duration left = patience.minus(waited);
        return master.waitingForLeader(left.isNegative() ? Duration.ZERO : left, this::note);
    }

    /** How many addresses there are to try. */
    int masters() {
        return master.startsWith("zk://") ? 1 : master.split(",", -1).length;
    }

    private void note(String reason) {
        command.commandLine().getErr().println("paddock: " + reason);
        command.commandLine().getErr().flush();
    }

    private JsonHttp answering(Duration patience) {
        String hint = "Is it running there? --master or PADDOCK_MASTER says where it is.";
        try (MasterLocator locator = MasterLocator.of(connection(patience))) {
            JsonHttp found = server("the master", locate(locator, patience), hint);
            for (int others = masters() - 1; others > 0; others--) {
                if (found.answers()) {
                    return found;
                }
                found = server("the master", locate(locator, patience), hint);
            }
            return found;
        }
    }

    private String locate(MasterLocator locator, Duration patience) {
        long until = 0;
        boolean noted = false;
        while (true) {
            try {
                return locator.locate().toCompletableFuture().join();
            } catch (CompletionException e) {
                String reason = String.valueOf(e.getCause().getMessage());
                if (!noted) {
                    until = System.nanoTime() + patience.toNanos(); // not counted what it took to learn that
                }
                if (!reason.startsWith(MasterLocator.NOBODY_LEADS) || System.nanoTime() >= until) {
                    throw new ServerAway(reason);
                }
                if (!noted) {
                    note(reason + "; waiting up to " + DurationText.format(patience));
                    noted = true;
                }
            }
        }
    }

    /**
     * Any server of the cluster.
     *
     * @param address {@code host:port} or {@code http(s)://host:port}
     */
    JsonHttp server(String name, String address, String hint) {
        String base = address.contains("://") ? address : (caFile == null ? "http://" : "https://") + address;
        return new JsonHttp(
                name, base.endsWith("/") ? base.substring(0, base.length() - 1) : base, hint, credential(), tls());
    }

    @Nullable
    Credential credential() {
        if (principal == null) {
            if (secretFile != null) {
                throw new IllegalArgumentException("--secret-file needs --principal");
            }
            return null;
        }
        if (secretFile == null) {
            throw new IllegalArgumentException("--principal needs --secret-file");
        }
        try {
            return new Credential(principal, Files.readString(secretFile).strip());
        } catch (IOException e) {
            throw new IllegalArgumentException("--secret-file " + secretFile + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** What https is spoken with, where it is spoken; null means as the JVM does. */
    private @Nullable SSLContext tls() {
        Optional<TlsFiles> own = own();
        return caFile == null && own.isEmpty()
                ? null
                : WatchedTls.client(own, Optional.ofNullable(caFile)).context();
    }

    private @Nullable WatchedTls zooKeeperTls() {
        return zkCaFile == null ? null : WatchedTls.client(own(), Optional.of(zkCaFile));
    }

    private Optional<TlsFiles> own() {
        if ((tlsKey == null) != (tlsCertificate == null)) {
            throw new IllegalArgumentException("--tls-key and --tls-certificate must be given together");
        }
        return tlsKey == null || tlsCertificate == null
                ? Optional.empty()
                : Optional.of(new TlsFiles(tlsKey, tlsCertificate, Optional.empty()));
    }
}
