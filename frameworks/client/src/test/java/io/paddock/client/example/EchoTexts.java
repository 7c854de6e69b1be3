package io.paddock.client.example;

import com.google.protobuf.ByteString;
import io.paddock.client.Scheduler;
import io.paddock.client.SchedulerDriver;
import io.paddock.client.core.OfferRoom;
import io.paddock.client.core.TaskSpec;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.util.ArrayDeque;
import java.util.List;

/** Gives texts to an executor of its own ({@code docs/examples/EchoExecutor.java}) and prints what comes back. */
public final class EchoTexts implements Scheduler {
    private final ArrayDeque<TaskSpec> waiting = new ArrayDeque<>();
    private int unfinished;

    EchoTexts(String executorCommand, List<String> texts) {
        ExecutorInfo executor = ExecutorInfo.newBuilder()
                .setType(ExecutorInfo.Type.CUSTOM)
                .setExecutorId(ExecutorID.newBuilder().setValue("echo"))
                .setName("Echo executor")
                .setCommand(CommandInfo.newBuilder().setShell(true).setValue(executorCommand))
                .build();
        for (String text : texts) {
            waiting.add(TaskSpec.of("text-" + unfinished++)
                    .executor(executor, 0.5, 512)
                    .template(task -> task.setData(ByteString.copyFromUtf8(text))));
        }
    }

    @Override
    public void offers(SchedulerDriver driver, List<Offer> offers) {
        offers.forEach(offer -> driver.launch(OfferRoom.of(offer).fill(waiting)));
    }

    @Override
    public void update(SchedulerDriver driver, TaskStatus status) {
        System.out.println(status.getTaskId().getValue() + " " + status.getState() + " "
                + status.getData().toStringUtf8() + status.getMessage());
        if (status.getState() == TaskState.TASK_FINISHED && --unfinished == 0) {
            driver.teardown();
        }
    }

    /** Arguments: the master, the command that starts the executor on an agent, the texts. */
    public static void main(String[] args) {
        EchoTexts scheduler = new EchoTexts(args[1], List.of(args).subList(2, args.length));
        SchedulerDriver.start(args[0], "echo-texts", scheduler).join();
    }
}
