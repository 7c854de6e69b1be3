package io.paddock.agent.core;

import com.google.protobuf.ByteString;
import io.paddock.common.resources.Resources;
import io.paddock.proto.checkpoint.Record;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.AcknowledgeStatusUpdate;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.KillTask;
import io.paddock.proto.link.Registered;
import io.paddock.proto.link.RunTasks;
import io.paddock.proto.link.StatusUpdate;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.MasterInfo;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.executor.Call;
import io.paddock.proto.v1.executor.Event;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * An agent's core on a stage: time stands still unless moved, effects pile up until looked at, the disk is a list of
 * records.
 */
final class AgentScript {
    static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
    static final FrameworkID FRAMEWORK = FrameworkID.newBuilder().setValue("fw").build();
    static final FrameworkInfo AWARE = FrameworkInfo.newBuilder()
            .setUser("root")
            .setName("test")
            .setId(FRAMEWORK)
            .addCapabilities(
                    FrameworkInfo.Capability.newBuilder().setType(FrameworkInfo.Capability.Type.PARTITION_AWARE))
            .build();

    final List<Record> disk = new ArrayList<>();
    final List<AgentEffect> effects = new ArrayList<>();
    Instant now = START;
    AgentSettings settings = settings("boot-1", "cpus:4;mem:4096;disk:1000;ports:[31000-31010]");
    AgentCore core = new AgentCore(settings, ids(), List.of());
    /** Told after each event. */
    Runnable watcher = () -> {};

    private Instant wake;
    private long counter;

    static AgentSettings settings(String bootId, String resources) {
        return new AgentSettings(
                AgentInfo.newBuilder()
                        .setHostname("host-1")
                        .setPort(5051)
                        .addAllResources(ResourceMessages.toMessages(Resources.parse(resources)))
                        .build(),
                "1.11.0",
                bootId,
                "/agent",
                "10.0.0.1",
                false,
                new TreeMap<>(),
                Duration.ofSeconds(1),
                Duration.ofMinutes(1),
                Duration.ofSeconds(15),
                Duration.ofSeconds(5),
                Duration.ofMinutes(15),
                150);
    }

    private Ids ids() {
        return new Ids() {
            @Override
            public ByteString updateId() {
                return uuid("agent-" + counter++);
            }

            @Override
            public String containerId() {
                return "c" + counter++;
            }

            @Override
            public double fraction() {
                return 0.5;
            }
        };
    }

    static ByteString uuid(String name) {
        return ByteString.copyFrom(ByteBuffer.allocate(16)
                .putLong(name.hashCode())
                .putLong(name.length())
                .array());
    }

    List<AgentEffect> on(AgentEvent event) {
        List<AgentEffect> result = core.on(now, event);
        for (AgentEffect effect : result) {
            if (effect instanceof AgentEffect.Checkpoint c) {
                disk.addAll(c.records());
            } else if (effect instanceof AgentEffect.Note n) {
                disk.addAll(n.records());
            } else if (effect instanceof AgentEffect.WakeAt w) {
                wake = w.time();
            }
        }
        effects.addAll(result);
        watcher.run();
        return result;
    }

    List<AgentEffect> master(ToAgent.Builder message) {
        return on(new AgentEvent.MasterSpoke(message.build()));
    }

    AgentScript started() {
        on(new AgentEvent.Recovered());
        return this;
    }

    AgentScript registered() {
        admitted();
        effects.clear();
        return this;
    }

    /** Keeps the effects of the registration. */
    AgentScript admitted() {
        on(new AgentEvent.LinkOpened());
        return answered();
    }

    /** The master lets the agent in. */
    AgentScript answered() {
        master(ToAgent.newBuilder()
                .setRegistered(Registered.newBuilder()
                        .setAgentId(AgentID.newBuilder().setValue("S1"))
                        .setMaster(MasterInfo.newBuilder().setId("m1").setIp(1).setPort(5050))
                        .setHeartbeatSeconds(15)));
        return this;
    }

    static AgentScript ready() {
        return new AgentScript().started().registered();
    }

    /** The agent's process dies and comes back; everything not on disk is forgotten. */
    AgentScript restarted() {
        return restarted(settings, disk);
    }

    AgentScript restarted(AgentSettings with, List<Record> records) {
        settings = with;
        core = new AgentCore(with, ids(), records);
        wake = null;
        effects.clear();
        on(new AgentEvent.Recovered());
        return this;
    }

    void pass(Duration time) {
        Instant end = now.plus(time);
        while (true) {
            Instant next = wake;
            if (next == null || next.isAfter(end)) {
                break;
            }
            now = next;
            wake = null;
            on(new AgentEvent.Woken());
        }
        now = end;
    }

    static TaskInfo command(String id) {
        return TaskInfo.newBuilder()
                .setName(id)
                .setTaskId(TaskID.newBuilder().setValue(id))
                .setAgentId(AgentID.newBuilder().setValue("S1"))
                .addAllResources(ResourceMessages.toMessages(Resources.parse("cpus:1;mem:64")))
                .setCommand(CommandInfo.newBuilder().setValue("sleep 100"))
                .build();
    }

    static TaskInfo custom(String id, String executor) {
        return command(id).toBuilder()
                .clearCommand()
                .setExecutor(ExecutorInfo.newBuilder()
                        .setType(ExecutorInfo.Type.CUSTOM)
                        .setExecutorId(ExecutorID.newBuilder().setValue(executor))
                        .setCommand(CommandInfo.newBuilder().setValue("./executor")))
                .build();
    }

