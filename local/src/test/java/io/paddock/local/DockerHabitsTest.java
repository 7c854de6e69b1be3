package io.paddock.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What a user of Docker types first, against a real cluster and a real registry. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DockerHabitsTest {
    private static final Duration QUICK = Duration.ofSeconds(40);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final AtomicInteger count = new AtomicInteger();
    private LocalCluster cluster;
    private ImageRegistry registry;
    private String image;

    private record Result(int status, String output) {}

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        registry = ImageRegistry.start(directory.resolve("registry"));
        registry.pushBusybox("test/box:1");
        image = registry.address() + "/test/box:1";
        cluster = LocalCluster.start(directory.resolve("work"));
    }

    @AfterAll
    void stop() {
        cluster.close();
        registry.close();
    }

    @Test
    void aServerIsStartedLookedAtEnteredAndStopped(@TempDir Path shared) throws Exception {
        Files.writeString(shared.resolve("index.html"), "from the volume\n");
        int port = freePort();
        Result run = paddock(
                "run",
                "-d",
                "--rm",
                "--name",
                "web",
                "--image",
                image,
                "-p",
                port + ":80",
                "-v",
                shared + ":/srv:ro",
                "-e",
                "GREETING=hello",
                "-m",
                "64m",
                "--cpus",
                "0.1",
                "-w",
                "/tmp",
                "--hostname",
                "box",
                "sh",
                "-c",
                "echo $GREETING from $(hostname) in $(pwd); httpd -p 80 -h /srv; trap 'exit 0' TERM; while true; do sleep 0.1; done");
        assertThat(run.status()).as(run.output()).isZero();
        String task = run.output().strip();
        await().atMost(QUICK).until(() -> Http.answers("http://127.0.0.1:" + port + "/index.html"));
        assertThat(Http.get("http://127.0.0.1:" + port + "/index.html").body()).isEqualTo("from the volume\n");

        assertThat(paddock("ps").output()).contains(task, "RUNNING", port + "->80/tcp");
        assertThat(paddock("logs", "web").output()).contains("hello from box in /tmp");
        Result exec = paddock("exec", "web", "sh", "-c", "cat /srv/index.html; echo more > /srv/x; exit 5");
        assertThat(exec.output()).contains("from the volume", "Read-only");
        assertThat(exec.status()).isEqualTo(5);
        JsonNode inspected = JSON.readTree(paddock("inspect", "web").output()).path(0);
        assertThat(inspected
                        .at("/container/container_status/network_infos/0/ip_addresses/0/ip_address")
                        .asText())
                .isNotEmpty();
        assertThat(inspected
                        .at("/container/resource_statistics/mem_limit_bytes")
                        .asLong())
                .isEqualTo(64L << 20);

        Result stop = paddock("stop", "web");
        assertThat(stop.output()).isEqualTo("stopped " + task + "\n");
        assertThat(stop.status()).isZero();
        assertThat(paddock("ps", "-q").output()).doesNotContain(task);
        assertThat(paddock("ps", "-a").output()).contains(task);
        await().atMost(QUICK).until(() -> !Http.answers("http://127.0.0.1:" + port + "/index.html"));
    }

    @Test
    void whatNobodyReadsAnyMoreEnds() throws Exception {
        Result run = paddock("run", "-d", "--name", "talking", "while true; do echo on and on; sleep 0.1; done");
        assertThat(run.status()).isZero();
        for (List<String> words :
                List.of(List.of("logs", "-f", "talking"), List.of("exec", "talking", "yes", "on and on"))) {
            List<String> piped =
                    new ArrayList<>(List.of("bash", "-c", "\"$@\" | head -n 1; exit ${PIPESTATUS[0]}", "bash"));
            piped.addAll(PaddockProcess.command(words));
            PaddockProcess process =
                    PaddockProcess.program("habit-" + count.incrementAndGet(), cluster.clientEnvironment(), piped);
            assertThat(process.awaitExit(QUICK)).isEqualTo(141);
            assertThat(process.output()).isEqualTo("on and on\n");
        }
        assertThat(paddock("rm", "-f", "talking").status()).isZero();
    }

    @Test
    void whatRanByItselfLeavesNoFrameworkBehind() {
        Result run = paddock("run", "-d", "--name", "short", "echo out; sleep 1; exit 3");
        assertThat(run.status()).isZero();
        String task = run.output().strip();
        await().atMost(QUICK).until(() -> !paddock("ps", "-q").output().contains(task));
        await().atMost(QUICK).until(() -> !paddock("frameworks").output().contains("paddock run"));
        assertThat(paddock("ps", "-a").output()).contains(task);
        assertThat(paddock("logs", task).output()).contains("out");
    }

    @Test
    void anotherEntrypointUserAndDirectory(@TempDir Path directory) throws Exception {
        Path variables = Files.writeString(directory.resolve("variables"), "# comment\nFROM_FILE=f\n");
        Result run = paddock(
                "run", "--image", image, "--entrypoint", "/bin/echo", "--env-file", variables.toString(), "one", "two");
        assertThat(run.output()).isEqualTo("one two\n");
        Result server = paddock(
                "run",
                "-d",
                "--name",
                "many",
                "--restart",
                "no",
                "-l",
                "tier=front",
                "--pids-limit",
                "50",
                "--add-host",
                "db:10.9.8.7",
                "--env-file",
                variables.toString(),
                "--image",
                image,
                "sh",
                "-c",
                "echo $FROM_FILE; sleep 1000");
        assertThat(server.status()).as(server.output()).isZero();
        assertThat(paddock("inspect", "many").output()).contains("\"tier\"", "\"front\"");
        assertThat(paddock(
                                "exec",
                                "-u",
                                "1000",
                                "-w",
                                "/etc",
                                "-e",
                                "A=b",
                                "many",
                                "sh",
                                "-c",
                                "id -u; pwd; echo $A; grep 10.9 hosts")
                        .output())
                .isEqualTo("1000\n/etc\nb\n10.9.8.7 db\n");
        assertThat(paddock("stats", "--no-stream", "many").output()).contains("MEM", "many", "64M", "%");
        Result refused = paddock("rm", "many");
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.output()).contains("TASK_RUNNING", "--force");
        assertThat(paddock("rm", "-f", "many").output()).isEqualTo("stopped " + server.output());
        assertThat(paddock("rm", "many").output()).isEqualTo("removed " + server.output());
        assertThat(paddock("run", "--restart", "always", "true").output()).contains("apps create");
        Result unknown = paddock("top", "many");
        assertThat(unknown.status()).isEqualTo(2);
        assertThat(unknown.output()).contains("Unknown command 'top'.", "stats");
        assertThat(paddock("run", "no-such-program").output()).contains("is 'no-such-program' an image?");
    }

    @Test
    void whatDoesNotWantToEndIsKilled() {
        Result run = paddock("run", "-d", "--name", "stubborn", "trap '' TERM; while true; do sleep 0.1; done");
        assertThat(run.status()).as(run.output()).isZero();
        Result stop = paddock("stop", "-t", "1", "stubborn");
        assertThat(stop.output()).isEqualTo("stopped " + run.output());
        assertThat(stop.status()).isZero();
    }

    @Test
    void imagesArePulledAndListed() {
        Result pull = paddock("pull", image);
        assertThat(pull.status()).as(pull.output()).isZero();
        assertThat(pull.output()).contains(image + " sha256:");
        assertThat(paddock("images").output()).contains(image);
        Result missing = paddock("pull", registry.address() + "/test/nothing:1");
        assertThat(missing.status()).isEqualTo(1);
        assertThat(missing.output()).contains("test/nothing", "manifest unknown");
        assertThat(paddock("network", "ls").output()).contains("host", "none", "bridge");
    }

    @Test
    void aShellOnATerminalInATasksContainer() throws Exception {
        Result run = paddock("run", "-d", "--name", "entered", "--image", image, "sleep", "1000");
        assertThat(run.status()).as(run.output()).isZero();
        try (TerminalProcess shell = TerminalProcess.start(
                "exec-it", cluster.clientEnvironment(), List.of("exec", "-it", "entered", "sh"))) {
            shell.awaitScreen("# ");
            shell.type("stty -a >/dev/null 2>&1; test -t 0 && echo on a ter''minal\n");
            shell.awaitScreen("on a terminal");
            shell.type("exit 3\n");
            assertThat(shell.awaitExit()).as(shell.screen()).isEqualTo(3);
        }
        assertThat(paddock("kill", "entered").status()).isZero();
    }

    @Test
    void aShellOfItsOwnIsLeftAndJoinedAgain() throws Exception {
        try (TerminalProcess shell = TerminalProcess.start(
                "run-it",
                cluster.clientEnvironment(),
                List.of("run", "-it", "--name", "shell", "--image", image, "sh"))) {
            shell.awaitScreen("# ");
            shell.type("echo first $((40 + 2))\n");
            shell.awaitScreen("first 42");
            shell.type("\20\21");
            assertThat(shell.awaitExit()).as(shell.screen()).isZero();
        }
        assertThat(paddock("ps").output()).contains("shell-");
        try (TerminalProcess again =
                TerminalProcess.start("attach", cluster.clientEnvironment(), List.of("attach", "shell"))) {
            again.awaitScreen("first 42");
            again.type("echo second $((40 + 3))\n");
            again.awaitScreen("second 43");
            again.type("exit 4\n");
            assertThat(again.awaitExit()).as(again.screen()).isEqualTo(4);
        }
    }

    @Test
    void aCommandOnATerminalThatIsOverAtOnceShowsItsOutputAndItsExitCode() throws Exception {
        try (TerminalProcess quick = TerminalProcess.start(
                "run-it-quick",
                cluster.clientEnvironment(),
                List.of("run", "-it", "--image", image, "sh", "-c", "echo quick $((40 + 4)); exit 4"))) {
            assertThat(quick.awaitExit()).as(quick.screen()).isEqualTo(4);
            assertThat(quick.screen()).contains("quick 44");
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private Result paddock(String... arguments) {
        PaddockProcess process = PaddockProcess.start(
                "habit-" + count.incrementAndGet(), cluster.clientEnvironment(), List.of(arguments));
        int status = process.awaitExit(QUICK);
        return new Result(status, process.output());
    }
}
