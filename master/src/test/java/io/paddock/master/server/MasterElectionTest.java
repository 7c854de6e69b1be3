package io.paddock.master.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.platform.http.WireFormat;
import io.paddock.platform.zookeeper.EmbeddedZooKeeper;
import io.paddock.platform.zookeeper.ZooKeeperAddress;
import io.paddock.platform.zookeeper.ZooKeeperConnection;
import io.paddock.platform.zookeeper.ZooKeeperStateStore;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.Task;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several masters on a real ZooKeeper: one leads, the others redirect, the next takes everything over. */
class MasterElectionTest {
    private static final List<String> CALLS =
            List.of("/api/v1", "/master/api/v1", "/api/v1/scheduler", "/master/api/v1/scheduler");

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<MasterServer> masters = new ArrayList<>();
    private ActorSystem<Void> system;
    private EmbeddedZooKeeper zooKeeper;

    @BeforeEach
    void start(@TempDir Path dir) {
        system = ActorSystem.create(Behaviors.empty(), "election-test");
        zooKeeper = EmbeddedZooKeeper.start(dir, "127.0.0.1", 0);
    }

    @AfterEach
    void stop() {
        masters.forEach(MasterServer::close);
        zooKeeper.close();
        system.terminate();
    }

    private MasterServer startMaster() throws Exception {
        MasterOptions options = new MasterOptions();
        options.listen.port = 0;
        options.zk = "zk://127.0.0.1:" + zooKeeper.port() + "/mesos";
        MasterServer master =
                MasterServer.start(system, options).toCompletableFuture().get();
        masters.add(master);
        return master;
    }

    private static ClusterSnapshot snapshot(MasterServer master) {
        return master.leadership().leading().orElseThrow().current();
    }

    /** Who leads is asked before the body is read. */
    private HttpResponse<String> call(MasterServer master, String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + master.port() + path))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private int status(MasterServer master, String path) throws Exception {
        return get(master, path).statusCode();
    }

    private HttpResponse<String> get(MasterServer master, String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + master.port() + path))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static FrameworkInfo.Builder framework() {
        return FrameworkInfo.newBuilder()
                .setUser("root")
                .setName("ha")
                .setFailoverTimeout(600)
                .addRoles("web")
                .addCapabilities(
                        FrameworkInfo.Capability.newBuilder().setType(FrameworkInfo.Capability.Type.MULTI_ROLE));
    }

    @Test
    void theNextMasterTakesAgentsAndFrameworksOver() throws Exception {
        MasterServer first = startMaster();
        await().until(() -> first.leadership().leading().isPresent());
        MasterServer second = startMaster();
        MasterServer third = startMaster();
        await().until(() -> second.leadership().leader().isPresent());
        HttpResponse<String> elsewhere = get(second, "/offers/why?framework=x");
        assertThat(elsewhere.statusCode()).isEqualTo(307);
        assertThat(elsewhere.headers().firstValue("Location"))
                .contains("//127.0.0.1:" + first.port() + "/offers/why?framework=x");
        for (String path : CALLS) {
            HttpResponse<String> call = call(second, path);
            assertThat(call.statusCode()).as(path).isEqualTo(307);
            assertThat(call.headers().firstValue("Location")).contains("//127.0.0.1:" + first.port() + path);
        }
        assertThat(get(third, "/master/redirect").headers().firstValue("Location"))
                .contains("//127.0.0.1:" + first.port());

        ScriptedAgent agent = ScriptedAgent.connect(client, first.port());
        agent.register("cpus:4;mem:1024");
        ScriptedScheduler scheduler = ScriptedScheduler.subscribe(
                client, first.port(), WireFormat.PROTOBUF, framework().build());
        await().until(() -> !scheduler.offers().isEmpty());
        Offer offer = scheduler.offers().get(0);
        scheduler.call(MasterServerTest.accept(offer, MasterServerTest.task("t", offer, "cpus:1;mem:32")));
        await().until(() -> snapshot(first).agents().get(0).tasks().size() == 1);
        List<Task> tasks = snapshot(first).agents().get(0).tasks();
        FrameworkInfo known = snapshot(first).frameworks().get(0).info();

        first.close();
        await().until(() -> agent.closed && scheduler.ended);
        MasterServer next = await().atMost(Duration.ofSeconds(15))
                .until(
                        () -> second.leadership().leading().isPresent()
                                ? second
                                : third.leadership().leading().isPresent() ? third : first,
                        master -> master != first);
        await().until(() -> !snapshot(next).recoveredAgents().isEmpty());
        assertThat(snapshot(next).frameworks())
                .allSatisfy(f -> assertThat(f.recovered()).isTrue());

        try (ScriptedAgent back = ScriptedAgent.connect(client, next.port());
                ScriptedScheduler resubscribed =
                        ScriptedScheduler.subscribe(client, next.port(), WireFormat.JSON, known)) {
            back.reregister(offer.getAgentId().getValue(), "cpus:4;mem:1024", List.of(known), tasks);
            await().until(() -> back.received(ToAgent.MessageCase.REGISTERED).size() == 1);
            await().until(() -> !resubscribed.offers().isEmpty());
            assertThat(snapshot(next).agents().get(0).used().scalar("cpus")).isEqualTo(1.0);
            assertThat(resubscribed.frameworkId()).isEqualTo(known.getId());
        }
    }

    @Test
    void aMasterWhoseRegistryWasTakenOverGivesUp() throws Exception {
        MasterServer master = startMaster();
        await().until(() -> master.leadership().leading().isPresent());
        try (ZooKeeperConnection connection =
                ZooKeeperConnection.open(ZooKeeperAddress.parse("zk://127.0.0.1:" + zooKeeper.port() + "/mesos"))) {
            ZooKeeperStateStore.open(connection, "/paddock/registry", "another")
                    .toCompletableFuture()
                    .get();
            try (ScriptedAgent agent = ScriptedAgent.connect(client, master.port())) {
                agent.register("cpus:4;mem:1024");
                await().until(() -> master.failed().toCompletableFuture().isDone());
                assertThat(agent.received(ToAgent.MessageCase.REGISTERED)).isEmpty();
            }
            assertThat(status(master, "/offers/why?framework=x")).isEqualTo(503);
            for (String path : CALLS) {
                assertThat(call(master, path).statusCode()).as(path).isEqualTo(503);
            }
        }
    }
}
