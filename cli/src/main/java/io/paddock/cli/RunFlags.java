package io.paddock.cli;

import io.paddock.client.core.TaskSpec;
import io.paddock.common.Identifiers;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.Label;
import io.paddock.proto.v1.TTYInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** What to run and what it needs, in the words of {@code docker run}. */
final class RunFlags {
    @Option(
            names = "--image",
            paramLabel = "IMAGE",
            description = "Run it in the root filesystem of this image, as its entrypoint, environment, user and "
                    + "directory say.")
    @Nullable
    String image;

    @Option(names = "--cpus", defaultValue = "0.1", description = "CPUs (default: ${DEFAULT-VALUE}).")
    double cpus = 0.1;

    @Option(
            names = {"-m", "--memory", "--mem"},
            defaultValue = "64",
            paramLabel = "SIZE",
            converter = Megabytes.class,
            description = "Memory, in MB or with a unit: 512, 512m, 2g (default: ${DEFAULT-VALUE}).")
    double mem = 64;

    @Option(names = "--gpus", defaultValue = "0", description = "GPUs.")
    int gpus;

    @Mixin
    ProcessFlags process = new ProcessFlags();

    @Option(names = "--name", paramLabel = "NAME", description = "The task's name; its id starts with it.")
    @Nullable
    String name;

    @Option(
            names = "--role",
            defaultValue = "*",
            description = "The role whose share it uses (default: ${DEFAULT-VALUE}).")
    String role = "*";

    @Option(
            names = "--rm",
            description =
                    "Accepted for habit's sake: what is left of a task that is over is always removed, its output "
                            + "after a while.")
    boolean remove;

    @Option(
            names = "--env-file",
            paramLabel = "FILE",
            description = "Variables, one NAME=VALUE a line; those of --env go before them.")
    @Nullable
    Path envFile;

    @Option(
            names = {"-l", "--label"},
            paramLabel = "NAME[=VALUE]",
            mapFallbackValue = "",
            description = "A label of the task; may be repeated.")
    Map<String, String> labels = new LinkedHashMap<>();

    @Option(
            names = "--stop-timeout",
            paramLabel = "SECONDS",
            description = "How long it may take to end after SIGTERM when its framework kills it.")
    @Nullable
    Integer stopTimeout;

    @Option(names = "--restart", hidden = true)
    String restart = "no";

    @Mixin
    RunContainer container = new RunContainer();

    @Parameters(
            arity = "0..*",
            paramLabel = "COMMAND",
            description =
                    "One word is given to a shell, several are a program and its arguments, with --image those of "
                            + "the image's entrypoint. May be left out with --image.")
    List<String> command = new ArrayList<>();

    /** Sizes as Docker writes them; a bare number is in MB. */
    static final class Megabytes implements ITypeConverter<Double> {
        @Override
        public Double convert(String text) {
            String unit =
                    text.isEmpty() ? "" : text.substring(text.length() - 1).toLowerCase(java.util.Locale.ROOT);
            double factor =
                    switch (unit) {
                        case "b" -> 1.0 / (1 << 20);
                        case "k" -> 1.0 / (1 << 10);
                        case "g" -> 1 << 10;
                        default -> 1;
                    };
            boolean hasUnit = !unit.isEmpty() && "bkmg".contains(unit);
            try {
                return Double.parseDouble(hasUnit ? text.substring(0, text.length() - 1) : text) * factor;
            } catch (NumberFormatException e) {
                throw new TypeConversionException("'" + text + "' is not a size such as 512, 512m or 2g");
            }
        }
    }

    /**
     * The task these flags describe, with an id of its own.
     *
     * @param managed whether some agent offers this port; others are mapped without asking for them
     * @param terminal what it is connected to, if to one
     */
    TaskSpec spec(IntPredicate managed, @Nullable TTYInfo terminal) {
        if (!restart.equals("no")) {
            throw new IllegalArgumentException(
                    "--restart: a run is one task and ends with it; what is to be kept alive is an app"
                            + " ('paddock apps create')");
        }
        String label = name == null ? "run" : name;
        Identifiers.check("--name", label).ifPresent(rejection -> {
            throw new IllegalArgumentException(rejection.message());
        });
        String id = label + "-" + UUID.randomUUID().toString().substring(0, 8);
        TaskSpec spec =
                TaskSpec.of(id).name(label).cpus(positive("--cpus", cpus)).mem(positive("--memory", mem));
        spec = spec.template(t -> t.setCommand(commandInfo()));
        if (gpus > 0) {
            spec = spec.gpus(gpus);
        }
        if (!labels.isEmpty()) {
            spec = spec.template(t -> labels.forEach((key, value) -> t.getLabelsBuilder()
                    .addLabels(Label.newBuilder().setKey(key).setValue(value))));
        }
        if (stopTimeout != null) {
            spec = spec.template(t -> t.getKillPolicyBuilder()
                    .getGracePeriodBuilder()
                    .setNanoseconds(Duration.ofSeconds(stopTimeout).toNanos()));
        }
        spec = container.on(spec, image, process.workdir, managed);
        return terminal == null
                ? spec
                : spec.template(t -> {
                    ContainerInfo.Builder info = t.getContainerBuilder();
                    info.setType(info.hasType() ? info.getType() : ContainerInfo.Type.MESOS)
                            .setTtyInfo(terminal);
                });
    }

    private CommandInfo commandInfo() {
        CommandInfo.Builder info = CommandInfo.newBuilder();
        if (command.isEmpty()) {
            if (image == null) {
                throw new IllegalArgumentException("COMMAND: say what to run, or give --image");
            }
            info.setShell(false);
        } else if (image != null && (command.size() > 1 || isOneProgram(command.get(0)))) {
            info.setShell(false).addAllArguments(command);
        } else if (command.size() == 1) {
            info.setShell(true).setValue(command.get(0));
        } else {
            info.setShell(false).setValue(command.get(0)).addAllArguments(command);
        }
        process.on(info, envFile);
        return info.build();
    }

    /** Images need not have a shell, and where they have one the result is the same. */
    private static boolean isOneProgram(String word) {
        return word.matches("[A-Za-z0-9_./+:@%-]+");
    }

    private static double positive(String flag, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(flag + ": " + value + " must be a number above 0");
        }
        return value;
    }
}
