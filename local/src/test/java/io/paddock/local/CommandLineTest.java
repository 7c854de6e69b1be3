package io.paddock.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The client commands against a real cluster. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CommandLineTest {
    private static final Duration QUICK = Duration.ofSeconds(40);

    private final AtomicInteger count = new AtomicInteger();
    private LocalCluster cluster;
    /** What a command printed and how it ended. */
    private record Result(int status, String output) {}

    @BeforeAll
    void startCluster(@TempDir Path directory) {
        cluster = LocalCluster.start(directory.resolve("work"));
    }

    @AfterAll
    void stopCluster() {
        cluster.close();
    }

    @Test
    void runPrintsTheOutputAndEndsAsTheCommandDid() {
        Result result = paddock("run", "echo to the terminal; exit 7");
        assertThat(result.output()).contains("to the terminal");
        assertThat(result.status()).isEqualTo(7);
    }

    @Test
    void aTaskCanBeListedReadEnteredAndKilled() {
        String app = "{\"id\": \"/cli\", \"cmd\": \"echo started; exec sleep 5000\", \"cpus\": 0.1, \"mem\": 32}";
        assertThat(Http.post(cluster.marathon() + "/v2/apps", app).status()).isEqualTo(201);
        await().atMost(QUICK)
                .until(() -> Http.get(cluster.marathon() + "/v2/apps/cli")
                                .json()
                                .at("/app/tasksRunning")
                                .asInt()
                        == 1);
        String task = Http.get(cluster.marathon() + "/v2/apps/cli")
                .json()
                .at("/app/tasks/0/id")
                .asText();

        assertThat(paddock("ps").output()).contains("cli").contains("RUNNING");
        assertThat(paddock("logs", task).output()).contains("started");
        Result exec = paddock("exec", task, "sh", "-c", "echo inside; exit 5");
        assertThat(exec.output()).contains("inside");
        assertThat(exec.status()).isEqualTo(5);
        assertThat(paddock("apps").output()).contains("/cli");
        assertThat(paddock("kill", task).status()).isZero();
        await().atMost(QUICK)
                .until(() -> !Http.get(cluster.marathon() + "/v2/apps/cli")
                        .json()
                        .at("/app/tasks/0/id")
                        .asText()
                        .equals(task));
        assertThat(Http.delete(cluster.marathon() + "/v2/apps/cli").status()).isEqualTo(200);
    }

    @Test
    void theClusterCanBeLookedAt() {
        for (List<String> command :
                List.of(List.of("agents"), List.of("frameworks"), List.of("offers"), List.of("ps"), List.of("apps"))) {
            Result table = paddock(command.toArray(String[]::new));
            assertThat(table.status()).as(table.output()).isZero();
            Result json = paddock(command.get(0), "--json");
            assertThat(json.status()).as(json.output()).isZero();
            assertThat(json.output().strip()).startsWith("[").endsWith("]");
        }
        assertThat(paddock("frameworks").output()).contains("marathon").contains("batch");
    }

    @Test
    void aBadFlagIsNamedAndExitsWithTwo() {
        Result unknown = paddock("ps", "--no-such-flag");
        assertThat(unknown.status()).isEqualTo(2);
        assertThat(unknown.output()).contains("--no-such-flag");
        Result bad = paddock("master", "--port", "many");
        assertThat(bad.status()).isEqualTo(2);
        assertThat(bad.output()).contains("--port");
        assertThat(paddock("kill", "no-such-task").status()).isEqualTo(1);
    }

    private Result paddock(String... arguments) {
        PaddockProcess process = PaddockProcess.start(
                "command-" + count.incrementAndGet(), cluster.clientEnvironment(), List.of(arguments));
        int status = process.awaitExit(QUICK);
        return new Result(status, process.output());
    }
}
