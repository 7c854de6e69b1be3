package io.paddock.agent.server.containers.oci;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.agent.server.containers.cgroups.Cgroups;
import io.paddock.agent.server.containers.engine.ContainerRecord;
import io.paddock.agent.server.containers.engine.Hook;
import io.paddock.agent.server.containers.engine.Launch;
import io.paddock.agent.server.containers.recipe.SandboxHook;
import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.agent.server.containers.tools.Durable;
import io.paddock.agent.server.containers.tools.Processes;
import io.paddock.agent.server.containers.tools.ToolCall;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.common.DurationText;
import io.paddock.platform.json.Json;
import io.paddock.platform.linux.AnsweringProgram;
import io.paddock.platform.linux.Program;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Writes the bundle, lets the monitor create the container, and starts it. The monitor (conmon) detaches itself, survives
 * the agent and leaves the exit code in the directory of exits. The container's output goes straight to the files of the
 * sandbox, which the monitor is started with and passes on; what a terminal shows goes through a log. The monitor's answer is
 * one line with the process id of what it has created.
 */
final class MonitorHook implements Hook {
    private static final Duration EMPTY_TIMEOUT = Duration.ofSeconds(10);
    private static final String LOG = ".log";
    /**
     * For containers in user namespaces, which see the host's {@code /dev/null}: crun makes that what was {@code /dev/null}
     * among their streams, and gives it to the container's user, who could take it away from everyone else on the host. A pipe
     * that has ended is left alone. With a terminal, output of the runtime itself goes to the monitor's log.
     */
    private static final String WITHOUT_INPUT = ": | \"$0\" \"$@\"";

    private final RuntimePrograms runtime;
    private final Tools tools;
    private final Cgroups cgroups;
    private final Groups groups;
    private final TerminalLogs terminals;
    private final KeptShells shells;
    private final CompiledFilters filters;
    private final Duration timeout;

    MonitorHook(
            RuntimePrograms runtime,
            Tools tools,
            Cgroups cgroups,
            Groups groups,
            TerminalLogs terminals,
            KeptShells shells,
            Duration timeout) {
        this.shells = shells;
        this.timeout = timeout;
        this.filters = new CompiledFilters(runtime);
        this.runtime = runtime;
        this.tools = tools;
        this.cgroups = cgroups;
        this.groups = groups;
        this.terminals = terminals;
    }

    @Override
    public String name() {
        return "runtime";
    }

    @Override
    public void prepare(Launch launch) throws IOException {
        OciLaunch oci = (OciLaunch) launch;
        if (!oci.hasProcess()) {
            return;
        }
        ContainerRecord record = oci.record();
        Optional<Path> network = runtime.entering().isPresent() ? oci.config().enterNetwork() : Optional.empty();
        filters.give(oci.config());
        Durable.writePrivate(record.file("config.json"), oci.config().json());
        try {
            oci.startedAs(createAndStart(oci, record, network));
        } catch (IOException | RuntimeException e) {
            endCreation(record);
            throw e;
        }
    }

    /** Not to be cancelled half way; the host's process id of the container's init. */
    private long createAndStart(OciLaunch oci, ContainerRecord record, Optional<Path> network) throws IOException {
        if (oci.terminal().isPresent()) {
            terminals.follow(record, oci.sandbox());
        }
        long pid = create(record, monitor(oci, network));
        filters.learn(oci.config(), record);
        begin(record);
        return pid;
    }

    private long create(ContainerRecord record, Program program) throws IOException {
        String answer;
        try (AnsweringProgram monitor = AnsweringProgram.start(program)) {
            answer = monitor.answer(timeout).orElse("{}");
        } catch (TimeoutException e) {
            throw new IOException("the container was not created within " + DurationText.format(timeout), e);
        }
        JsonNode parsed = Json.mapper().readTree(answer);
        long pid = parsed.path("data").asLong(-1);
        if (pid <= 0) {
            throw new IOException(words(
                    record,
                    parsed.path("message")
                            .asText(runtime.monitor() + " ended without having " + runtime.program()
                                    + " create the container")));
        }
        return pid;
    }

