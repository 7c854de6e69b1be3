package io.paddock.batch.server.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.batch.core.BatchState;
import io.paddock.batch.core.Change;
import io.paddock.batch.core.FinishedRun;
import io.paddock.batch.core.Job;
import io.paddock.batch.core.JobSpec;
import io.paddock.batch.core.Run;
import io.paddock.batch.core.RunPhase;
import io.paddock.batch.core.RunSpec;
import io.paddock.batch.core.RunTask;
import io.paddock.batch.core.Schedule;
import io.paddock.platform.zookeeper.EmbeddedZooKeeper;
import io.paddock.platform.zookeeper.InMemoryStateStore;
import io.paddock.platform.zookeeper.StateStore;
import io.paddock.platform.zookeeper.ZooKeeperAddress;
import io.paddock.platform.zookeeper.ZooKeeperConnection;
import io.paddock.platform.zookeeper.ZooKeeperStateStore;
import io.paddock.proto.v1.TaskState;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written comes back, from the real store and from the one in memory. */
class BatchRegistryTest {
    private static final Instant T = Instant.parse("2026-01-02T03:04:05.678901Z");

    private static RunSpec run(Map<String, RunSpec.EnvValue> env) {
        return new RunSpec(
                0.25,
                64,
                10,
                2,
                null,
                List.of("a", "b c"),
                "nobody",
                env,
                List.of(
                        new RunSpec.Constraint("rack", RunSpec.Constraint.Operator.LIKE, "r.*"),
                        new RunSpec.Constraint("zone", RunSpec.Constraint.Operator.IS, null)),
                List.of(new RunSpec.Artifact("http://x/y", false, true, true)),
                60,
                null,
                new RunSpec.Ucr("alpine", "docker", true, true),
                List.of(new RunSpec.Volume("/c", "/h", "RO", null), new RunSpec.Volume("/s", null, null, "secret1")),
                new RunSpec.Restart(true, 120L),
                9L,
                Map.of("secret1", "path/to"),
                List.of(new RunSpec.Network(RunSpec.Network.Mode.CONTAINER, "net", Map.of("k", "v"))));
    }

    private static Job job(String id) {
        RunSpec run = run(Map.of("A", new RunSpec.EnvValue("1", false), "S", new RunSpec.EnvValue("secret1", true)));
        // A schedule that never fires any more must still be read.
        Schedule schedule = new Schedule("s", "0 0 1 1 * 1999", "Europe/Berlin", 60, true, false);
        return new Job(
                new JobSpec(id, "d", Map.of("l", "v"), List.of(), run), schedule, new Job.Past(3, 4, T, null, T, T));
    }

    private static Run activeRun() {
        RunTask task = new RunTask("t1", "a1", "h1", T, T, TaskState.TASK_FAILED, true, "why", "REASON_GC_ERROR");
        RunTask live = new RunTask("t2", "a2", "h2", T, null, TaskState.TASK_UNREACHABLE, false, "", null);
        return new Run(
                "r1",
                "j1",
                job("j1").spec().run(),
                Map.of("l", "v"),
                RunPhase.ACTIVE,
                T,
                T.plusSeconds(60),
                2,
                1,
                T.plusSeconds(1),
                true,
                List.of(task, live));
    }

    private static void roundTrip(StateStore store) {
        BatchRegistry registry = new BatchRegistry(store);
        FinishedRun finished = new FinishedRun("r0", "j1", true, T, T, 1, "done", List.of());
        join(registry.write(List.of(
                List.of(new Change.PutJob(job("j1")), new Change.PutRun(activeRun())),
                List.of(
                        new Change.PutFinished(finished),
                        new Change.PutFramework("f1"),
                        new Change.PutJob(job("j2")),
                        new Change.RemoveJob("j2")))));
        BatchState state = join(registry.load());
        assertThat(changesOf(state, "j1", "r1", "r0")).containsExactly(job("j1"), activeRun(), finished, "f1", "no j2");
        join(registry.write(List.of(List.of(new Change.RemoveRun("j1", "r1"), new Change.RemoveFinished("j1", "r0")))));
        assertThat(changesOf(join(registry.load()), "j1", "r1", "r0"))
                .containsExactly(job("j1"), "no run", "no finished run", "f1", "no j2");
    }

    /** What a state holds, in the words of this test. */
    private static List<Object> changesOf(BatchState state, String jobId, String runId, String finishedId) {
        List<Object> found = new ArrayList<>();
        found.add(orElse(state.job(jobId), "no job"));
        found.add(orElse(state.run(runId), "no run"));
        found.add(state.finishedOf(jobId).stream()
                .filter(run -> run.id().equals(finishedId))
                .map(Object.class::cast)
                .findFirst()
                .orElse("no finished run"));
        found.add(state.frameworkId());
        found.add(orElse(state.job("j2"), "no j2"));
        return found;
    }

    private static Object orElse(Object value, String otherwise) {
        return value == null ? otherwise : value;
    }

    @Test
    void inMemory() {
        roundTrip(InMemoryStateStore.create());
    }

    @Test
    void inZooKeeper(@TempDir Path directory) {
        try (EmbeddedZooKeeper server = EmbeddedZooKeeper.start(directory, "127.0.0.1", 0);
                ZooKeeperConnection connection =
                        ZooKeeperConnection.open(ZooKeeperAddress.parse("zk://" + server.address() + "/batch"));
                ZooKeeperStateStore store = join(ZooKeeperStateStore.open(connection, "/batch/state", "this test"))) {
            roundTrip(store);
        }
    }

    @Test
    void aBurstIsSplitBetweenStepsOnly() {
        StateStore store = InMemoryStateStore.create();
        BatchRegistry registry = new BatchRegistry(store);
        RunSpec large = run(Map.of("A", new RunSpec.EnvValue("x".repeat(200_000), false)));
        List<List<Change>> steps = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            JobSpec spec = new JobSpec("j" + i, null, Map.of(), List.of(), large);
            steps.add(List.of(new Change.PutJob(new Job(spec, null, Job.Past.EMPTY))));
        }
        join(registry.write(steps));
        BatchState state = join(registry.load());
        for (int i = 0; i < 20; i++) {
            assertThat(state.job("j" + i)).isNotNull();
        }
    }

    @Test
    void whatCannotBeReadIsNamed() {
        StateStore store = InMemoryStateStore.create();
        join(store.write(List.of(StateStore.put("jobs/bad", "{\"spec\":{}}".getBytes(StandardCharsets.UTF_8)))));
        assertThatThrownBy(() -> join(new BatchRegistry(store).load()))
                .rootCause()
                .hasMessageContaining("/id");
        assertThatThrownBy(() -> join(new BatchRegistry(store).load())).hasMessageContaining("jobs/bad");
    }

    private static <T> T join(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    }
}
