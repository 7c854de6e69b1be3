package io.paddock.master.server;

import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.Gauge;
import io.paddock.master.core.MasterCore;
import io.paddock.master.core.MasterEvent;
import io.paddock.master.core.registry.Registry;
import io.paddock.master.server.read.ReadOptions;
import io.paddock.master.server.read.ReadSide;
import io.paddock.master.server.read.Viewers;
import io.paddock.master.server.registry.RegistryStore;
import io.paddock.platform.flags.Flags;
import io.paddock.platform.flags.OwnAddress;
import io.paddock.platform.http.HttpOptions;
import io.paddock.platform.http.HttpServer;
import io.paddock.platform.logging.LogFile;
import io.paddock.platform.metrics.Metrics;
import io.paddock.platform.security.RateLimits;
import io.paddock.platform.security.WatchedFiles;
import io.paddock.platform.tls.WatchedTls;
import io.paddock.platform.zookeeper.InMemoryStateStore;
import io.paddock.platform.zookeeper.MasterNode;
import io.paddock.platform.zookeeper.StateStore;
import io.paddock.platform.zookeeper.ZooKeeperAddress;
import io.paddock.proto.v1.MasterInfo;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.SortedMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.Route;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A master: listens at once, serves when it leads. With ZooKeeper it takes part in the election and redirects to the leader
 * meanwhile; without, it leads at once and forgets everything when it ends. {@link #failed} tells when it must exit.
 */
public final class MasterServer implements AutoCloseable {
    /** Told to agents, schedulers and detectors. */
    public static final String VERSION = "1.11.0";

    private static final Logger LOG = LoggerFactory.getLogger(MasterServer.class);

    private final ActorSystem<?> system;
    private final MasterOptions options;
    private final HttpServer http;
    private final Leadership leadership;
    private final ReadRoutes reads;
    private final Metrics metrics;
    private final LiveAcls acls;
    private final LiveWhitelist whitelist;
    private final Optional<LogFile> logFile;
    private final CompletableFuture<String> failed = new CompletableFuture<>();
    private final AtomicReference<@Nullable RegistryStore> registry = new AtomicReference<>();
    private final AtomicReference<@Nullable ActorRef<MasterActor.Command>> actor = new AtomicReference<>();
    private @Nullable Election election;

    private MasterServer(
            ActorSystem<?> system,
            MasterOptions options,
            HttpServer http,
            Leadership leadership,
            ReadRoutes reads,
            Metrics metrics,
            LiveAcls acls,
            LiveWhitelist whitelist,
            Optional<LogFile> logFile) {
        this.logFile = logFile;
        this.system = system;
        this.options = options;
        this.http = http;
        this.leadership = leadership;
        this.reads = reads;
        this.metrics = metrics;
        this.acls = acls;
        this.whitelist = whitelist;
    }

    /**
     * Binds the port and joins the election.
     *
     * @return completes when the port is bound; exceptionally with an IllegalArgumentException naming the flag that does not
     *     fit, or when the port cannot be bound
     */
    public static CompletionStage<MasterServer> start(ActorSystem<?> system, MasterOptions options) {
        HttpOptions listen;
        LiveAcls acls;
        Supplier<RateLimits> rateLimits;
        LiveWhitelist whitelist;
        Optional<ZooKeeperAddress> zooKeeper;
        Optional<WatchedTls> zooKeeperTls;
        Optional<LogFile> logFile;
        try {
            listen = options.listen.httpOptions(options.security.access(options.listen.security));
            acls = new LiveAcls(options.security, listen.access().files());
            rateLimits = options.security.rateLimits(listen.access().files());
            whitelist = new LiveWhitelist(options.whitelist, listen.access().files());
            zooKeeper = options.zooKeeper();
            zooKeeperTls = options.listen.security.zooKeeperTls(listen.access().files());
            options.config();
            MasterOptions.positive("--max-operator-event-stream-subscribers", options.maxSubscribers);
            options.allocator(0);
            options.advertised();
            logFile = options.logging.open("master");
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
        Instant startedAt = Instant.now();
        WatchedFiles files = listen.access().files();
        // The routes need the port, which is known only when it is bound.
        CompletableFuture<Route> routes = new CompletableFuture<>();
        return HttpServer.bind(system, listen, Directives.onSuccess(routes, route -> route))
                .thenApply(http -> {
                    Leadership leadership = new Leadership(info(options, http));
                    Metrics metrics = new Metrics("master");
                    metrics.watch(files);
                    Viewers viewers = new Viewers(acls);
                    ReadOptions told = new ReadOptions(
                            options.cluster,
                            Flags.effective(options),
                            startedAt,
                            options.maxSubscribers,
                            options.frameworkMetrics,
                            options.logging.readable(logFile));
                    CallLimits limits = new CallLimits(system, rateLimits);
                    ReadSide reads = new ReadSide(
                            system,
                            told,
                            leadership,
                            metrics,
                            viewers,
                            options.listen.security.peers(files),
                            limits::heldBack);
                    MasterServer server = new MasterServer(
                            system, options, http, leadership, reads, metrics, acls, whitelist, logFile);
                    routes.complete(MasterRoutes.create(leadership, reads, viewers, files, limits));
                    LOG.info("Master {} listens on port {}", leadership.self().getId(), http.port());
                    server.join(zooKeeper, zooKeeperTls);
                    return server;
                })
                .whenComplete((server, failure) -> {
                    if (failure != null) {
                        logFile.ifPresent(LogFile::close);
                    }
                });
    }

    private static MasterInfo info(MasterOptions options, HttpServer http) {
        InetAddress bound = http.address().getAddress();
        Optional<InetAddress> advertised = options.advertised();
        InetAddress own = advertised.orElseGet(() -> bound.isAnyLocalAddress() ? OwnAddress.find() : bound);
        String hostname = options.identity.hostname(
                own, () -> bound.isAnyLocalAddress() ? own.getHostName() : options.listen.host);
        String ip = advertised.map(InetAddress::getHostAddress).orElseGet(() -> ip(hostname, bound));
        int port = options.identity.port(http.port());
        MasterInfo.Builder info = MasterNode.masterInfo(UUID.randomUUID().toString(), hostname, ip, port, VERSION);
        options.identity.domain().ifPresent(info::setDomain);
        return info.build();
    }

    private static String ip(String hostname, InetAddress bound) {
        try {
            InetAddress named = InetAddress.getByName(hostname);
            boolean reached = !named.isLoopbackAddress() || !bound.isAnyLocalAddress();
            return (reached ? named : OwnAddress.find()).getHostAddress();
        } catch (UnknownHostException e) {
            return bound.isAnyLocalAddress() ? OwnAddress.find().getHostAddress() : bound.getHostAddress();
        }
    }

    private void join(Optional<ZooKeeperAddress> zooKeeper, Optional<WatchedTls> zooKeeperTls) {
        if (zooKeeper.isEmpty()) {
            leadership.detected(Optional.of(leadership.self()));
            recover(CompletableFuture.completedFuture(InMemoryStateStore.create()));
            return;
        }
        Election joined = Election.join(
                zooKeeper.get(),
                options.zkSessionTimeout,
                zooKeeperTls,
                leadership.self(),
                options.listen.security.tls().isPresent(),
                leadership::detected);
        election = joined;
        joined.lost().thenAccept(this::giveUp);
        joined.elected()
                .thenAccept(elected -> recover(joined.openRegistry(
                        options.registryPath, leadership.self().getId())));
    }

    private void recover(CompletionStage<? extends StateStore> opening) {
        opening.thenCompose(store -> {
                    RegistryStore opened = new RegistryStore(store, metrics.registry());
                    registry.set(opened);
                    return opened.load().thenAccept(entries -> lead(opened, entries));
                })
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        giveUp("the registry cannot be read: " + failure.getMessage());
                    }
                });
    }

    private void lead(RegistryStore store, SortedMap<String, ByteString> entries) {
        if (failed.isDone()) {
            return;
        }
        Clock clock = Clock.systemUTC();
        SortedMap<String, Double> stored = Registry.weights(entries);
        if (!options.weights.isEmpty() && !stored.isEmpty() && !stored.equals(options.weights)) {
            LOG.warn("--weights {} do not count: the registry has {}", options.weights, stored);
        }
        long seed = leadership.self().getId().hashCode();
        MasterCore core = new MasterCore(options.config(), options.allocator(seed), leadership.self());
        EventQueue queue = new EventQueue();
        PublishedSnapshot published = new PublishedSnapshot(core.snapshot(clock.instant()));
        ActorRef<MasterActor.Command> started = system.systemActorOf(
                MasterActor.create(
                        core,
                        clock,
                        new EffectRunner.Outside(store, this::giveUp, new AllocationTimings(metrics), queue),
                        published),
                "master-" + leadership.self().getId(),
                Props.empty());
        actor.set(started);
        Consumer<MasterEvent> happened = event -> queue.tell(started, new MasterActor.Happened(event));
        happened.accept(new MasterEvent.RegistryRecovered(entries));
        acls.follow(rules -> happened.accept(new MasterEvent.AclsChanged(rules, options.security.rootSubmissions)));
        whitelist.follow(hosts -> happened.accept(new MasterEvent.WhitelistChanged(hosts)));
        MasterShell shell = new MasterShell(started, published, queue);
        Gauge.builder("master/event_queue_dispatches", queue, EventQueue::dispatches)
                .register(metrics.registry());
        Gauge.builder("master/event_queue_messages", shell, MasterShell::framesWaiting)
                .register(metrics.registry());
        Gauge.builder("master/event_queue_http_requests", shell, MasterShell::unansweredCalls)
                .register(metrics.registry());
        reads.elected(shell).thenRun(() -> leadership.serve(shell));
        LOG.info(
                "Master {} leads on port {} with {} registry entries",
                leadership.self().getId(),
                http.port(),
                entries.size());
    }

    private void giveUp(String reason) {
        leadership.stopServing();
        if (failed.complete(reason)) {
            LOG.error("This master must exit: {}", reason);
        }
    }

    /** The port bound. */
    public int port() {
        return http.port();
    }

    /** Who leads and the state of the cluster, for those in the same process. */
    public Leadership leadership() {
        return leadership;
    }

    /** Completes with the reason when this master must exit, such as lost leadership; also when it is closed. */
    public CompletionStage<String> failed() {
        return failed.minimalCompletionStage();
    }

    @Override
    public void close() {
        leadership.stopServing();
        failed.complete("closed");
        ActorRef<MasterActor.Command> started = actor.get();
        if (started != null) {
            started.tell(new MasterActor.Stop());
        }
        http.close();
        metrics.close();
        RegistryStore opened = registry.get();
        if (opened != null) {
            opened.close();
        }
        Election joined = election;
        if (joined != null) {
            joined.close();
        }
        logFile.ifPresent(LogFile::close);
    }
}
