package io.paddock.marathon.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.client.ConnectionOptions;
import io.paddock.client.Credential;
import io.paddock.client.MasterLocator;
import io.paddock.marathon.core.Settings;
import io.paddock.marathon.server.http.InfoResource;
import io.paddock.marathon.server.http.Leadership;
import io.paddock.marathon.server.http.MarathonRoutes;
import io.paddock.marathon.server.json.AppDefaults;
import io.paddock.platform.http.HttpOptions;
import io.paddock.platform.http.HttpServer;
import io.paddock.platform.json.Json;
import io.paddock.platform.security.WatchedFiles;
import io.paddock.platform.security.WatchedFilesRoute;
import io.paddock.platform.tls.WatchedTls;
import io.paddock.platform.zookeeper.InMemoryStateStore;
import io.paddock.platform.zookeeper.LeaderContender;
import io.paddock.platform.zookeeper.LeaderDetector;
import io.paddock.platform.zookeeper.StateStore;
import io.paddock.platform.zookeeper.ZooKeeperAddress;
import io.paddock.platform.zookeeper.ZooKeeperConnection;
import io.paddock.platform.zookeeper.ZooKeeperStateStore;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.FrameworkInfo.Capability;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.server.Directives;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Marathon as a process serves it: HTTP from the beginning; when elected, the state, the connection to the master and the
 * actor that leads. Whoever is not elected passes requests on to the leader.
 */
