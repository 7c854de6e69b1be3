package io.paddock.batch.server;

import io.paddock.batch.core.Answer;
import io.paddock.batch.core.BatchCore;
import io.paddock.batch.core.BatchSettings;
import io.paddock.batch.core.BatchState;
import io.paddock.batch.core.Request;
import io.paddock.batch.server.cron.CronTimes;
import io.paddock.batch.server.http.Backend;
import io.paddock.batch.server.http.BatchApi;
import io.paddock.batch.server.http.EventHub;
import io.paddock.batch.server.registry.BatchRegistry;
import io.paddock.client.SchedulerDriver;
import io.paddock.platform.http.HttpOptions;
import io.paddock.platform.http.HttpServer;
import io.paddock.platform.metrics.Metrics;
import io.paddock.platform.security.WatchedFiles;
import io.paddock.platform.security.WatchedFilesRoute;
import io.paddock.platform.zookeeper.LeaderContender;
import io.paddock.platform.zookeeper.LeaderDetector;
import io.paddock.platform.zookeeper.ZooKeeperConnection;
import io.paddock.platform.zookeeper.ZooKeeperStateStore;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.http.javadsl.server.Directives;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One instance of the batch framework. It serves HTTP at once, stands for election, and runs jobs while it leads; until then
 * it passes requests on to the leader. Thread safe.
 */
public final class BatchServer implements AutoCloseable, Backend {
    private static final Logger LOG = LoggerFactory.getLogger(BatchServer.class);
    private static final String LABEL = "member_";
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);

    private final ActorSystem<?> system;
    private final BatchOptions options;
    private final WatchedFiles files;
    private final ZooKeeperConnection connection;
    private final Metrics metrics = new Metrics("batch");
    private final BatchGauges gauges = new BatchGauges(metrics.registry());
    private final EventHub events = new EventHub();
    private final CronTimes cron = new CronTimes();
    private final CompletableFuture<String> failed = new CompletableFuture<>();
    private volatile Optional<String> leader = Optional.empty();
    private volatile @Nullable ActorRef<BatchActor.Command> actor;
    private volatile @Nullable BatchRegistry registry;
    private @Nullable HttpServer http;
    private @Nullable LeaderDetector detector;
    private String address = "";
    private boolean closed;

    private BatchServer(ActorSystem<?> system, BatchOptions options, WatchedFiles files) {
        this.system = system;
        this.options = options;
        this.files = files;
        this.connection = ZooKeeperConnection.open(
                options.zooKeeperAddress(),
                ZooKeeperConnection.DEFAULT_SESSION_TIMEOUT,
                options.listen.security.zooKeeperTls(files));
    }

    /**
     * Starts an instance; done when it listens, whether or not it leads.
     *
     * @throws IllegalArgumentException naming a flag that does not fit
     */
    public static CompletionStage<BatchServer> start(ActorSystem<?> system, BatchOptions options) {
        options.check();
        HttpOptions listen = options.listen.httpOptions();
        WatchedFiles files = listen.access().files();
        BatchServer server = new BatchServer(system, options, files);
        BatchApi api = new BatchApi(
                system, server, server.events, server.cron, server.metrics, options.listen.security.peers(files));
        return HttpServer.bind(system, listen, Directives.concat(WatchedFilesRoute.create(files), api.route()))
                .whenComplete((bound, failure) -> {
                    if (failure != null) {
                        server.close();
                    }
                })
                .thenApply(server::listening);
    }

    /** The port bound. */
    public int port() {
        HttpServer server = http;
        if (server == null) {
            throw new IllegalStateException("not listening");
        }
        return server.port();
    }

    /** Completes with the reason when this instance must stop: it lost its leadership or cannot lead. */
    public CompletionStage<String> failed() {
        return failed.minimalCompletionStage();
    }

    /** {@code host:port} under which others reach this instance. */
    @Override
    public String address() {
        return address;
    }

    /** The leader's {@code host:port}, if one is known. */
    @Override
    public Optional<String> leader() {
        return leader;
    }

    @Override
    public boolean leads() {
        return actor != null;
    }

    @Override
    public CompletionStage<Answer> ask(Request request) {
        ActorRef<BatchActor.Command> leading = actor;
        if (leading == null) {
            return CompletableFuture.failedFuture(new IllegalStateException("this instance does not lead"));
        }
        return AskPattern.ask(
                leading, replyTo -> new BatchActor.Asked(request, replyTo), ANSWER_WITHIN, system.scheduler());
    }

    /** Stops serving and leading; tasks go on, for the next leader to take over. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        if (http != null) {
            http.close();
        }
        stopLeading();
        if (detector != null) {
            detector.close();
        }
        BatchRegistry opened = registry;
        if (opened != null) {
            opened.close();
        }
        // The end of the session withdraws from the election at once, also when ZooKeeper does not answer.
        connection.close();
        metrics.close();
    }

    private synchronized BatchServer listening(HttpServer bound) {
        http = bound;
        String host = options.hostname == null ? options.listen.host : options.hostname;
        address = host + ":" + bound.port();
        String path = options.zooKeeperAddress().path() + "/leader";
        detector = LeaderDetector.start(
                connection, path, LABEL, data -> leader = data.map(bytes -> new String(bytes, StandardCharsets.UTF_8)));
        LeaderContender contender =
                LeaderContender.start(connection, path, LABEL, address.getBytes(StandardCharsets.UTF_8));
        contender.elected().thenRun(this::lead);
        contender.lost().thenAccept(reason -> fail("Leadership is lost: " + reason));
        return this;
    }

    private void lead() {
        LOG.info("Elected leader; loading the state");
        ZooKeeperStateStore.open(connection, options.zooKeeperAddress().path() + "/state", address)
                .thenCompose(store -> {
                    BatchRegistry opened = new BatchRegistry(store);
                    registry = opened;
                    return opened.load().thenAccept(state -> lead(opened, state));
                })
                .exceptionally(failure -> {
                    fail("The state could not be loaded: " + failure.getMessage());
                    return null;
                });
    }

    private synchronized void lead(BatchRegistry opened, BatchState state) {
        if (closed) {
            return;
        }
        BatchCore core = new BatchCore(
                new BatchSettings(options.historyCount, options.declineFor), cron, new RandomSuffixes(), state);
        BatchActor.Parts parts = new BatchActor.Parts(
                core,
                opened,
                (self, frameworkId) -> SchedulerDriver.start(
                        options.driver(
                                frameworkId,
                                (options.listen.security.tls().isPresent() ? "https://" : "http://") + address,
                                files),
                        new MasterLink(self)),
                Clock.systemUTC(),
                gauges,
                events::publish,
                this::fail);
        actor = system.systemActorOf(BatchActor.create(parts), "batch-" + UUID.randomUUID(), Props.empty());
        LOG.info("Leading as {}", address);
    }

    private synchronized void stopLeading() {
        ActorRef<BatchActor.Command> leading = actor;
        actor = null;
        events.close();
        if (leading != null) {
            leading.tell(new BatchActor.Stop());
        }
    }

    private synchronized void fail(String reason) {
        if (!closed) {
            stopLeading();
            failed.complete(reason);
        }
    }
}
