package io.paddock.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Three masters, three ZooKeepers, an agent and marathon as separate processes, killed one after the other. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class HighAvailabilityTest {
    private static final int MEMBERS = 3;

    private final List<PaddockProcess> zooKeepers = new ArrayList<>();
    private final List<PaddockProcess> masters = new ArrayList<>();
    private final List<Integer> masterPorts = new ArrayList<>();
    private PaddockProcess agent;
    private PaddockProcess marathon;
    private Path directory;
    private String zk;
    private int agentPort;
    private int marathonPort;
    /** Tells this run's tasks from any others on the machine. */
    private final String seconds =
            Integer.toString(100_000 + ThreadLocalRandom.current().nextInt(900_000));

    @BeforeAll
    void startEverything(@TempDir Path temporary) {
        directory = temporary;
        List<Integer> ports = Ports.free(3 * MEMBERS + MEMBERS + 2);
        String servers = String.join(
                ",",
                IntStream.range(0, MEMBERS)
                        .mapToObj(i -> "127.0.0.1:" + ports.get(3 * i + 1) + ":" + ports.get(3 * i + 2))
                        .toList());
        for (int i = 0; i < MEMBERS; i++) {
            zooKeepers.add(PaddockProcess.start(
                    "ha-zookeeper-" + i,
                    "zookeeper",
                    "--server-id",
                    Integer.toString(i + 1),
                    "--servers",
                    servers,
                    "--port",
                    Integer.toString(ports.get(3 * i)),
                    "--work-dir",
                    directory.resolve("zookeeper-" + i).toString()));
        }
        String members = String.join(
                ",",
                IntStream.range(0, MEMBERS)
                        .mapToObj(i -> "127.0.0.1:" + ports.get(3 * i))
                        .toList());
        zk = "zk://" + members + "/mesos";
        for (int i = 0; i < MEMBERS; i++) {
            int port = ports.get(3 * MEMBERS + i);
            masterPorts.add(port);
            masters.add(PaddockProcess.start("ha-master-" + i, "master", "--zk", zk, "--port", Integer.toString(port)));
        }
        agentPort = ports.get(4 * MEMBERS);
        marathonPort = ports.get(4 * MEMBERS + 1);
        startAgent();
        startMarathon();
        await().atMost(Duration.ofSeconds(60)).until(() -> Http.answers(marathonUrl() + "/v2/apps"));
        Http.Answer created = Http.post(marathonUrl() + "/v2/apps", """
                {"id": "/steady", "cmd": "exec sleep %s", "instances": 3, "cpus": 0.1, "mem": 32}""".formatted(seconds));
        assertThat(created.status()).as(created.body()).isEqualTo(201);
        awaitRunning(3);
    }

    @AfterAll
    void stopEverything() {
        if (marathon != null && marathon.isAlive()) {
            Http.delete(marathonUrl() + "/v2/apps/steady");
            await().atMost(Duration.ofSeconds(20)).until(() -> sleepers().isEmpty());
            marathon.close();
        }
        if (agent != null) {
            agent.close();
        }
        masters.forEach(PaddockProcess::close);
        zooKeepers.forEach(PaddockProcess::close);
    }

    @Test
    @Order(1)
    void anotherMasterLeadsAndEverybodyComesBack() {
        Set<Long> pids = sleepers();
        Set<String> tasks = taskIds();
        int leader = leader();
        masters.get(leader).kill();
        await().atMost(Duration.ofSeconds(15)).untilAsserted(() -> {
            int next = leader();
            assertThat(next).isNotEqualTo(leader);
            JsonNode state = Http.get(masterUrl(next) + "/master/state").json();
            assertThat(state.path("activated_slaves").asInt()).isEqualTo(1);
            JsonNode framework = framework(state, "marathon");
            assertThat(framework.path("active").asBoolean()).isTrue();
            assertThat(framework.path("tasks")).hasSize(3);
        });
        assertThat(sleepers()).as("no task stopped").isEqualTo(pids);
        assertThat(Http.put(marathonUrl() + "/v2/apps/steady", "{\"instances\": 4}")
                        .status())
                .isEqualTo(200);
        awaitRunning(4);
        assertThat(taskIds()).as("nothing was launched again").containsAll(tasks);
        masters.set(
                leader,
                PaddockProcess.start(
                        "ha-master-" + leader,
                        "master",
                        "--zk",
                        zk,
                        "--port",
                        Integer.toString(masterPorts.get(leader))));
    }

    @Test
    @Order(2)
    void anAgentThatDiesKeepsItsTasks() throws IOException {
        Set<Long> pids = sleepers();
        agent.kill();
        assertThat(sleepers()).isEqualTo(pids);
        long victim = pids.iterator().next();
        new ProcessBuilder("kill", "-9", Long.toString(victim)).start().onExit().join();
        startAgent();
        await("the update of the task that ended meanwhile arrives, and it is replaced")
                .atMost(Duration.ofSeconds(30))
                .until(() -> sleepers().size() == 4 && !sleepers().contains(victim));
        assertThat(sleepers())
                .containsAll(pids.stream().filter(pid -> pid != victim).toList());
        awaitRunning(4);
    }

    @Test
    @Order(3)
    void marathonThatDiesLaunchesNothingTwiceAndLosesNothing() {
        Set<Long> pids = sleepers();
        Set<String> tasks = taskIds();
        marathon.kill();
        startMarathon();
        await().atMost(Duration.ofSeconds(30)).until(() -> Http.answers(marathonUrl() + "/v2/apps/steady"));
        awaitRunning(4);
        assertThat(taskIds()).isEqualTo(tasks);
        assertThat(sleepers()).isEqualTo(pids);
    }

    private void startAgent() {
        agent = PaddockProcess.start(
                "ha-agent",
                "agent",
                "--master",
                zk,
                "--port",
                Integer.toString(agentPort),
                "--work-dir",
                directory.resolve("agent").toString(),
                "--resources",
                "cpus:4;mem:2048;disk:2048;ports:[22000-22999]");
    }

    private void startMarathon() {
        marathon = PaddockProcess.start(
                "ha-marathon",
                "marathon",
                "--master",
                zk,
                "--zk",
                zk.replace("/mesos", "/marathon"),
                "--http-port",
                Integer.toString(marathonPort));
    }

    private int leader() {
        for (int i = 0; i < MEMBERS; i++) {
            if (masters.get(i).isAlive() && Http.answers(masterUrl(i) + "/redirect", 307)) {
                String location = Http.get(masterUrl(i) + "/redirect")
                        .headers()
                        .firstValue("Location")
                        .orElse("");
                for (int j = 0; j < MEMBERS; j++) {
                    if (masters.get(j).isAlive() && location.endsWith(":" + masterPorts.get(j))) {
                        return j;
                    }
                }
            }
        }
        throw new AssertionError("no master leads");
    }

    private static JsonNode framework(JsonNode state, String name) {
        for (JsonNode framework : state.path("frameworks")) {
            if (framework.path("name").asText().equals(name)) {
                return framework;
            }
        }
        return com.fasterxml.jackson.databind.node.MissingNode.getInstance();
    }

    private String masterUrl(int i) {
        return "http://127.0.0.1:" + masterPorts.get(i);
    }

    private String marathonUrl() {
        return "http://127.0.0.1:" + marathonPort;
    }

    private void awaitRunning(int count) {
        await().atMost(Duration.ofSeconds(40)).untilAsserted(() -> {
            JsonNode app = Http.get(marathonUrl() + "/v2/apps/steady").json().path("app");
            assertThat(app.path("tasksRunning").asInt()).isEqualTo(count);
            assertThat(app.path("deployments")).isEmpty();
            // A task runs before its shell has become what it is to run.
            assertThat(sleepers()).hasSize(count);
        });
    }

    private Set<String> taskIds() {
        Set<String> ids = new HashSet<>();
        Http.get(marathonUrl() + "/v2/apps/steady/tasks")
                .json()
                .path("tasks")
                .forEach(task -> ids.add(task.path("id").asText()));
        return ids;
    }

    /** The processes of the app's tasks. */
    private Set<Long> sleepers() {
        Set<Long> pids = new HashSet<>();
        ProcessHandle.allProcesses()
                .filter(process -> process.info().command().orElse("").endsWith("sleep")
                        && process.info()
                                .arguments()
                                .map(List::of)
                                .orElse(List.of())
                                .contains(seconds))
                .forEach(process -> pids.add(process.pid()));
        return pids;
    }
}
