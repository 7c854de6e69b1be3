package io.paddock.executor.core;

import com.google.protobuf.ByteString;
import io.paddock.common.TransitionTable.Edge;
import io.paddock.executor.core.CheckOutcome.HttpAnswered;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.DurationInfo;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.HealthCheck;
import io.paddock.proto.v1.KillPolicy;
import io.paddock.proto.v1.TaskGroupInfo;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.executor.Call;
import io.paddock.proto.v1.executor.Event;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * An executor under test in virtual time: feeds events, fires its timers when time passes, writes down what it does as one
 * word per effect, and which lifecycle edges its tasks took.
 */
final class Stage {
    static final FrameworkID FRAMEWORK = FrameworkID.newBuilder().setValue("f1").build();
    static final ExecutorID EXECUTOR = ExecutorID.newBuilder().setValue("e1").build();
    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    /** What health checks saw. */
    static final CheckOutcome GOOD = new HttpAnswered(204);

    static final CheckOutcome BAD = new HttpAnswered(500);

    private final ExecutorCore core;
    private final Map<TimerKey, Instant> timers = new HashMap<>();
    private final Map<String, TaskPhase> phases = new HashMap<>();
    private final Set<Edge<TaskPhase>> edges = new LinkedHashSet<>();
    private final List<TaskStatus> statuses = new ArrayList<>();
    private Instant now = START;

    private Stage(ExecutorCore core, ExecutorInfo.Type type, boolean killingKnown) {
        this.core = core;
        FrameworkInfo.Builder framework =
                FrameworkInfo.newBuilder().setUser("u").setName("n").setId(FRAMEWORK);
        if (killingKnown) {
            framework.addCapabilities(
                    FrameworkInfo.Capability.newBuilder().setType(FrameworkInfo.Capability.Type.TASK_KILLING_STATE));
        }
        feed(Event.newBuilder()
                .setType(Event.Type.SUBSCRIBED)
                .setSubscribed(Event.Subscribed.newBuilder()
                        .setExecutorInfo(ExecutorInfo.newBuilder()
                                .setType(type)
                                .setExecutorId(EXECUTOR)
                                .setShutdownGracePeriod(nanos(Duration.ofSeconds(5))))
                        .setFrameworkInfo(framework)
                        .setAgentInfo(AgentInfo.newBuilder().setHostname("h"))));
    }

    /** A command executor of a framework that knows TASK_KILLING. */
    static Stage command() {
        return new Stage(fresh(), ExecutorInfo.Type.UNKNOWN, true);
    }

    /** A command executor of a framework that does not know TASK_KILLING. */
    static Stage commandOfOldFramework() {
        return new Stage(fresh(), ExecutorInfo.Type.UNKNOWN, false);
    }

    /** A default executor. */
    static Stage groups() {
        return new Stage(fresh(), ExecutorInfo.Type.DEFAULT, true);
    }

    static Stage recovered(RecoveredTask... tasks) {
        return new Stage(
                ExecutorCore.recovered(FRAMEWORK, EXECUTOR, counted(), List.of(tasks)),
                ExecutorInfo.Type.UNKNOWN,
                true);
    }

    /** A command executor whose task runs. */
    static Stage running(TaskInfo.Builder task) {
        Stage stage = command();
        stage.launch(task);
        stage.started(task.getTaskId().getValue());
        return stage;
    }

    static Stage ranToItsEnd() {
        Stage stage = running(task("t"));
        stage.exited("t", ContainerEnd.exited(0));
        return stage;
    }

    private static ExecutorCore fresh() {
        return new ExecutorCore(FRAMEWORK, EXECUTOR, counted());
    }

    private static UpdateIds counted() {
        long[] next = {0};
        return () -> ByteString.copyFrom(
                ByteBuffer.allocate(16).putLong(0).putLong(++next[0]).flip());
    }

    static TaskInfo.Builder task(String id) {
        return TaskInfo.newBuilder()
                .setName(id)
                .setTaskId(TaskID.newBuilder().setValue(id))
                .setAgentId(AgentID.newBuilder().setValue("a1"))
                .setCommand(CommandInfo.newBuilder().setValue("sleep 100"));
    }

    static DurationInfo nanos(Duration duration) {
        return DurationInfo.newBuilder().setNanoseconds(duration.toNanos()).build();
    }

    static KillPolicy policy(Duration grace) {
        return KillPolicy.newBuilder().setGracePeriod(nanos(grace)).build();
    }

    static HealthCheck.Builder http() {
        return HealthCheck.newBuilder()
                .setType(HealthCheck.Type.HTTP)
                .setHttp(HealthCheck.HTTPCheckInfo.newBuilder().setPort(8080));
    }

    List<String> launch(TaskInfo.Builder task) {
        return feed(Event.newBuilder()
                .setType(Event.Type.LAUNCH)
                .setLaunch(Event.Launch.newBuilder().setTask(task)));
    }

    List<String> launchGroup(String... ids) {
        TaskGroupInfo.Builder group = TaskGroupInfo.newBuilder();
        for (String id : ids) {
            group.addTasks(task(id));
        }
        return feed(Event.newBuilder()
                .setType(Event.Type.LAUNCH_GROUP)
                .setLaunchGroup(Event.LaunchGroup.newBuilder().setTaskGroup(group)));
    }

