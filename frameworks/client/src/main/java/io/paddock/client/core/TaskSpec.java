package io.paddock.client.core;

import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.Environment;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.Image;
import io.paddock.proto.v1.TaskInfo;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a task needs and does, before there is an offer for it. {@link OfferRoom} makes a task of it. Immutable: every
 * method answers a changed copy.
 */
public final class TaskSpec {
    private final String id;
    private final TaskInfo template;
    private final Map<String, Double> scalars;
    private final List<Integer> ports;
    private final List<BiConsumer<TaskInfo.Builder, List<Long>>> whenPlaced;
    private final @Nullable ExecutorNeed executor;

    /**
     * An executor of the framework's own and what it needs besides its tasks.
     *
     * @param mem in MB
     */
    record ExecutorNeed(ExecutorInfo info, double cpus, double mem) {}

    private TaskSpec(
            String id,
            TaskInfo template,
            Map<String, Double> scalars,
            List<Integer> ports,
            List<BiConsumer<TaskInfo.Builder, List<Long>>> whenPlaced,
            @Nullable ExecutorNeed executor) {
        this.id = id;
        this.template = template;
        this.scalars = scalars;
        this.ports = ports;
        this.whenPlaced = whenPlaced;
        this.executor = executor;
    }

    /** A shell command with 0.1 CPUs and 32 MB; the id must be unique within the framework, for ever. */
    public static TaskSpec command(String id, String shellCommand) {
        return of(id).template(t ->
                t.setCommand(CommandInfo.newBuilder().setShell(true).setValue(shellCommand)));
    }

    /** A program with its arguments, started without a shell. */
    public static TaskSpec program(String id, List<String> argv) {
        return of(id).template(t -> t.setCommand(
                CommandInfo.newBuilder().setShell(false).setValue(argv.get(0)).addAllArguments(argv)));
    }

    /** A task that is described by {@link #template} alone, with 0.1 CPUs and 32 MB. */
    public static TaskSpec of(String id) {
        return new TaskSpec(id, TaskInfo.newBuilder().setName(id).buildPartial(), Map.of(), List.of(), List.of(), null)
                .cpus(0.1)
                .mem(32);
    }

    public TaskSpec cpus(double cpus) {
        return scalar("cpus", cpus);
    }

    /** Memory in MB. */
    public TaskSpec mem(double megabytes) {
        return scalar("mem", megabytes);
    }

    /** Disk in MB. */
    public TaskSpec disk(double megabytes) {
        return scalar("disk", megabytes);
    }

    /** Whole GPUs; the framework needs the GPU_RESOURCES capability to be offered any. */
    public TaskSpec gpus(int gpus) {
        return scalar("gpus", gpus);
    }

    /** An amount of any scalar resource. */
    public TaskSpec scalar(String name, double amount) {
        Map<String, Double> changed = new LinkedHashMap<>(scalars);
        changed.put(name, amount);
        return new TaskSpec(id, template, changed, ports, whenPlaced, executor);
    }

    /**
     * So many ports of the offer; the command finds them in {@code PORT0}, {@code PORT1}, …, the first also in
     * {@code PORT}, all of them in {@code PORTS}.
     */
    public TaskSpec ports(int count) {
        return withPorts(Collections.nCopies(count, 0));
    }

    /** One more port: this one, or with 0 any of the offer. */
    public TaskSpec port(int number) {
        List<Integer> more = new ArrayList<>(ports);
        more.add(number);
        return withPorts(more);
    }

    private TaskSpec withPorts(List<Integer> numbers) {
        return new TaskSpec(id, template, scalars, List.copyOf(numbers), whenPlaced, executor);
    }

    /** Changes the task once its port numbers are known, in the order in which the ports were asked for. */
    public TaskSpec whenPlaced(BiConsumer<TaskInfo.Builder, List<Long>> change) {
        List<BiConsumer<TaskInfo.Builder, List<Long>>> more = new ArrayList<>(whenPlaced);
        more.add(change);
        return new TaskSpec(id, template, scalars, ports, List.copyOf(more), executor);
    }

    public TaskSpec name(String name) {
        return template(t -> t.setName(name));
    }

    public TaskSpec env(String name, String value) {
        return template(t -> t.getCommandBuilder()
                .getEnvironmentBuilder()
                .addVariables(Environment.Variable.newBuilder().setName(name).setValue(value)));
    }

    /** Runs in the root filesystem of this image, {@code repository[:tag]}. */
    public TaskSpec image(String reference) {
        return template(t -> t.getContainerBuilder()
                .setType(ContainerInfo.Type.MESOS)
                .getMesosBuilder()
                .setImage(Image.newBuilder()
                        .setType(Image.Type.DOCKER)
                        .setDocker(Image.Docker.newBuilder().setName(reference))));
    }

    /**
     * Runs by an executor of the framework's own, in place of a command. Tasks that name the same executor id on the same agent
     * share one, which is started with the first of them.
     *
     * @param info without resources
     * @param cpus what the executor itself needs
     * @param megabytes what the executor itself needs
     */
    public TaskSpec executor(ExecutorInfo info, double cpus, double megabytes) {
        return new TaskSpec(id, template, scalars, ports, whenPlaced, new ExecutorNeed(info, cpus, megabytes));
    }

    /** Changes anything else of the task; its id, agent and resources are set from the offer. */
    public TaskSpec template(Consumer<TaskInfo.Builder> change) {
        TaskInfo.Builder changed = template.toBuilder();
        change.accept(changed);
        return new TaskSpec(id, changed.buildPartial(), scalars, ports, whenPlaced, executor);
    }

    public String id() {
        return id;
    }

    /** The needed amount of each scalar resource. */
    public Map<String, Double> scalars() {
        return Map.copyOf(scalars);
    }

    /** The ports it needs; 0 is any. */
    public List<Integer> ports() {
        return ports;
    }

    @Nullable
    ExecutorNeed executor() {
        return executor;
    }

    /** Fills in all but agent and resources: also the environment that names its ports. */
    TaskInfo.Builder task(TaskInfo.Builder task, List<Long> portNumbers) {
        task.mergeFrom(template);
        task.getTaskIdBuilder().setValue(id);
        if (task.hasCommand() && !portNumbers.isEmpty()) {
            Environment.Builder environment = task.getCommandBuilder().getEnvironmentBuilder();
            for (int i = 0; i < portNumbers.size(); i++) {
                variable(environment, "PORT" + i, portNumbers.get(i).toString());
            }
            variable(environment, "PORT", portNumbers.get(0).toString());
            variable(
                    environment,
                    "PORTS",
                    String.join(",", portNumbers.stream().map(String::valueOf).toList()));
        }
        whenPlaced.forEach(change -> change.accept(task, portNumbers));
        return task;
    }

    private static void variable(Environment.Builder environment, String name, @Nullable String value) {
        environment.addVariables(Environment.Variable.newBuilder().setName(name).setValue(value));
    }
}
