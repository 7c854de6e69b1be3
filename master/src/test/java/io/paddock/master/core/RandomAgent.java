package io.paddock.master.core;

import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.Leaving;
import io.paddock.proto.link.Register;
import io.paddock.proto.link.Reregister;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.Task;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/** An agent that knows what it runs, repeats unacknowledged updates, and whose link may break with any frame. */
final class RandomAgent {
    private static final String TOTAL = "cpus:8;mem:4096;disk:1000;ports:[31000-31099]";
    private static final TaskState[] ENDS = {
        TaskState.TASK_FINISHED, TaskState.TASK_FAILED, TaskState.TASK_KILLED, TaskState.TASK_DROPPED
    };

    private final MasterHarness master;
    private final Random random;
    private final AtomicInteger names;
    private final String host;
    private String id = "";
    private String link = "";
    private int read;
    private final Map<String, Task> tasks = new LinkedHashMap<>();
    private final Map<String, TaskStatus> unacknowledged = new LinkedHashMap<>();

    RandomAgent(MasterHarness master, Random random, AtomicInteger names, String host) {
        this.master = master;
        this.random = random;
        this.names = names;
        this.host = host;
    }

    boolean isConnected() {
        return !link.isEmpty();
    }

    void connect() {
        if (isConnected()) {
            return;
        }
        link = "link" + names.getAndIncrement();
        read = 0;
        if (id.isEmpty()) {
            master.spoke(
                    link,
                    FromAgent.newBuilder()
                            .setRegister(Register.newBuilder()
                                    .setAgent(MasterHarness.agentInfo(host, TOTAL))
                                    .setVersion("1")
                                    .addAllCapabilities(MasterHarness.capabilities())));
        } else {
            Reregister.Builder again = master.reregister(host, TOTAL, id).addAllTasks(tasks.values());
            tasks.values().stream()
                    .map(task -> task.getFrameworkId().getValue())
                    .distinct()
                    .forEach(framework -> again.addFrameworks(MasterHarness.frameworkInfo("f", "web")
                            .setId(FrameworkID.newBuilder().setValue(framework))));
            master.spoke(link, FromAgent.newBuilder().setReregister(again));
        }
    }

    void breakLink() {
        if (isConnected()) {
            master.feed(new MasterEvent.AgentLinkClosed(link));
            link = "";
        }
    }

    /** Its master is gone, without a word. */
    void lost() {
        link = "";
    }

    void leave() {
        master.spoke(link, FromAgent.newBuilder().setLeaving(Leaving.getDefaultInstance()));
        forgetTasks();
        breakLink();
        id = "";
    }

    private void forgetTasks() {
        tasks.clear();
        unacknowledged.clear();
    }

    /** One of its tasks goes on or ends. */
    void runTask() {
        if (tasks.isEmpty()) {
            return;
        }
        List<String> ids = new ArrayList<>(tasks.keySet());
        Task task = tasks.get(ids.get(random.nextInt(ids.size())));
        if (unacknowledged.containsKey(task.getTaskId().getValue())) {
            return;
        }
        report(task, random.nextInt(3) == 0 ? ENDS[random.nextInt(ENDS.length)] : TaskState.TASK_RUNNING);
    }

    /** All of its tasks end, but for those whose last state is not acknowledged yet. */
    void finishTasks() {
        for (Task task : List.copyOf(tasks.values())) {
            if (!unacknowledged.containsKey(task.getTaskId().getValue())) {
                report(task, TaskState.TASK_FINISHED);
            }
        }
    }

    private void report(Task task, TaskState state) {
        String name = task.getTaskId().getValue();
        TaskStatus status = master.status(name, state);
        tasks.put(
                name,
                task.toBuilder()
                        .setState(state)
                        .setStatusUpdateState(status.getState())
                        .setStatusUpdateUuid(status.getUuid())
                        .build());
        unacknowledged.put(name, status);
        if (isConnected()) {
            master.update(link, task.getFrameworkId().getValue(), status);
        }
    }

    void resend() {
        for (Map.Entry<String, TaskStatus> update : List.copyOf(unacknowledged.entrySet())) {
            Task task = tasks.get(update.getKey());
            if (task != null && isConnected()) {
                master.update(link, task.getFrameworkId().getValue(), update.getValue());
            }
        }
    }

    /** Looks at what it was sent; a part of the frames is lost with the link. */
    void receive(double lossRate) {
        if (!isConnected()) {
            return;
        }
        if (master.closedLinks.contains(link)) {
            breakLink();
            return;
        }
        List<ToAgent> sent = master.sent(link);
        for (; read < sent.size() && isConnected(); read++) {
            if (random.nextDouble() < lossRate) {
                breakLink();
            } else {
                received(sent.get(read));
            }
        }
    }

    private void received(ToAgent message) {
        switch (message.getMessageCase()) {
            case REGISTERED:
                id = message.getRegistered().getAgentId().getValue();
                break;
            case REFUSED:
            case SHUTDOWN:
                forgetTasks();
                id = "";
                breakLink();
                break;
            case RUN_TASKS:
                FrameworkID owner = message.getRunTasks().getFramework().getId();
                message.getRunTasks()
                        .getTasksList()
                        .forEach(task -> tasks.put(
                                task.getTaskId().getValue(),
                                Task.newBuilder()
                                        .setName(task.getName())
                                        .setTaskId(task.getTaskId())
                                        .setAgentId(task.getAgentId())
                                        .setFrameworkId(owner)
                                        .setState(TaskState.TASK_STAGING)
                                        .addAllResources(task.getResourcesList())
                                        .build()));
                break;
            case KILL_TASK:
                Task killed = tasks.get(message.getKillTask().getTaskId().getValue());
                if (killed != null && !TrackedTask.isTerminal(killed.getState())) {
                    report(killed, TaskState.TASK_KILLED);
                }
                break;
            case ACKNOWLEDGE:
                String name = message.getAcknowledge().getTaskId().getValue();
                TaskStatus waiting = unacknowledged.get(name);
                if (waiting != null
                        && waiting.getUuid().equals(message.getAcknowledge().getUuid())) {
                    unacknowledged.remove(name);
                    if (TrackedTask.isTerminal(waiting.getState())) {
                        tasks.remove(name);
                    }
                }
                break;
            case SHUTDOWN_FRAMEWORK:
                String framework =
                        message.getShutdownFramework().getFrameworkId().getValue();
                tasks.values().removeIf(task -> {
                    boolean ended = task.getFrameworkId().getValue().equals(framework);
                    if (ended) {
                        unacknowledged.remove(task.getTaskId().getValue());
                    }
                    return ended;
                });
                break;
            case RECONCILE_TASKS:
                for (TaskID asked : message.getReconcileTasks().getTaskIdsList()) {
                    if (!tasks.containsKey(asked.getValue())) {
                        master.update(
                                link,
                                message.getReconcileTasks().getFrameworkId().getValue(),
                                master.status(asked.getValue(), TaskState.TASK_DROPPED).toBuilder()
                                        .clearUuid()
                                        .build());
                    }
                }
                break;
            default:
                break;
        }
    }
}
