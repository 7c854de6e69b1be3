package io.paddock.local;

import io.paddock.agent.server.AgentOptions;
import io.paddock.batch.server.BatchOptions;
import io.paddock.batch.server.BatchServer;
import io.paddock.marathon.server.MarathonOptions;
import io.paddock.marathon.server.MarathonServer;
import io.paddock.master.server.MasterOptions;
import io.paddock.master.server.MasterServer;
import io.paddock.platform.zookeeper.EmbeddedZooKeeper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every component of a cluster in this process, on loopback. Started in the order of their dependence, closed in reverse, so
 * that no framework sees its tasks end while the agents are stopping.
 */
final class Cluster implements AutoCloseable {
    static final int HIGHEST_PORT = 9000;

    private static final Logger LOG = LoggerFactory.getLogger(Cluster.class);
    private static final Duration START = Duration.ofSeconds(30);
    private static final String HOST = "127.0.0.1";

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final Map<String, String> addresses = new LinkedHashMap<>();
    private final CompletableFuture<String> failed = new CompletableFuture<>();
    private final int agents;
    private final Consumer<String> told;
    private volatile boolean closing;

    private Cluster(int agents, Consumer<String> told) {
        this.agents = agents;
        this.told = told;
    }

    /**
     * Starts all components and returns when they listen; they may still be finding each other.
     *
     * @param resources what each agent has; what is not named is shared between them
     * @param keepTasks whether tasks outlive {@link #close}
     * @param told a sentence when something happened that the user should know, and the cluster goes on
     */
    static Cluster start(
            Path workDirectory, int agents, int portOffset, String resources, boolean keepTasks, Consumer<String> told)
            throws Exception {
        Cluster cluster = new Cluster(agents, told);
        try {
            cluster.startParts(workDirectory, portOffset, resources, keepTasks);
            return cluster;
        } catch (Exception e) {
            cluster.close();
            throw e;
        }
    }

    private void startParts(Path workDirectory, int portOffset, String resources, boolean keepTasks) throws Exception {
        ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "paddock");
        parts.push(() -> {
            system.terminate();
            system.getWhenTerminated().toCompletableFuture().get(10, TimeUnit.SECONDS);
        });
        EmbeddedZooKeeper zooKeeper =
                EmbeddedZooKeeper.start(workDirectory.resolve("zookeeper"), HOST, 2181 + portOffset);
        parts.push(zooKeeper);
        String ensemble = "zk://" + zooKeeper.address();
        addresses.put("zookeeper", zooKeeper.address());

        MasterOptions masterOptions = new MasterOptions();
        masterOptions.zk = ensemble + "/mesos";
        masterOptions.listen.port = 5050 + portOffset;
        MasterServer master = await("master", MasterServer.start(system, masterOptions));
        parts.push(master);
        master.failed().thenAccept(reason -> ended("the master", reason));
        addresses.put("master", "http://" + HOST + ":" + master.port());

        for (int i = 0; i < agents; i++) {
            AgentOptions options = new AgentOptions();
            options.master = masterOptions.zk;
            options.listen.port = 5051 + portOffset + i;
            options.workDir = workDirectory.resolve("agent-" + i);
            options.resources = MachineShare.of(resources, i, agents, workDirectory);
            String name = agents == 1 ? "agent" : "agent " + i;
            SupervisedAgent agent = SupervisedAgent.start(
                    system, options, keepTasks, SupervisedAgent.PAUSE, reason -> agentEnded(name, reason));
            parts.push(agent);
            addresses.put(name, "http://" + HOST + ":" + agent.port());
        }

        MarathonOptions marathonOptions = new MarathonOptions();
        marathonOptions.master = masterOptions.zk;
        marathonOptions.zk = ensemble + "/marathon";
        marathonOptions.httpPort = 8080 + portOffset;
        MarathonServer marathon = await("marathon", MarathonServer.start(system, marathonOptions));
        parts.push(marathon);
        marathon.failed().thenAccept(reason -> ended("marathon", reason));
        addresses.put("marathon", "http://" + HOST + ":" + marathon.port());

        BatchOptions batchOptions = new BatchOptions();
        batchOptions.master = masterOptions.zk;
        batchOptions.zookeeper = ensemble + "/batch";
        batchOptions.listen.port = 9000 + portOffset;
        BatchServer batch = await("batch", BatchServer.start(system, batchOptions));
        parts.push(batch);
        batch.failed().thenAccept(reason -> ended("batch", reason));
        addresses.put("batch", "http://" + HOST + ":" + batch.port());
    }

    private void ended(String component, String reason) {
        if (!closing) {
            failed.complete(component + " ended: " + reason);
        }
    }

    private void agentEnded(String name, String reason) {
        if (!closing) {
            told.accept(name + " ended: " + reason + ". It is started again until the master takes it");
        }
    }

    private static <T> T await(String what, CompletionStage<T> starting) throws Exception {
        return await(what, START, starting);
    }

    /** What has started, or why it did not. */
    static <T> T await(String what, Duration atMost, CompletionStage<T> starting) throws Exception {
        try {
            return starting.toCompletableFuture().get(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (java.util.concurrent.ExecutionException e) {
            Throwable cause =
                    e.getCause() instanceof CompletionException c && c.getCause() != null ? c.getCause() : e.getCause();
            throw new IllegalStateException(what + " did not start: " + cause.getMessage(), cause);
        }
    }

    /** Component and address, in the order they were started. */
    Map<String, String> addresses() {
        return addresses;
    }

    /** Returns when an app could be launched: the agents are registered and both frameworks subscribed. */
    void awaitReady() throws Exception {
        new Readiness(String.valueOf(addresses.get("master")), agents, List.of("marathon", "batch"))
                .await()
                .get(60, TimeUnit.SECONDS);
    }

    /** Completes with a sentence when a component cannot go on. */
    CompletableFuture<String> failed() {
        return failed;
    }

    @Override
    public void close() {
        closing = true;
        List<String> late = new ArrayList<>();
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                late.add(e.toString());
                LOG.warn("A component did not stop cleanly", e);
            }
        }
        if (late.isEmpty()) {
            LOG.info("Stopped");
        }
    }
}
