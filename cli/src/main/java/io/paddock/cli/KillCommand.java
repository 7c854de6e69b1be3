package io.paddock.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** {@code paddock kill TASK} */
@Command(
        name = "kill",
        description = {
            "Kills a task.",
            "The agent ends the task's container, whatever framework it belongs to. The framework sees the task fail and decides "
                    + "what follows: marathon starts another. A detached 'paddock run' is ended as a whole."
        })
final class KillCommand implements Callable<Integer> {
    @Mixin
    ClusterFlags cluster = new ClusterFlags();

    @Mixin
    Output output = new Output();

    @Option(
            names = {"-s", "--signal"},
            paramLabel = "SIGNAL",
            defaultValue = "KILL",
            converter = SignalConverter.class,
            description = "Name or number of the signal to send (default: ${DEFAULT-VALUE}).")
    Signal signal = Signal.KILL;

    @Parameters(paramLabel = "TASK", description = "The task's id, or the start of it if no other task has it.")
    String task = "";

    /** Signals by name and number. */
    static final class SignalConverter implements ITypeConverter<Signal> {
        @Override
        public Signal convert(String text) {
            try {
                return Signal.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    @Override
    public Integer call() {
        JsonHttp master = cluster.master();
        ClusterTask meant = ClusterView.of(master).task(task, false);
        TaskSignals signals = new TaskSignals(cluster, master);
        if (TaskSignals.isDetachedRun(meant)) {
            signals.endFramework(meant);
        } else {
            signals.send(meant, signal);
        }
        if (output.json) {
            output.json(JsonNodeFactory.instance.objectNode().put("killed", meant.id()));
        } else {
            output.line("killed " + meant.id());
        }
        return 0;
    }
}