    List<String> kill(String id) {
        return feed(Event.newBuilder()
                .setType(Event.Type.KILL)
                .setKill(Event.Kill.newBuilder().setTaskId(TaskID.newBuilder().setValue(id))));
    }

    List<String> kill(String id, Duration grace) {
        return feed(Event.newBuilder()
                .setType(Event.Type.KILL)
                .setKill(Event.Kill.newBuilder()
                        .setTaskId(TaskID.newBuilder().setValue(id))
                        .setKillPolicy(policy(grace))));
    }

    List<String> shutdown() {
        return feed(Event.newBuilder().setType(Event.Type.SHUTDOWN));
    }

    List<String> acknowledge(TaskStatus status) {
        return feed(Event.newBuilder()
                .setType(Event.Type.ACKNOWLEDGED)
                .setAcknowledged(Event.Acknowledged.newBuilder()
                        .setTaskId(status.getTaskId())
                        .setUuid(status.getUuid())));
    }

    /** Acknowledges all updates so far; answers what the last one led to. */
    List<String> acknowledgeAll() {
        List<String> last = List.of();
        for (TaskStatus status : List.copyOf(statuses)) {
            last = acknowledge(status);
        }
        return last;
    }

    List<String> started(String id) {
        return feed(new ExecutorEvent.ContainerStarted(id));
    }

    List<String> exited(String id, ContainerEnd end) {
        return feed(new ExecutorEvent.ContainerExited(id, end));
    }

    List<String> checked(String id, CheckKind kind, CheckOutcome outcome) {
        return feed(new ExecutorEvent.CheckFinished(id, kind, outcome));
    }

    /** Lets time pass, firing the timers due on the way, in order; answers all they led to. */
    List<String> pass(Duration duration) {
        Instant end = now.plus(duration);
        List<String> words = new ArrayList<>();
        while (true) {
            TreeMap<Instant, TimerKey> due = new TreeMap<>();
            timers.forEach((key, at) -> due.put(at, key));
            if (due.isEmpty() || due.firstKey().isAfter(end)) {
                now = end;
                return words;
            }
            now = due.firstKey();
            TimerKey key = due.firstEntry().getValue();
            timers.remove(key);
            words.addAll(feed(new ExecutorEvent.TimerFired(key)));
        }
    }

    Call subscribe() {
        return core.subscribe();
    }

    TaskStatus last() {
        return statuses.get(statuses.size() - 1);
    }

    List<TaskStatus> statuses() {
        return statuses;
    }

    Set<Edge<TaskPhase>> edges() {
        return edges;
    }

    private List<String> feed(Event.Builder event) {
        return feed(new ExecutorEvent.Received(event.build()));
    }

    List<String> feed(ExecutorEvent event) {
        List<String> words = new ArrayList<>();
        for (ExecutorEffect effect : core.on(now, event)) {
            words.add(effect.accept(new Words()));
        }
        return words;
    }

    private void phase(String id, TaskPhase next) {
        TaskPhase before = phases.put(id, next);
        if (before != null && before != next) {
            edges.add(new Edge<>(before, next));
        }
    }

    /** Carries effects out and names them. */
    private final class Words implements ExecutorEffect.Handler<String> {
        @Override
        public String sendCall(ExecutorEffect.SendCall effect) {
            TaskStatus status = effect.call().getUpdate().getStatus();
            statuses.add(status);
            String id = status.getTaskId().getValue();
            switch (status.getState()) {
                case TASK_STARTING -> phase(id, TaskPhase.STARTING);
                case TASK_RUNNING -> phase(id, TaskPhase.RUNNING);
                case TASK_KILLING -> phase(id, TaskPhase.STOPPING);
                case TASK_FINISHED -> phase(id, TaskPhase.FINISHED);
                case TASK_FAILED -> phase(id, TaskPhase.FAILED);
                case TASK_KILLED -> phase(id, TaskPhase.KILLED);
                default -> throw new AssertionError("an executor never reports " + status.getState());
            }
            return "report " + id + " " + status.getState();
        }

        @Override
        public String startContainer(ExecutorEffect.StartContainer effect) {
            return "start " + effect.task().getTaskId().getValue();
        }

        @Override
        public String abandonStart(ExecutorEffect.AbandonStart effect) {
            phase(effect.taskId(), TaskPhase.STOPPING);
            return "abandon " + effect.taskId();
        }

        @Override
        public String signalContainer(ExecutorEffect.SignalContainer effect) {
            phase(effect.taskId(), TaskPhase.STOPPING);
            return effect.signal() + " " + effect.taskId();
        }

        @Override
        public String runCheck(ExecutorEffect.RunCheck effect) {
            return "run " + effect.kind() + " " + effect.taskId();
        }

        @Override
        public String startTimer(ExecutorEffect.StartTimer effect) {
            timers.put(effect.key(), now.plus(effect.after()));
            return "timer " + effect.key().purpose() + " " + effect.after().toMillis() + "ms";
        }

        @Override
        public String cancelTimer(ExecutorEffect.CancelTimer effect) {
            timers.remove(effect.key());
            return "cancel " + effect.key().purpose();
        }

        @Override
        public String exit(ExecutorEffect.Exit effect) {
            return "exit";
        }
    }
}
