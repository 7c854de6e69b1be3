package io.paddock.batch.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Jobs under crashes, lost calls, broken subscriptions and a slow store, in virtual time. Safety: no task id is launched
 * twice and no run ever has two living tasks. Liveness: when the faults end, every run that was promised to a user is in
 * the history exactly once. Each story is replayed from the seed in the test's name.
 */
class BatchFaultsTest {
    private static final int STORIES_PER_SEED = 20;
    private static final int STEPS = 120;

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void nothingIsLaunchedTwiceAndNothingIsLost(long seed) {
        for (int i = 0; i < STORIES_PER_SEED; i++) {
            long own = seed * 1_000 + i;
            try {
                new World(own).run();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("story " + own + " failed", e);
            }
        }
    }

    /** A master with its agents, as far as the framework can tell. */
    private static final class World {
        private final Random random;
        private final Story story = new Story(1_000);
        private final Map<String, TaskState> tasks = new LinkedHashMap<>();
        /** Statuses not acknowledged yet, oldest first, by task. */
        private final Map<String, List<TaskState>> unacknowledged = new LinkedHashMap<>();

        private final Set<String> everLaunched = new HashSet<>();
        private final Map<String, Long> asked = new HashMap<>();
        private final Set<String> promised = new HashSet<>();
        private int handled;
        private boolean faults = true;
        private boolean subscribed;

        World(long seed) {
            random = new Random(seed);
        }

        void run() {
            story.create(Story.job("a"));
            story.create(Story.retrying("b", null));
            story.create(Story.job("c", "a"));
            for (int step = 0; step < STEPS; step++) {
                step();
            }
            heal();
            collectPromises();
            Set<String> ended = new HashSet<>();
            for (String job : List.of("a", "b", "c")) {
                JobView view = story.view(job);
                assertThat(view.activeRuns())
                        .as("runs of " + job + " that never end")
                        .isEmpty();
                for (FinishedRun run : view.finishedRuns()) {
                    assertThat(ended.add(run.id())).isTrue();
                }
                assertThat(view.job().past().successCount() + view.job().past().failureCount())
                        .isEqualTo(view.finishedRuns().size());
            }
            assertThat(ended).as("promised runs").containsAll(promised);
            assertThat(tasks.values()).as("tasks nobody knows of").isEmpty();
        }

        private void step() {
            switch (random.nextInt(12)) {
                case 0, 1 -> askForRun(random.nextBoolean() ? "a" : "b");
                case 2, 3, 4 -> offer();
                case 5, 6 -> progress();
                case 7 -> story.pass(Duration.ofSeconds(random.nextInt(20)));
                case 8 -> deliver();
                case 9 -> slowStore();
                case 10 -> breakSubscription();
                default -> crashSometimes();
            }
            handleCalls();
        }

        private void askForRun(String job) {
            Answer answer = story.ask(new Request.StartRun(job, RunOverrides.NONE));
            if (answer == null) {
                asked.put(job + story.requests(), story.requests());
            }
            note(answer);
        }

        private void note(Answer answer) {
            if (answer instanceof Answer.OneRun one) {
                promised.add(one.run().run().id());
            }
        }

        private void collectPromises() {
            asked.values().forEach(request -> note(story.answer(request)));
        }

        private void offer() {
            if (subscribed) {
                story.offer(1 + random.nextInt(3), 1024);
            }
        }

        private void slowStore() {
            if (random.nextBoolean()) {
                story.storeWaits();
            } else {
                story.storeAnswers();
            }
        }

        private void breakSubscription() {
            if (subscribed) {
                subscribed = false;
                story.disconnect();
            } else {
                subscribe();
            }
        }

        private void subscribe() {
            subscribed = true;
            story.subscribe();
        }

        private void crashSometimes() {
            if (random.nextInt(4) == 0) {
                // Answers that were not given yet are lost; what was promised stays promised.
                collectPromises();
                asked.clear();
                subscribed = false;
                handleCalls();
                story.restart();
                handled = 0;
            }
        }

        /** A task does its next thing. */
        private void progress() {
            List<String> alive = new ArrayList<>(tasks.keySet());
            if (!alive.isEmpty()) {
                String id = alive.get(random.nextInt(alive.size()));
                TaskState next =
                        switch (tasks.get(id)) {
                            case TASK_STAGING -> TaskState.TASK_RUNNING;
                            default -> random.nextInt(3) == 0 ? TaskState.TASK_FAILED : TaskState.TASK_FINISHED;
                        };
                report(id, next);
            }
        }

        private void report(String id, TaskState next) {
            unacknowledged.computeIfAbsent(id, task -> new ArrayList<>()).add(next);
            if (next == TaskState.TASK_RUNNING) {
                tasks.put(id, next);
            } else {
                tasks.remove(id);
            }
        }

        /** The oldest unacknowledged status of each task is delivered (again). */
        private void deliver() {
            if (subscribed) {
                List.copyOf(unacknowledged.entrySet()).forEach(entry -> {
                    if (!entry.getValue().isEmpty()) {
                        story.status(entry.getKey(), entry.getValue().get(0));
                        handleCalls();
                    }
                });
            }
        }

        /** The master gets the calls made since, unless they are lost. */
        private void handleCalls() {
            while (handled < story.calls().size()) {
                Call call = story.calls().get(handled++);
                boolean lost = faults && (!subscribed || random.nextInt(20) == 0);
                if (!lost) {
                    handle(call);
                }
            }
        }

        private void handle(Call call) {
            switch (call.getType()) {
                case ACCEPT ->
                    call.getAccept()
                            .getOperationsList()
                            .forEach(operation ->
                                    operation.getLaunch().getTaskInfosList().forEach(this::launch));
                case KILL -> {
                    String id = call.getKill().getTaskId().getValue();
                    if (tasks.containsKey(id)) {
                        report(id, TaskState.TASK_KILLED);
                    }
                }
                case ACKNOWLEDGE -> acknowledge(call.getAcknowledge());
                case RECONCILE ->
                    call.getReconcile()
                            .getTasksList()
                            .forEach(task -> reconcile(task.getTaskId().getValue()));
                default -> {}
            }
        }

        private void launch(TaskInfo task) {
            String id = task.getTaskId().getValue();
            assertThat(everLaunched.add(id))
                    .as("task " + id + " launched twice")
                    .isTrue();
            String run = id.substring(0, id.lastIndexOf('.'));
            assertThat(tasks.keySet()).as("living tasks beside " + id).noneMatch(other -> other.startsWith(run + "."));
            tasks.put(id, TaskState.TASK_STAGING);
        }

        private void acknowledge(Call.Acknowledge acknowledge) {
            List<TaskState> open = unacknowledged.get(acknowledge.getTaskId().getValue());
            if (open != null
                    && !open.isEmpty()
                    && acknowledge
                            .getUuid()
                            .toStringUtf8()
                            .startsWith(open.get(0).name())) {
                open.remove(0);
            }
        }

        private void reconcile(String id) {
            List<TaskState> open = unacknowledged.getOrDefault(id, List.of());
            TaskState state = tasks.getOrDefault(id, open.isEmpty() ? TaskState.TASK_GONE : open.get(open.size() - 1));
            story.status(id, state, false);
        }

        /** No more faults: everything has to come to its end. */
        private void heal() {
            faults = false;
            story.storeAnswers();
            if (!subscribed) {
                subscribe();
            }
            for (int round = 0; round < 400; round++) {
                handleCalls();
                deliver();
                offer();
                progress();
                handleCalls();
                story.pass(Duration.ofSeconds(5));
            }
            deliver();
            handleCalls();
        }
    }
}
