package io.paddock.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Frameworks written for Mesos with clients that others published, unmodified, on two masters, ZooKeeper and an agent with real
 * containers: each launches tasks, loses its master to {@code kill -9}, comes back and goes on.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ThirdPartyClientsTest {
    private static final Path PROGRAMS = Path.of("third-party");
    private static final Duration SOON = Duration.ofSeconds(40);
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    private final List<PaddockProcess> others = new ArrayList<>();
    private final List<Integer> masterPorts = new ArrayList<>();
    private final List<PaddockProcess> masters = new ArrayList<>();
    private final int mark = ThreadLocalRandom.current().nextInt(1_000_000, 9_000_000);
    private String zooKeeper;
    private Path directory;

    @BeforeAll
    void startCluster(@TempDir Path temporary) {
        directory = temporary;
        List<Integer> ports = Ports.free(4);
        zooKeeper = "127.0.0.1:" + ports.get(0);
        others.add(PaddockProcess.start(
                "clients-zookeeper",
                "zookeeper",
                "--port",
                Integer.toString(ports.get(0)),
                "--work-dir",
                directory.resolve("zookeeper").toString()));
        for (int i = 0; i < 2; i++) {
            masterPorts.add(ports.get(1 + i));
            masters.add(startMaster(i));
        }
        others.add(PaddockProcess.start(
                "clients-agent",
                "agent",
                "--master",
                "zk://" + zooKeeper + "/mesos",
                "--port",
                Integer.toString(ports.get(3)),
                "--work-dir",
                directory.resolve("agent").toString(),
                "--resources",
                "cpus:4;mem:2048;disk:2048;ports:[23000-23999]"));
        await().atMost(Duration.ofSeconds(60))
                .until(() -> leader() >= 0
                        && state(leader()).path("activated_slaves").asInt() == 1);
    }

    @AfterAll
    void stopCluster() {
        for (String name : List.of("rxjava", "node")) { // left by a test that failed
            sleepers(name).forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
        }
        for (int i = others.size() - 1; i > 0; i--) {
            others.get(i).close();
        }
        masters.forEach(PaddockProcess::close);
        others.get(0).close();
    }

    /** Protobuf 2 and Netty: {@code mesos-rxjava} of Maven Central, told of both masters. */
    @Test
    void aJavaClientInProtobuf() {
        Path built = PROGRAMS.resolve("mesos-rxjava").resolve("target");
        assertThat(built.resolve("lib"))
                .as("made by mvn compile -pl local/third-party/mesos-rxjava")
                .isDirectory();
        List<String> command = new ArrayList<>(List.of(
                JAVA,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                built.resolve("classes") + ":" + built.resolve("lib") + "/*",
                "io.paddock.compatibility.rxjava.RxJavaFramework"));
        masterPorts.forEach(port -> command.add("127.0.0.1:" + port));
        worksAcrossALeaderChange("rxjava", PaddockProcess.program("clients-rxjava", Map.of(), command));
    }

    /** JSON and Node: {@code mesos-framework} of npm, which finds the leader in ZooKeeper with a client of its own. */
    @Test
    void aNodeClientInJson() throws IOException {
        Path program = directory.resolve("node");
        Files.createDirectories(program.resolve("logs"));
        for (String file : List.of("package.json", "package-lock.json", "framework.js")) {
            Files.copy(PROGRAMS.resolve("mesos-framework").resolve(file), program.resolve(file));
        }
        PaddockProcess install = PaddockProcess.program(
                "clients-npm",
                Map.of(),
                List.of(
                        "sh",
                        "-c",
                        "command -v node npm && cd " + program
                                + " && timeout 100 npm ci --ignore-scripts --no-audit --no-fund --fetch-retries 1"));
        assumeTrue(
                install.awaitExit(Duration.ofMinutes(2)) == 0,
                () -> "the packages cannot be installed: " + install.tail());
        worksAcrossALeaderChange(
                "node",
                PaddockProcess.program(
                        "clients-node",
                        Map.of(),
                        List.of(
                                "node",
                                program.resolve("framework.js").toString(),
                                zooKeeper,
                                "/mesos",
                                program.resolve("logs").toString())));
    }

    private void worksAcrossALeaderChange(String name, PaddockProcess framework) {
        try (framework) {
            framework.awaitLine("subscribed ", SOON);
            String id = framework
                    .output()
                    .lines()
                    .filter(line -> line.startsWith("subscribed "))
                    .findFirst()
                    .orElseThrow()
                    .substring("subscribed ".length());
            launch(framework, name, 1);
            launch(framework, name, 2);
            // A task runs before its shell has become what it is to run.
            await().atMost(SOON).until(() -> sleepers(name).size() == 2);
            Set<Long> before = sleepers(name);

            int gone = leader();
            masters.get(gone).kill();
            await("the framework is back as itself")
                    .atMost(SOON)
                    .until(() -> framework
                                    .output()
                                    .lines()
                                    .filter(("subscribed " + id)::equals)
                                    .count()
                            == 2);
            masters.set(gone, startMaster(gone));
            await().atMost(SOON)
                    .until(() -> framework(state(leader()), id).path("tasks").size() == 2);
            assertThat(sleepers(name)).as("no task stopped").isEqualTo(before);

            int heard = framework.output().length();
            framework.send("reconcile");
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(framework.output().substring(heard))
                            .contains("update " + name + "-1 TASK_RUNNING")
                            .contains("update " + name + "-2 TASK_RUNNING"));
            launch(framework, name, 3);
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(sleepers(name)).hasSize(3).containsAll(before));
            framework.send("kill " + name + "-1");
            framework.awaitLine("update " + name + "-1 TASK_KILLED", SOON);
            assertThat(sleepers(name)).hasSize(2);

            framework.send("teardown");
            framework.awaitLine("ended", SOON);
            await().atMost(SOON).until(() -> sleepers(name).isEmpty());
            assertThat(framework(state(leader()), id).isMissingNode())
                    .as("no longer among the frameworks")
                    .isTrue();
        }
    }

    private void launch(PaddockProcess framework, String name, int number) {
        framework.send("launch %s-%d exec sleep %s".formatted(name, number, seconds(name)));
        framework.awaitLine("update " + name + "-" + number + " TASK_RUNNING", SOON);
    }

    private PaddockProcess startMaster(int i) {
        return PaddockProcess.start(
                "clients-master-" + i,
                "master",
                "--zk",
                "zk://" + zooKeeper + "/mesos",
                "--zk-session-timeout",
                "4secs",
                "--port",
                Integer.toString(masterPorts.get(i)));
    }

    /** The place of the master that leads and has read its registry, or -1. */
    private int leader() {
        for (int i = 0; i < masterPorts.size(); i++) {
            String redirect = "http://127.0.0.1:" + masterPorts.get(i) + "/redirect";
            if (Http.answers(redirect, 307)) {
                String location =
                        Http.get(redirect).headers().firstValue("Location").orElse("");
                int port = Integer.parseInt(location.substring(location.lastIndexOf(':') + 1));
                if (Http.answers("http://127.0.0.1:" + port + "/state")) {
                    return masterPorts.indexOf(port);
                }
            }
        }
        return -1;
    }

    private JsonNode state(int master) {
        return Http.get("http://127.0.0.1:" + masterPorts.get(master) + "/master/state")
                .json();
    }

    private static JsonNode framework(JsonNode state, String id) {
        for (JsonNode framework : state.path("frameworks")) {
            if (framework.path("id").asText().equals(id)) {
                return framework;
            }
        }
        return MissingNode.getInstance();
    }

    /** How long the tasks of a framework of this run sleep, which tells them from all other processes. */
    private String seconds(String name) {
        return mark + "." + name.length();
    }

    private Set<Long> sleepers(String name) {
        Set<Long> pids = new TreeSet<>();
        ProcessHandle.allProcesses()
                .filter(process -> process.info().command().orElse("").endsWith("sleep")
                        && List.of(process.info().arguments().orElse(new String[0]))
                                .contains(seconds(name)))
                .forEach(process -> pids.add(process.pid()));
        return pids;
    }
}