    List<AgentEffect> run(TaskInfo... tasks) {
        return run(AWARE, tasks);
    }

    List<AgentEffect> run(FrameworkInfo framework, TaskInfo... tasks) {
        return master(ToAgent.newBuilder()
                .setRunTasks(RunTasks.newBuilder().setFramework(framework).addAllTasks(List.of(tasks))));
    }

    List<AgentEffect> runGroup(String executor, TaskInfo... tasks) {
        return master(ToAgent.newBuilder()
                .setRunTasks(RunTasks.newBuilder()
                        .setFramework(AWARE)
                        .addAllTasks(List.of(tasks))
                        .setGroupExecutor(ExecutorInfo.newBuilder()
                                .setType(ExecutorInfo.Type.DEFAULT)
                                .setExecutorId(ExecutorID.newBuilder().setValue(executor)))));
    }

    List<AgentEffect> kill(String task) {
        return master(ToAgent.newBuilder()
                .setKillTask(KillTask.newBuilder()
                        .setFrameworkId(FRAMEWORK)
                        .setTaskId(TaskID.newBuilder().setValue(task))));
    }

    static ExecutorKey key(String executor) {
        return new ExecutorKey("fw", executor);
    }

    List<AgentEffect> call(long request, String executor, Call.Builder call) {
        return call(request, executor, call, false);
    }

    List<AgentEffect> callOverHttp(long request, String executor, Call.Builder call) {
        return call(request, executor, call, true);
    }

    private List<AgentEffect> call(long request, String executor, Call.Builder call, boolean overHttp) {
        return on(new AgentEvent.ExecutorCalled(
                request,
                call.setFrameworkId(FRAMEWORK)
                        .setExecutorId(ExecutorID.newBuilder().setValue(executor))
                        .build(),
                overHttp));
    }

    List<AgentEffect> subscribe(long request, String executor, TaskInfo... unacknowledged) {
        return call(
                request,
                executor,
                Call.newBuilder()
                        .setType(Call.Type.SUBSCRIBE)
                        .setSubscribe(Call.Subscribe.newBuilder().addAllUnacknowledgedTasks(List.of(unacknowledged))));
    }

    static TaskStatus status(String task, TaskState state, String uuid) {
        return TaskStatus.newBuilder()
                .setTaskId(TaskID.newBuilder().setValue(task))
                .setState(state)
                .setSource(TaskStatus.Source.SOURCE_EXECUTOR)
                .setUuid(uuid(uuid))
                .build();
    }

    List<AgentEffect> update(String executor, String task, TaskState state, String uuid) {
        return call(
                1000 + counter++,
                executor,
                Call.newBuilder()
                        .setType(Call.Type.UPDATE)
                        .setUpdate(Call.Update.newBuilder().setStatus(status(task, state, uuid))));
    }

    List<AgentEffect> acknowledge(String task, ByteString uuid) {
        return master(ToAgent.newBuilder()
                .setAcknowledge(AcknowledgeStatusUpdate.newBuilder()
                        .setFrameworkId(FRAMEWORK)
                        .setTaskId(TaskID.newBuilder().setValue(task))
                        .setUuid(uuid)));
    }

    /** Launched, subscribed and, when the master knows it, running under a custom or built-in executor. */
    AgentScript running(TaskInfo task) {
        run(task);
        String executor = task.hasExecutor()
                ? task.getExecutor().getExecutorId().getValue()
                : task.getTaskId().getValue();
        on(new AgentEvent.ExecutorLaunched(key(executor), container(executor), null));
        subscribe(counter++ + 1, executor);
        update(executor, task.getTaskId().getValue(), TaskState.TASK_RUNNING, "running-" + executor);
        acknowledge(task.getTaskId().getValue(), uuid("running-" + executor));
        effects.clear();
        return this;
    }

    ContainerID container(String executor) {
        for (AgentView.FrameworkView framework : core.view().frameworks()) {
            for (AgentView.ExecutorView view : framework.executors()) {
                if (view.info().getExecutorId().getValue().equals(executor)) {
                    return view.container();
                }
            }
        }
        throw new IllegalStateException("no executor " + executor);
    }

    void terminated(String executor, Termination termination) {
        on(new AgentEvent.ExecutorTerminated(key(executor), container(executor), termination));
    }

    List<StatusUpdate> sentUpdates() {
        return sent().stream()
                .filter(FromAgent::hasStatusUpdate)
                .map(FromAgent::getStatusUpdate)
                .collect(Collectors.toList());
    }

    TaskStatus lastStatus() {
        List<StatusUpdate> sent = sentUpdates();
        return sent.get(sent.size() - 1).getStatus();
    }

    List<FromAgent> sent() {
        return effects(AgentEffect.SendToMaster.class).stream()
                .map(AgentEffect.SendToMaster::message)
                .collect(Collectors.toList());
    }

    List<Event.Type> toExecutor(String executor) {
        return effects(AgentEffect.SendToExecutor.class).stream()
                .filter(e -> e.executor().equals(key(executor)))
                .map(e -> e.event().getType())
                .collect(Collectors.toList());
    }

    <T extends AgentEffect> List<T> effects(Class<T> type) {
        return effects.stream().filter(type::isInstance).map(type::cast).collect(Collectors.toList());
    }

    boolean did(Class<? extends AgentEffect> type) {
        return !effects(type).isEmpty();
    }

    AgentView view() {
        return core.view();
    }
}