    /**
     * The init waits at a named pipe for a byte. With crun no other process is needed for that. If the init has ended
     * meanwhile, nobody gets the byte and the monitor tells the exit.
     */
    private void begin(ContainerRecord record) throws IOException {
        Path gate = runtime.state().resolve(record.name()).resolve("exec.fifo");
        if (runtime.name().equals("crun") && Files.exists(gate)) {
            try (FileChannel channel = FileChannel.open(gate, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                Files.delete(gate);
                channel.write(ByteBuffer.allocate(1));
            }
            return;
        }
        List<String> start = runtime.command(log(record));
        start.addAll(List.of("start", record.name()));
        Tools.Output output = tools.attempt(ToolCall.of(start).within(timeout), new Cancellation());
        if (output.code() != 0) {
            throw new IOException(words(record, output.stderr()));
        }
    }

    /** After a failure something may still be at work on the bundle. */
    private static void endCreation(ContainerRecord record) throws IOException {
        String bundle = record.directory().toString();
        Processes.end(arguments -> arguments.contains(bundle), EMPTY_TIMEOUT);
    }

    private Program monitor(OciLaunch oci, Optional<Path> network) {
        ContainerRecord record = oci.record();
        Path sandbox = oci.sandbox();
        Map<String, String> environment = Map.of(
                "PATH",
                Tools.PATH,
                "TMPDIR",
                runtime.temporary().toString(),
                "_OCI_SYNCPIPE",
                Integer.toString(AnsweringProgram.ANSWER));
        List<String> argv = new ArrayList<>(runtime.inNetwork(network));
        argv.addAll(arguments(record, oci));
        return new Program(
                argv,
                environment,
                record.directory(),
                sandbox.resolve(SandboxHook.STDOUT),
                sandbox.resolve(SandboxHook.STDERR));
    }

    private List<String> arguments(ContainerRecord record, OciLaunch oci) {
        List<String> create = runtime.command(log(record));
        if (oci.firstUserId() > 0) {
            String script = oci.terminal().isPresent() ? WITHOUT_INPUT + " >&2" : WITHOUT_INPUT;
            create.addAll(0, List.of("/bin/sh", "-c", script));
        }
        List<String> argv = new ArrayList<>(List.of(
                runtime.monitor().toString(),
                "--api-version",
                "1",
                "-c",
                record.name(),
                "-u",
                record.name(),
                "-n",
                record.name(),
                "-b",
                record.directory().toString(),
                "-r",
                create.get(0),
                "--exit-dir",
                record.exits().toString(),
                "-p",
                record.file("pid").toString(),
                "--log-level",
                "error"));
        argv.addAll(
                oci.terminal().isPresent() ? terminals.monitorArguments(record) : List.of("--log-path", "passthrough"));
        for (String argument : create.subList(1, create.size())) {
            argv.add("--runtime-arg");
            argv.add(argument);
        }
        return argv;
    }

    /** In memory: it is read at once, or never. */
    private Path log(ContainerRecord record) {
        return runtime.temporary().resolve(record.name() + LOG);
    }

    /** The runtime's own words, if it left any. */
    private String words(ContainerRecord record, @Nullable String otherwise) throws IOException {
        Path log = log(record);
        String text = Files.exists(log) ? Files.readString(log).strip() : "";
        return text.isEmpty() ? String.valueOf(otherwise) : text;
    }

    @Override
    public void cleanup(ContainerRecord record) throws IOException {
        empty(record, groups.of(record));
        terminals.forget(record);
        shells.forget(record);
        Files.deleteIfExists(log(record));
        Durable.deleteTree(runtime.state().resolve(record.name()));
    }

    private void empty(ContainerRecord record, String group) throws IOException {
        long deadline = System.nanoTime() + EMPTY_TIMEOUT.toNanos();
        long pauseMillis = 1;
        while (!cgroups.processes(group).isEmpty()) {
            if (System.nanoTime() > deadline) {
                throw new IOException(
                        record + " still has processes " + cgroups.processes(group) + " after they were killed");
            }
            cgroups.kill(group);
            java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pauseMillis));
            pauseMillis = Math.min(50, pauseMillis * 2);
        }
    }
}
