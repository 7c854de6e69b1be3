package io.paddock.marathon.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.client.testkit.InMemoryMaster;
import io.paddock.marathon.server.RunningMarathon.Reply;
import io.paddock.platform.zookeeper.EmbeddedZooKeeper;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.TaskState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The state in a real ZooKeeper: another process goes on where the last one stopped, and standbys serve too. */
class SurvivesRestartsTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "marathon-test");
    private final InMemoryMaster master = InMemoryMaster.start();
    private EmbeddedZooKeeper zookeeper;

    @BeforeEach
    void start(@TempDir Path dir) {
        zookeeper = EmbeddedZooKeeper.start(dir, "127.0.0.1", 0);
        master.addAgent("host1", "cpus:16;mem:16384;disk:1000;ports:[31000-31999]");
    }

    @AfterEach
    void stop() {
        zookeeper.close();
        master.close();
        system.terminate();
    }

    private MarathonServer marathon() {
        MarathonOptions options = new MarathonOptions();
        options.master = master.address();
        options.zk = "zk://" + zookeeper.address() + "/marathon";
        options.httpPort = 0;
        return MarathonServer.start(system, options).toCompletableFuture().join();
    }

    private static Reply send(MarathonServer server, String method, String path, String json) {
        return RunningMarathon.request("http://127.0.0.1:" + server.port(), method, path, json);
    }

    private static JsonNode app(MarathonServer server, String id) {
        return RunningMarathon.request("http://127.0.0.1:" + server.port(), "GET", "/v2/apps" + id, null)
                .json()
                .path("app");
    }

    private static Set<String> running(MarathonServer server, String id) {
        Set<String> ids = new HashSet<>();
        for (JsonNode task : app(server, id).path("tasks")) {
            if (task.path("state").asText().equals("TASK_RUNNING")) {
                ids.add(task.path("id").asText());
            }
        }
        return ids;
    }

    @Test
    void aNewProcessLaunchesNothingTwiceAndLosesNothing() {
        MarathonServer first = marathon();
        first.ready().toCompletableFuture().join();
        Reply created = send(
                first,
                "POST",
                "/v2/apps",
                "{\"id\":\"/shop/web\",\"cmd\":\"sleep 100\",\"cpus\":0.1,\"instances\":3,\"labels\":{\"a\":\"b\"},"
                        + "\"backoffSeconds\":0,\"constraints\":[[\"hostname\",\"CLUSTER\",\"host1\"]],\"networks\":[{\"mode\":\"host\"}]}");
        assertThat(created.status()).as(created.body()).isEqualTo(201);
        await().atMost(SOON)
                .until(() -> app(first, "/shop/web").path("deployments").isEmpty());
        Set<String> before = running(first, "/shop/web");
        JsonNode definition = app(first, "/shop/web");
        assertThat(before).hasSize(3);
        first.close();
        String ended = before.iterator().next();
        master.report(ended, TaskState.TASK_FAILED, "ended while nobody looked");

        MarathonServer second = marathon();
        second.ready().toCompletableFuture().join();
        await().atMost(SOON).until(() -> running(second, "/shop/web").size() == 3);
        Set<String> after = running(second, "/shop/web");
        assertThat(after).doesNotContain(ended);
        before.remove(ended);
        assertThat(after).containsAll(before);
        assertThat(master.tasks()).hasSize(4);
        assertThat(master.frameworks()).extracting(FrameworkInfo::getName).containsExactly("marathon");
        JsonNode now = app(second, "/shop/web");
        for (String field :
                new String[] {"version", "versionInfo", "labels", "constraints", "portDefinitions", "networks"}) {
            assertThat(now.path(field)).as(field).isEqualTo(definition.path(field));
        }
        second.close();
    }

    @Test
    void standbysPassRequestsOnAndTakeOver() {
        MarathonServer leader = marathon();
        leader.ready().toCompletableFuture().join();
        MarathonServer standby = marathon();
        String address = "127.0.0.1:" + leader.port();
        await().atMost(SOON)
                .until(() -> send(standby, "GET", "/v2/leader", null).status() == 200);
        assertThat(send(standby, "GET", "/v2/leader", null)
                        .json()
                        .path("leader")
                        .asText())
                .isEqualTo(address);
        Reply created =
                send(standby, "POST", "/v2/apps?force=false", "{\"id\":\"/web\",\"cmd\":\"sleep 100\",\"cpus\":0.1}");
        assertThat(created.status()).as(created.body()).isEqualTo(201);
        assertThat(created.header("X-Marathon-Leader")).isEqualTo("http://" + address);
        assertThat(send(standby, "GET", "/v2/apps/nobody", null).status()).isEqualTo(404);
        Reply events = send(standby, "GET", "/v2/events", null);
        assertThat(events.status()).isEqualTo(302);
        assertThat(events.header("Location")).isEqualTo("http://" + address + "/v2/events");
        await().atMost(SOON).until(() -> running(standby, "/web").size() == 1);

        leader.close();
        await().atMost(SOON).until(() -> {
            Reply reply = send(standby, "GET", "/v2/leader", null);
            return reply.status() == 200
                    && !reply.json().path("leader").asText().equals(address);
        });
        standby.ready().toCompletableFuture().join();
        await().atMost(SOON).until(() -> running(standby, "/web").size() == 1);
        assertThat(master.tasks()).hasSize(1);
        standby.close();
    }

    @Test
    void whoLosesTheStateGivesUp() {
        MarathonServer server = marathon();
        server.ready().toCompletableFuture().join();
        // A second marathon that believes it leads takes the state over; the first one must notice at its next write.
        var connection = io.paddock.platform.zookeeper.ZooKeeperConnection.open(
                io.paddock.platform.zookeeper.ZooKeeperAddress.parse("zk://" + zookeeper.address() + "/marathon"));
        var thief = io.paddock.platform.zookeeper.ZooKeeperStateStore.open(connection, "/marathon/state", "thief")
                .toCompletableFuture()
                .join();
        RunningMarathon.request("http://127.0.0.1:" + server.port(), "GET", "/ping", null);
        new Thread(() -> {
                    try {
                        send(server, "POST", "/v2/apps", "{\"id\":\"/lost\",\"cmd\":\"sleep 100\"}");
                    } catch (RuntimeException e) {
                        // No answer is what must happen: the change was not stored.
                    }
                })
                .start();
        assertThat(server.failed()
                        .toCompletableFuture()
                        .orTimeout(20, java.util.concurrent.TimeUnit.SECONDS)
                        .join())
                .contains("cannot be stored");
        assertThat(thief.load("app/").toCompletableFuture().join()).isEqualTo(Map.of());
        thief.close();
        connection.close();
        server.close();
    }
}
