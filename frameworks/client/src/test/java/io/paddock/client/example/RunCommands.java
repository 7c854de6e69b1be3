package io.paddock.client.example;

import io.paddock.client.Scheduler;
import io.paddock.client.SchedulerDriver;
import io.paddock.client.core.OfferRoom;
import io.paddock.client.core.TaskSpec;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.util.ArrayDeque;
import java.util.List;

/** Runs shell commands on the cluster, each with 0.1 CPUs and 32 MB, and exits when all have finished. */
public final class RunCommands implements Scheduler {
    private final ArrayDeque<TaskSpec> waiting = new ArrayDeque<>();
    private int unfinished;

    RunCommands(List<String> commands) {
        commands.forEach(command -> waiting.add(TaskSpec.command("task-" + unfinished++, command)));
    }

    @Override
    public void offers(SchedulerDriver driver, List<Offer> offers) { // what stays unused is declined by the driver
        offers.forEach(offer -> driver.launch(OfferRoom.of(offer).fill(waiting)));
    }

    @Override
    public void update(SchedulerDriver driver, TaskStatus status) {
        System.out.println(status.getTaskId().getValue() + " " + status.getState() + " " + status.getMessage());
        if (status.getState() == TaskState.TASK_FINISHED && --unfinished == 0) {
            driver.teardown();
        }
    }

    public static void main(String[] args) {
        RunCommands scheduler = new RunCommands(List.of(args).subList(1, args.length));
        SchedulerDriver.start(args[0], "run-commands", scheduler).join();
    }
}