public final class MarathonServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MarathonServer.class);
    private static final String LABEL = "json.info_";

    private final ActorSystem<?> system;
    private final MarathonOptions options;
    private final Leadership leadership = new Leadership();
    private final CompletableFuture<String> failed = new CompletableFuture<>();
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final List<AutoCloseable> open = Collections.synchronizedList(new ArrayList<>());
    private final AtomicReference<HttpServer> http = new AtomicReference<>();

    private MarathonServer(ActorSystem<?> system, MarathonOptions options) {
        this.system = system;
        this.options = options;
        failed.thenRun(leadership::stopLeading);
    }

    /**
     * Starts a marathon; completes when its port answers, which does not mean that it leads.
     *
     * @throws IllegalArgumentException naming the flag that does not fit
     */
    public static CompletionStage<MarathonServer> start(ActorSystem<?> system, MarathonOptions options) {
        options.check();
        MarathonServer server = new MarathonServer(system, options);
        HttpOptions listen = options.httpOptions();
        WatchedFiles files = listen.access().files();
        Optional<WatchedTls> zookeeperTls = options.security.zooKeeperTls(files);
        ConnectionOptions master = server.master(files).withZooKeeperTls(zookeeperTls.orElse(null));
        Optional<ZooKeeperAddress> zookeeper = options.internalStoreBackend.equals("mem")
                ? Optional.empty()
                : Optional.of(ZooKeeperAddress.parse(ZooKeeperAddress.text(options.zk)));
        return server.listen(listen).thenApply(self -> {
            if (zookeeper.isPresent()) {
                server.contend(zookeeper.get(), zookeeperTls, self, master);
            } else {
                server.leadership.follow(Optional.of(self));
                server.lead(InMemoryStateStore.create(), master);
            }
            return server;
        });
    }

    /** The port that answers. */
    public int port() {
        return http.get().port();
    }

    /** Completes with the reason when the process must exit: it lost the leadership, or the master ended its subscription. */
    public CompletionStage<String> failed() {
        return failed.minimalCompletionStage();
    }

    /** Completes when this marathon leads and the master knows it, so that an app could be launched. */
    public CompletionStage<Void> ready() {
        return ready.minimalCompletionStage();
    }

    private CompletionStage<String> listen(HttpOptions listen) {
        AppDefaults defaults = new AppDefaults(options.mesosRole, options.defaultNetworkName);
        String host = options.reachableHost();
        // The port is only known when it is bound; the routes learn it with the first request.
        AtomicReference<String> self = new AtomicReference<>(host + ":" + options.httpPort);
        MarathonRoutes routes = new MarathonRoutes(
                system,
                leadership,
                options.security.peers(listen.access().files()),
                self::get,
                defaults,
                new InfoResource(configuration(), zookeeperConfiguration()),
                options.accessControlAllowOrigin);
        return HttpServer.bind(
                        system,
                        listen,
                        Directives.concat(
                                WatchedFilesRoute.create(listen.access().files()), routes.route()))
                .thenApply(bound -> {
                    http.set(bound);
                    self.set(host + ":" + bound.port());
                    return self.get();
                });
    }

    private void contend(ZooKeeperAddress address, Optional<WatchedTls> tls, String self, ConnectionOptions master) {
        ZooKeeperConnection connection =
                ZooKeeperConnection.open(address, ZooKeeperConnection.DEFAULT_SESSION_TIMEOUT, tls);
        open.add(connection);
        String path = address.path() + "/leader";
        byte[] data = Json.bytes(Json.mapper().createObjectNode().put("address", self));
        open.add(LeaderDetector.start(
                connection, path, LABEL, leader -> leadership.follow(leader.map(MarathonServer::addressOf))));
        LeaderContender contender = LeaderContender.start(connection, path, LABEL, data);
        open.add(contender);
        contender.lost().thenAccept(this::fail);
        contender
                .elected()
                .thenCompose(won -> {
                    LOG.info("Elected; taking over the state at {}", address);
                    return ZooKeeperStateStore.open(connection, address.path() + "/state", self);
                })
                .whenComplete((store, error) -> {
                    if (error != null) {
                        fail("the state at " + address + " cannot be taken over: " + error.getMessage());
                    } else {
                        lead(store, master);
                    }
                });
    }

    private void lead(StateStore store, ConnectionOptions master) {
        Reign.begin(system, settings(), options, store, master, this::fail).whenComplete((reign, error) -> {
            if (error != null) {
                fail("the state cannot be read: " + error.getMessage());
                return;
            }
            open.add(reign);
            leadership.lead(reign);
            reign.subscribed().thenRun(() -> ready.complete(null));
        });
    }

    private void fail(String reason) {
        if (failed.complete(reason)) {
            LOG.error("Marathon cannot go on: {}", reason);
        }
    }

    private Settings settings() {
        FrameworkInfo.Builder framework = FrameworkInfo.newBuilder()
                .setName(options.frameworkName)
                .setUser(options.mesosUser)
                .setFailoverTimeout(options.failoverTimeout)
                .setCheckpoint(options.checkpoint)
                .addRoles(options.mesosRole)
                .setHostname(options.reachableHost())
                .setWebuiUrl(options.scheme() + "://" + options.reachableHost() + ":" + port());
        if (options.principal != null) {
            framework.setPrincipal(options.principal);
        }
        for (Capability.Type type : List.of(
                Capability.Type.MULTI_ROLE,
                Capability.Type.RESERVATION_REFINEMENT,
                Capability.Type.PARTITION_AWARE,
                Capability.Type.TASK_KILLING_STATE,
                Capability.Type.GPU_RESOURCES,
                Capability.Type.REGION_AWARE)) {
            framework.addCapabilitiesBuilder().setType(type);
        }
        return new Settings(
                framework.build(),
                options.localPortMin,
                options.localPortMax,
                options.maxRunningDeployments,
                options.zkMaxVersions,
                options.envVarsPrefix,
                Duration.ofMillis(options.declineOfferDuration),
                Duration.ofMillis(options.minReviveOffersInterval),
                Duration.ofMillis(options.killRetryTimeout),
                Duration.ofMillis(options.taskLaunchTimeout),
                Duration.ofMillis(options.reconciliationInterval));
    }

    private ConnectionOptions master(WatchedFiles files) {
        ConnectionOptions master = ConnectionOptions.to(options.master)
                .withTls(
                        options.security.clientTls(files),
                        options.security.tls.trusted().isPresent());
        if (ZooKeeperAddress.isZooKeeper(options.master)) {
            ZooKeeperAddress.parse(options.master);
        } else {
            MasterLocator.of(master).close();
        }
        if (options.principal == null) {
            return master;
        }
        if (options.secretFile == null) {
            throw new IllegalArgumentException(
                    "--mesos-authentication-principal needs --mesos-authentication-secret-file");
        }
        try {
            return master.withCredential(new Credential(
                    options.principal, Files.readString(options.secretFile).strip()));
        } catch (IOException e) {
            throw new UncheckedIOException("--mesos-authentication-secret-file cannot be read", e);
        }
    }

    private ObjectNode configuration() {
        ObjectNode config = Json.mapper().createObjectNode();
        config.put("master", ZooKeeperAddress.withoutPassword(options.master));
        config.put("failover_timeout", options.failoverTimeout).put("framework_name", options.frameworkName);
        config.put("ha", options.internalStoreBackend.equals("zk")).put("checkpoint", options.checkpoint);
        config.put("local_port_min", options.localPortMin).put("local_port_max", options.localPortMax);
        config.put("executor", "//cmd").put("hostname", options.reachableHost());
        config.put("mesos_role", options.mesosRole).put("mesos_user", options.mesosUser);
        config.put("task_launch_timeout", options.taskLaunchTimeout);
        config.put("reconciliation_interval", options.reconciliationInterval);
        config.put("decline_offer_duration", options.declineOfferDuration);
        config.put("min_revive_offers_interval", options.minReviveOffersInterval);
        config.put("mesos_leader_ui_url", options.mesosLeaderUiUrl)
                .put("default_network_name", options.defaultNetworkName);
        config.put("env_vars_prefix", options.envVarsPrefix);
        config.putArray("features").add("task_killing").add("gpu_resources");
        return config;
    }

    private ObjectNode zookeeperConfiguration() {
        ObjectNode config = Json.mapper().createObjectNode();
        config.put("zk", ZooKeeperAddress.withoutPassword(options.zk));
        return config.put("zk_max_versions", options.zkMaxVersions);
    }

    private static String addressOf(byte[] data) {
        return Json.read(data, JsonNode.class).path("address").asText();
    }

    @Override
    public void close() {
        leadership.stopLeading();
        HttpServer bound = http.get();
        if (bound != null) {
            bound.close();
        }
        List<AutoCloseable> closing = new ArrayList<>(open);
        Collections.reverse(closing);
        for (AutoCloseable part : closing) {
            try {
                part.close();
            } catch (Exception e) {
                LOG.warn("Closing {} failed: {}", part.getClass().getSimpleName(), e.toString());
            }
        }
    }
}
