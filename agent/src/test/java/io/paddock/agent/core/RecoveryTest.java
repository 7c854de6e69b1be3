package io.paddock.agent.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.proto.checkpoint.Record;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.executor.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random lives of an agent, from a printed seed. Whatever happened: every prefix of the log is a state to start from, and a
 * compacted log gives the same state as the log it replaces.
 */
class RecoveryTest {
    private static final int STEPS = 250;

    /** What the test knows of a custom executor or command task it may act for. */
    private static final class Life {
        final AgentScript agent = AgentScript.ready();
        final Random random;
        final Map<String, TaskInfo> tasks = new LinkedHashMap<>();
        int next;

        Life(long seed) {
            random = new Random(seed);
        }

        private String anyTask() {
            List<String> ids = new ArrayList<>(tasks.keySet());
            return ids.isEmpty() ? "none" : ids.get(random.nextInt(ids.size()));
        }

        private String executorOf(String task) {
            TaskInfo info = tasks.get(task);
            return info != null && info.hasExecutor()
                    ? info.getExecutor().getExecutorId().getValue()
                    : task;
        }

        void step() {
            agent.now = agent.now.plus(Duration.ofMillis(random.nextInt(3000)));
            String task = anyTask();
            String executor = executorOf(task);
            switch (random.nextInt(10)) {
                case 0, 1 -> launch();
                case 2 ->
                    agent.subscribe(
                            ++next + 1_000_000L, executor, tasks.values().toArray(new TaskInfo[0]));
                case 3 -> agent.update(executor, task, TaskState.TASK_RUNNING, "u" + next++);
                case 4 -> agent.update(executor, task, TaskState.TASK_FINISHED, "u" + next++);
                case 5 -> acknowledge();
                case 6 -> agent.kill(task);
                case 7 -> terminate(executor);
                case 8 -> agent.on(new AgentEvent.Woken());
                default -> agent.admitted();
            }
            agent.effects.clear();
        }

        private void launch() {
            String id = "t" + next++;
            TaskInfo info =
                    random.nextBoolean() ? AgentScript.command(id) : AgentScript.custom(id, "e" + random.nextInt(3));
            tasks.put(id, info);
            agent.run(info);
        }

        private void acknowledge() {
            for (AgentView.FrameworkView framework : agent.core.view().frameworks()) {
                for (AgentView.ExecutorView executor : framework.executors()) {
                    for (AgentView.TaskView task : executor.tasks()) {
                        if (random.nextBoolean()) {
                            agent.acknowledge(
                                    task.info().getTaskId().getValue(),
                                    task.task().getStatusUpdateUuid());
                        }
                    }
                }
            }
        }

        private void terminate(String executor) {
            for (AgentView.FrameworkView framework : agent.core.view().frameworks()) {
                if (framework.executors().stream()
                        .anyMatch(e -> e.info().getExecutorId().getValue().equals(executor))) {
                    agent.terminated(executor, Termination.exited(0));
                    return;
                }
            }
        }
    }

    private static AgentCore replay(List<Record> records) {
        return new AgentCore(AgentScript.settings("boot-1", "cpus:4"), new CountingIds(), records);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void everyPrefixOfTheLogIsAStateToStartFrom(long seed) {
        Life life = new Life(seed);
        for (int step = 0; step < STEPS; step++) {
            life.step();
            List<Record> compacted = life.agent.core.records();
            AgentCore fromLog = replay(life.agent.disk);
            AgentCore fromCompacted = replay(compacted);
            assertThat(fromLog.records()).as("seed %d, step %d", seed, step).isEqualTo(compacted);
            assertThat(fromCompacted.records())
                    .as("seed %d, step %d, compacted", seed, step)
                    .isEqualTo(compacted);
        }
        List<Record> disk = life.agent.disk;
        for (int length = 0; length <= disk.size(); length++) {
            AgentScript restarted = new AgentScript();
            restarted.restarted(restarted.settings, new ArrayList<>(disk.subList(0, length)));
            restarted.admitted();
            assertThat(restarted.sent())
                    .as("seed %d, cut at record %d", seed, length)
                    .isNotEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23, 24})
    void aRestartLosesNoTaskAndNoUpdate(long seed) {
        Life life = new Life(seed);
        for (int step = 0; step < STEPS; step++) {
            life.step();
            if (step % 25 == 24) {
                List<String> before = unfinished(life.agent);
                life.agent.restarted();
                assertThat(unfinished(life.agent))
                        .as("seed %d, step %d", seed, step)
                        .isEqualTo(before);
                assertThat(life.agent.effects(AgentEffect.SendToExecutor.class))
                        .as("nothing is said to executors before they are back")
                        .noneMatch(e -> e.event().getType() == Event.Type.SHUTDOWN);
                life.agent.registered();
            }
        }
    }

    private static List<String> unfinished(AgentScript agent) {
        List<String> ids = new ArrayList<>();
        agent.core
                .view()
                .frameworks()
                .forEach(f -> f.executors()
                        .forEach(e -> e.tasks()
                                .forEach(t -> ids.add(t.info().getTaskId().getValue() + " "
                                        + t.task().getState()))));
        return ids;
    }
}
