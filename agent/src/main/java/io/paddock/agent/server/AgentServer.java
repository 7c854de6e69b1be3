package io.paddock.agent.server;

import io.paddock.agent.core.AgentCore;
import io.paddock.agent.core.AgentEvent;
import io.paddock.agent.core.AgentSettings;
import io.paddock.agent.core.AgentView;
import io.paddock.agent.server.checkpoint.CheckpointLog;
import io.paddock.agent.server.containers.Containers;
import io.paddock.agent.server.containers.ContainersOptions;
import io.paddock.agent.server.containers.NativeContainers;
import io.paddock.agent.server.containers.Recovered;
import io.paddock.agent.server.executors.BuiltInExecutors;
import io.paddock.agent.server.executors.ContainerSpecs;
import io.paddock.agent.server.executors.Containment;
import io.paddock.agent.server.executors.ExecutorTokens;
import io.paddock.agent.server.http.AgentAuthorization;
import io.paddock.agent.server.http.AgentRoutes;
import io.paddock.agent.server.http.OperatorContainers;
import io.paddock.agent.server.http.ProcessStreams;
import io.paddock.agent.server.http.StandaloneContainers;
import io.paddock.agent.server.link.MasterDetector;
import io.paddock.agent.server.link.MasterLink;
import io.paddock.agent.server.sandbox.SandboxCollector;
import io.paddock.common.Rejection;
import io.paddock.platform.flags.Flags;
import io.paddock.platform.http.HttpServer;
import io.paddock.platform.logging.LogFile;
import io.paddock.platform.security.Access;
import io.paddock.platform.security.WatchedFiles;
import io.paddock.platform.zookeeper.ZooKeeperAddress;
import io.paddock.proto.link.ToAgent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running agent: wiring only. Started, it has recovered what an earlier run left and is looking for the master. Closed, its
 * tasks go on; see {@link #closeAndStopTasks} for the other way.
 */
public final class AgentServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AgentServer.class);
    private static final Duration STOP_MARGIN = Duration.ofSeconds(20);

    private final AgentOptions options;
    private final HttpServer http;
    private final AgentRoutes routes;
    private final ActorRef<AgentActor.Command> agent;
    private final ActorRef<MasterLink.Command> link;
    private final CheckpointLog log;
    private final Containers containers;
    private final StandaloneContainers standalone;
    private final SandboxCollector sandboxes;
    private final AgentThreads threads;
    private final Optional<LogFile> logFile;
    private final CompletableFuture<String> failed;
    private boolean closed;

    private AgentServer(
            AgentOptions options,
            HttpServer http,
            AgentRoutes routes,
            ActorRef<AgentActor.Command> agent,
            ActorRef<MasterLink.Command> link,
            CheckpointLog log,
            Containers containers,
            StandaloneContainers standalone,
            SandboxCollector sandboxes,
            AgentThreads threads,
            Optional<LogFile> logFile,
            CompletableFuture<String> failed) {
        this.options = options;
        this.http = http;
        this.routes = routes;
        this.agent = agent;
        this.link = link;
        this.log = log;
        this.containers = containers;
        this.standalone = standalone;
        this.sandboxes = sandboxes;
        this.threads = threads;
        this.logFile = logFile;
        this.failed = failed;
    }

    /**
     * Starts an agent.
     *
     * @return fails with IllegalArgumentException naming the flag that does not fit, or with what went wrong
     */
    public static CompletionStage<AgentServer> start(ActorSystem<?> system, AgentOptions options) {
        Optional<LogFile> logFile;
        try {
            logFile = options.logging.open("agent");
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
        AgentThreads threads = AgentThreads.start();
        return CompletableFuture.supplyAsync(() -> checkpoints(workDir(options)), threads.containers())
                .thenCompose(opened -> start(system, options, opened, threads, logFile))
                .whenComplete(onFailure(() -> {
                    logFile.ifPresent(LogFile::close);
                    threads.close();
                }));
    }

    /** Before all else: what a running agent has on the machine is nothing for another one to tidy up. */
    private static CheckpointLog.Opened checkpoints(Path workDir) {
        try {
            return CheckpointLog.open(workDir.resolve("meta"));
        } catch (IOException e) {
            throw new UncheckedIOException("--work-dir: " + e.getMessage(), e);
        }
    }

    private static CompletionStage<AgentServer> start(
            ActorSystem<?> system,
            AgentOptions options,
            CheckpointLog.Opened opened,
            AgentThreads threads,
            Optional<LogFile> logFile) {
        return CompletableFuture.supplyAsync(() -> open(options, threads), threads.containers())
                .thenCompose(containers -> start(system, options, opened, containers, threads, logFile))
                .whenComplete(onFailure(opened.log()::close));
    }

    private static BiConsumer<AgentServer, Throwable> onFailure(Runnable close) {
        return (server, failure) -> {
            if (failure != null) {
                close.run();
            }
        };
    }

    private static Containers open(AgentOptions options, AgentThreads threads) {
        try {
            return NativeContainers.start(
                    containersOptions(options, workDir(options)), threads.containers(), threads.timers());
        } catch (IOException e) {
            throw new UncheckedIOException("containers: " + e.getMessage(), e);
        }
    }

    private static CompletionStage<AgentServer> start(
            ActorSystem<?> system,
            AgentOptions options,
            CheckpointLog.Opened opened,
            Containers containers,
            AgentThreads threads,
            Optional<LogFile> logFile) {
        long begun = System.nanoTime();
        return containers
                .recover()
                .thenApplyAsync(
                        recovered -> new Start(system, options, opened, containers, recovered, threads, logFile, begun),
                        threads.containers())
                .thenCompose(Start::run)
                .whenComplete(onFailure(containers::close));
    }

    private static Path workDir(AgentOptions options) {
        try {
            return Files.createDirectories(options.workDir).toRealPath();
        } catch (IOException e) {
            throw new IllegalArgumentException("--work-dir: " + options.workDir + " cannot be used: " + e, e);
        }
    }

    static ContainersOptions containersOptions(AgentOptions options, Path workDir) {
        return new ContainersOptions(
                workDir,
                options.runtime,
                options.cgroupsRoot,
                Optional.ofNullable(options.cniConfigDir),
                options.cniPluginsDir,
                options.store.images(workDir),
                options.store.fetch(workDir),
                new ContainersOptions.Bounds(
                        options.maxOutput.bytes(),
                        options.maxOutputFiles,
                        options.pidsLimit,
                        options.enforceDisk,
                        options.containerDiskWatchInterval),
                options.policy.policy(options.defaults));
    }

    /** One start, on the blocking dispatcher: everything that must be there before the actors. */
    private static final class Start {
        private final ActorSystem<?> system;
        private final AgentOptions options;
        private final Containers containers;
        private final List<Recovered> recovered;
        private final AgentThreads threads;
        private final Path workDir;
        private final Optional<LogFile> logFile;
        private final Access access;
        private final SSLContext tls;
        private final MasterDetector detector;
        private final Supplier<Optional<String>> credentials;
        private final CheckpointLog.Opened opened;
        private final StandaloneContainers standalone;
        private final SandboxCollector sandboxes;
        private final ContainerSpecs specs;
        private final CompletableFuture<String> failed = new CompletableFuture<>();
        private final long begun;
        private volatile double recoverySeconds;

        Start(
                ActorSystem<?> system,
                AgentOptions options,
                CheckpointLog.Opened opened,
                Containers containers,
                List<Recovered> recovered,
                AgentThreads threads,
                Optional<LogFile> logFile,
                long begun) {
            this.logFile = logFile;
            this.begun = begun;
            this.system = system;
            this.options = options;
            this.opened = opened;
            this.containers = containers;
            this.recovered = recovered;
            this.threads = threads;
            this.workDir = workDir(options);
            this.access = options.security.access(options.listen.security);
            this.tls = options.listen.security.clientTls(access.files());
            this.detector = new MasterDetector(
                    ZooKeeperAddress.text(options.master),
                    options.zkSessionTimeout,
                    options.listen.security.zooKeeperTls(access.files()),
                    options.listen.security.tls.trusted().isPresent());
            this.credentials = options.credential == null
                    ? Optional::empty
                    : access.files().watch("credential", options.credential, MasterCredential::parse);
            this.sandboxes =
                    new SandboxCollector(workDir, options.gcDelay, options.gcDiskHeadroom, options.diskWatchInterval);
            this.standalone = new StandaloneContainers(workDir, containers, recovered, threads.containers());
            ExecutorTokens tokens = new ExecutorTokens(
                    options.security.authenticateExecutors(options.listen.security) ? access.keys() : Optional.empty());
            this.specs = new ContainerSpecs(
                    workDir,
                    options.switchUser && isRoot(),
                    options.cgroupsEnableCfs,
                    options.defaults.container(),
                    tokens);
            try {
                for (Path left : standalone.left()) {
                    sandboxes.retire(left, Files.getLastModifiedTime(left).toInstant());
                }
            } catch (IOException e) {
                throw new UncheckedIOException("--work-dir: " + e.getMessage(), e);
            }
        }

        CompletionStage<AgentServer> run() {
            WatchedFiles watched = access.files();
            AgentRoutes routes = new AgentRoutes(
                    system,
                    workDir,
                    options.logging.readable(logFile),
                    containers,
                    new OperatorContainers(
                            standalone,
                            specs::limits,
                            specs::mounts,
                            options.gcNonExecutorSandboxes ? sandboxes::retire : sandbox -> {},
                            sandboxes::forget),
                    threads.containers(),
                    new ProcessStreams(threads.streams(), options.httpHeartbeat),
                    Flags.effective(options),
                    new AgentAuthorization(options.security.acls(watched), standalone::user),
                    watched,
                    this::metrics);
            return HttpServer.bind(system, options.listen.httpOptions(access), routes.route())
                    .thenApply(http -> {
                        try {
                            return wire(http, routes);
                        } catch (RuntimeException e) {
                            http.close();
                            throw e;
                        }
                    });
        }

        private Map<String, Number> metrics() {
            Map<String, Number> metrics = new TreeMap<>(containers.metrics());
            metrics.putAll(sandboxes.metrics());
            metrics.put("slave/recovery_time_secs", recoverySeconds);
            metrics.put("slave/checkpoints_blocked", opened.log().trouble() == null ? 0 : 1);
            return metrics;
        }

        private AgentServer wire(HttpServer http, AgentRoutes routes) {
            AgentSettings settings = AgentDescription.settings(
                    options, workDir, http.port(), containers.facilities().isolating());
            AgentCore core = new AgentCore(settings, new RandomIds(), opened.records());
            core.checkReconfiguration(options.reconfigurationPolicy == AgentOptions.ReconfigurationPolicy.ADDITIVE)
                    .map(Rejection::message)
                    .ifPresent(message -> {
                        throw new IllegalArgumentException(message);
                    });
            String name = "agent-" + http.port() + "-" + UUID.randomUUID();
            CompletableFuture<ActorRef<AgentActor.Command>> agentRef = new CompletableFuture<>();
            ActorRef<MasterLink.Command> link = system.systemActorOf(
                    MasterLink.create(detector, new MasterLink.Identity(credentials, tls), new LinkEvents(agentRef)),
                    "link-of-" + name,
                    Props.empty());
            Containment containment = new Containment(
                    containers,
                    threads.containers(),
                    settings.ip(),
                    recovered.stream()
                            .filter(r -> !standalone.has(r.spec().id()))
                            .toList());
            AgentEffects.Parts parts = new AgentEffects.Parts(
                    containment, containers, specs, sandboxes, workDir, threads.containers(), failed);
            RandomIds ids = new RandomIds();
            ActorRef<AgentActor.Command> agent = system.systemActorOf(
                    AgentActor.create(core, opened.log(), options.mostWaiting, ports -> {
                        BuiltInExecutors builtIns = new BuiltInExecutors(
                                containment,
                                specs,
                                ports.mailbox(),
                                ids::updateId,
                                ports.timers(),
                                ports.builtInCalls());
                        return new AgentEffects(parts, ports, builtIns, link);
                    }),
                    name,
                    Props.empty());
            agentRef.complete(agent);
            recoverySeconds = (System.nanoTime() - begun) / 1e9;
            routes.open(new ActorAgent(agent));
            LOG.info("Agent listens on {} with {}, work directory {}", http.address(), settings.pid(), workDir);
            return new AgentServer(
                    options,
                    http,
                    routes,
                    agent,
                    link,
                    opened.log(),
                    containers,
                    standalone,
                    sandboxes,
                    threads,
                    logFile,
                    failed);
        }
    }

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    /** The link's events as messages to the agent's actor. */
    private record LinkEvents(CompletableFuture<ActorRef<AgentActor.Command>> agent) implements MasterLink.Events {
        @Override
        public void opened() {
            agent.thenAccept(a -> a.tell(new AgentActor.Happened(new AgentEvent.LinkOpened())));
        }

        @Override
        public void closed(String why) {
            agent.thenAccept(a -> a.tell(new AgentActor.Happened(new AgentEvent.LinkClosed(why))));
        }

        @Override
        public CompletionStage<Done> received(ToAgent message) {
            CompletableFuture<Done> taken = new CompletableFuture<>();
            agent.thenAccept(a -> a.tell(new AgentActor.MasterSpoke(message, taken)));
            return taken;
        }
    }

    public int port() {
        return http.port();
    }

    /** Completes with the reason when the agent must end: refused by the master, told to leave, or its disk failed. */
    public CompletionStage<String> failed() {
        return failed.minimalCompletionStage();
    }

    /** What the agent knows now. */
    public CompletionStage<AgentView> view() {
        return new ActorAgent(agent).view();
    }

    /** Ends the agent; its tasks go on and are taken up by the next agent on the same work directory. Blocks. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        routes.close();
        link.tell(new MasterLink.Stop());
        CompletableFuture<Done> stopped = new CompletableFuture<>();
        agent.tell(new AgentActor.Stop(stopped));
        await(stopped, Duration.ofSeconds(5), "the agent's actor");
        http.close();
        sandboxes.close();
        log.close();
        containers.close();
        threads.close();
        logFile.ifPresent(LogFile::close);
    }

    /**
     * Kills all tasks, tells the master that the agent leaves, and ends it, so that no process, mount, cgroup or network of it
     * is left. Blocks, at most for the shutdown grace period and a margin.
     */
    public void closeAndStopTasks() {
        agent.tell(new AgentActor.Happened(new AgentEvent.StopRequested("The agent was stopped")));
        await(failed, options.executorShutdownGrace.plus(STOP_MARGIN), "the agent's tasks");
        await(standalone.destroyAll(), STOP_MARGIN, "the containers of operators");
        close();
    }

    private static void await(CompletableFuture<?> done, Duration atMost, String what) {
        try {
            done.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.warn("Stopping {}: {}", what, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
