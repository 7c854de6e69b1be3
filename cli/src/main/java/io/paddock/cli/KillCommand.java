package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
        if (meant.frameworkName().equals(RunCommand.FRAMEWORK_NAME) && !meant.frameworkConnected()) {
            teardown(master, meant.frameworkId());
        } else {
            killContainer(meant);
        }
        if (output.json) {
            output.json(JsonNodeFactory.instance.objectNode().put("killed", meant.id()));
        } else {
            output.line("killed " + meant.id());
        }
        return 0;
    }

    private void killContainer(ClusterTask meant) {
        JsonNode container = meant.containerId();
        if (container.isMissingNode()) {
            throw new CommandFailed("task " + meant.id() + " (" + meant.state() + ") has no container yet; try again");
        }
        ObjectNode call = JsonNodeFactory.instance.objectNode().put("type", "KILL_CONTAINER");
        call.putObject("kill_container").put("signal", signal.number()).set("container_id", container);
        cluster.server(
                        "the agent",
                        meant.agentAddress(),
                        "The master lists it; its address must be reachable from here.")
                .send("POST", "/api/v1", call.toString());
    }

    private static void teardown(JsonHttp master, String frameworkId) {
        ObjectNode call = JsonNodeFactory.instance.objectNode().put("type", "TEARDOWN");
        call.putObject("teardown").putObject("framework_id").put("value", frameworkId);
        master.send("POST", "/api/v1", call.toString());
    }
}
