package io.paddock.simulation;

import io.paddock.common.resources.Resources;
import io.paddock.executor.core.ContainerEnd;
import io.paddock.proto.checkpoint.Record;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.v1.TaskInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * What survives an agent process: the disk, and the containers under their monitors. A container runs as its task's command
 * says: {@code run} for ever, {@code exit N MS} ends with status N after a while.
 */
final class Machine {
    private static final int SIGTERM = 15;
    private static final int SIGKILL = 9;

    /** A task's container. */
    static final class Container {
        final String frameworkId;
        final String executorId;
        final TaskInfo task;
        final Resources resources;
        boolean running;

        @Nullable
        ContainerEnd end;

        Container(String frameworkId, String executorId, TaskInfo task) {
            this.frameworkId = frameworkId;
            this.executorId = executorId;
            this.task = task;
            this.resources = ResourceMessages.fromMessages(task.getResourcesList());
        }

        String taskId() {
            return task.getTaskId().getValue();
        }
    }

    /** Hears what becomes of containers, while the agent's process is there. */
    interface Watcher {
        void started(Container container);

        void ended(Container container, ContainerEnd end);
    }

    final String name;
    final Resources total;
    final List<Record> disk = new ArrayList<>();
    private final World world;
    private final Invariants invariants;
    private final Map<String, Container> containers = new LinkedHashMap<>();
    private @Nullable Watcher watcher;
    private int boots = 1;

    Machine(World world, Invariants invariants, String name, Resources total) {
        this.world = world;
        this.invariants = invariants;
        this.name = name;
        this.total = total;
    }

    String bootId() {
        return "boot-" + boots;
    }

    void watch(@Nullable Watcher newWatcher) {
        watcher = newWatcher;
    }

    List<Container> running() {
        return containers.values().stream().filter(c -> c.running).toList();
    }

    @Nullable
    Container find(String frameworkId, String taskId) {
        return containers.get(frameworkId + "/" + taskId);
    }

    /** Those that run or are about to, of one executor. */
    List<Container> of(String frameworkId, String executorId) {
        return containers.values().stream()
                .filter(c -> c.end == null && c.frameworkId.equals(frameworkId) && c.executorId.equals(executorId))
                .toList();
    }

    /** Takes some time; a container asked for by a process that dies meanwhile may still come up. */
    void start(String frameworkId, String executorId, TaskInfo task) {
        Container container = new Container(frameworkId, executorId, task);
        containers.put(frameworkId + "/" + container.taskId(), container);
        int boot = boots;
        world.after(world.between(5, 300), () -> {
            if (boot == boots && container.end == null) {
                container.running = true;
                world.log(name, "runs " + container.taskId());
                invariants.containerStarted(this, container);
                planEnd(container);
                if (watcher != null) {
                    watcher.started(container);
                }
            }
        });
    }

    private void planEnd(Container container) {
        String[] command = container.task.getCommand().getValue().split(" ");
        if (command[0].equals("exit")) {
            Duration runs = Duration.ofMillis(Long.parseLong(command[2]));
            world.after(runs, () -> end(container, ContainerEnd.exited(Integer.parseInt(command[1]))));
        }
    }

    void signal(Container container, boolean hard) {
        if (hard) {
            world.after(world.between(1, 20), () -> end(container, ContainerEnd.signalled(SIGKILL)));
        } else if (world.chance(0.9)) {
            world.after(world.between(5, 800), () -> end(container, ContainerEnd.signalled(SIGTERM)));
        }
    }

    /** The process ends, by itself or by somebody else's hand. */
    void end(Container container, ContainerEnd end) {
        if (container.end != null) {
            return;
        }
        container.end = end;
        boolean ran = container.running;
        container.running = false;
        world.log(name, "ends " + container.taskId() + " " + (ran ? "after it ran" : "before it ran"));
        if (watcher != null) {
            watcher.ended(container, end);
        }
    }

    /** Something kills a process at random, as the kernel does when memory is short. */
    void killSomething(Random random) {
        List<Container> running = running();
        if (!running.isEmpty()) {
            end(running.get(random.nextInt(running.size())), ContainerEnd.signalled(SIGKILL));
        }
    }

    /** All processes are gone; the disk stays. */
    void reboot() {
        boots++;
        world.log(name, "boots again");
        containers.values().forEach(container -> {
            container.running = false;
            container.end = container.end == null ? ContainerEnd.lost() : container.end;
        });
    }
}
