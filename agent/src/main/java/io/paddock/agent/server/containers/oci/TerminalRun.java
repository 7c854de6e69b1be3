package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.engine.ContainerRecord;
import io.paddock.agent.server.containers.recipe.SandboxHook;
import io.paddock.agent.server.containers.recipe.Terminal;
import io.paddock.agent.server.containers.recipe.TerminalInput;
import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.agent.server.containers.tools.ToolCall;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.proto.v1.TTYInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Runs a container that has a terminal. The runtime stays and passes on between the terminal inside and one of the host that
 * script(1) holds; its input is a named pipe, its output goes to the sandbox's stdout. A shell around them survives the agent
 * and leaves the exit code. conmon does not serve here: it hands a terminal's input only to a packet socket, which Java
 * cannot speak, and its output only in a log format of its own.
 */
final class TerminalRun {
    private static final String SCRIPT = """
            setsid --fork /bin/sh -c '
              input=$2 out=$3 exit=$4; shift 4
              exec <>"$input" >>"$out" 2>&1
              "$@"
              code=$?
              echo $code >"$exit.new" && mv "$exit.new" "$exit"
            ' terminal "$@" >/dev/null 2>&1 </dev/null
            """;
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final RuntimePrograms runtime;
    private final Tools tools;
    private final Duration timeout;

    TerminalRun(RuntimePrograms runtime, Tools tools, Duration timeout) {
        this.timeout = timeout;
        this.runtime = runtime;
        this.tools = tools;
    }

    /** The host's process id of the container's init; empty text in the failure when the runtime said nothing. */
    long start(ContainerRecord record, Path sandbox, TTYInfo terminal, Path log) throws IOException {
        Path pipe = record.file(TerminalInput.PIPE);
        Path pid = record.file(Terminal.PID);
        Files.deleteIfExists(pipe);
        tools.run(ToolCall.of("mkfifo", "-m", "600", pipe.toString()));
        List<String> argv = new ArrayList<>(List.of(
                "/bin/sh",
                "-c",
                SCRIPT,
                "launch",
                record.directory().toString(),
                pipe.toString(),
                sandbox.resolve(SandboxHook.STDOUT).toString(),
                record.exitCodeFile().toString()));
        argv.addAll(Terminal.around(run(record, log, pid), terminal, record.file(Terminal.NAME)));
        tools.run(
                ToolCall.of(argv)
                        .in(record.directory())
                        .with(Map.of("TMPDIR", runtime.temporary().toString())),
                new Cancellation());
        return await(record, pid);
    }

    private List<String> run(ContainerRecord record, Path log, Path pid) {
        List<String> argv = runtime.command(log);
        argv.add("run");
        if (runtime.name().equals("runc")) {
            // The control group stays until the exit is read, and with it the count of processes killed for their
            // memory.
            argv.add("--keep");
        }
        argv.addAll(List.of("--bundle", record.directory().toString(), "--pid-file", pid.toString(), record.name()));
        return argv;
    }

    private long await(ContainerRecord record, Path pid) throws IOException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (true) {
            boolean ended = Files.exists(record.exitCodeFile());
            String text = Files.exists(pid) ? Files.readString(pid).strip() : "";
            if (!text.isEmpty()) {
                return Long.parseLong(text);
            }
            if (ended) {
                Files.delete(record.exitCodeFile());
                throw new IOException("the runtime could not run the container");
            }
            if (System.nanoTime() > deadline) {
                throw new IOException("the container was not started within " + timeout);
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }
}
