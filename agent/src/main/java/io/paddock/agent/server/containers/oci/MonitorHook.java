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
import io.paddock.platform.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Writes the bundle, lets the monitor create the container, and starts it. The monitor (conmon) detaches itself, survives
 * the agent and leaves the exit code in the directory of exits. The container's output goes straight to the files of the
 * sandbox: a shell opens them and becomes the monitor, which passes them on. What a terminal shows goes through a log.
 */
final class MonitorHook implements Hook {
    /**
     * The monitor's answer, on its descriptor 3, is one line with the process id of what it created; then the container is
     * started. The shell waits for the answer since the monitor detaches itself before it has one, and for the JVM a pipe
     * ends with the process it belongs to. In one shell it is also one fork of the JVM instead of two.
     */
    private static final String SCRIPT = """
            out=$1 err=$2 runtime=$3 state=$4 log=$5 name=$6; shift 6
            "$@" 3>&1 >>"$out" 2>>"$err" </dev/null | {
              read -r answer
              printf '%s\\n' "$answer"
              case $answer in
                '{"data": '[1-9]*) exec "$runtime" --root "$state" --log "$log" start "$name" ;;
                *) exit 1 ;;
              esac
            }
            """;

    private static final Duration EMPTY_TIMEOUT = Duration.ofSeconds(10);
    private static final String LOG = "runtime.log";
    private static final String MONITOR_PID = "monitor.pid";

    private final RuntimePrograms runtime;
    private final Tools tools;
    private final Cgroups cgroups;
    private final Groups groups;
    private final TerminalLogs terminals;
    private final Duration timeout;

    MonitorHook(
            RuntimePrograms runtime,
            Tools tools,
            Cgroups cgroups,
            Groups groups,
            TerminalLogs terminals,
            Duration timeout) {
        this.timeout = timeout;
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
        Durable.writePrivate(record.file("config.json"), oci.config().json());
        try {
            oci.startedAs(createAndStart(oci, record));
        } catch (IOException e) {
            endCreation(record);
            throw e;
        }
    }

    /** Not to be cancelled half way; the host's process id of the container's init. */
    private long createAndStart(OciLaunch oci, ContainerRecord record) throws IOException {
        Path sandbox = oci.spec().sandbox();
        boolean terminal = oci.terminal().isPresent();
        if (terminal) {
            terminals.follow(record, sandbox);
        }
        Tools.Output output;
        try (Tools.Deadline deadline = tools.deadline(timeout, () -> endMonitor(record))) {
            ToolCall call = ToolCall.of(monitor(record, sandbox, terminal))
                    .in(record.directory())
                    .with(Map.of(
                            "_OCI_SYNCPIPE", "3", "TMPDIR", runtime.temporary().toString()))
                    .within(timeout.multipliedBy(2));
            output = tools.attempt(call, new Cancellation());
            if (deadline.passed()) {
                throw new IOException("the container was not created within " + timeout);
            }
        }
        String answer = output.stdout().strip();
        JsonNode parsed =
                answer.isEmpty() ? Json.mapper().nullNode() : Json.mapper().readTree(answer);
        long pid = parsed.path("data").asLong(-1);
        if (pid <= 0 || output.code() != 0) {
            throw new IOException(words(record, parsed.path("message").asText(output.stderr())));
        }
        return pid;
    }

    private static void endMonitor(ContainerRecord record) {
        try {
            long pid = Long.parseLong(Files.readString(record.file(MONITOR_PID)).strip());
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        } catch (IOException | NumberFormatException e) {
            // It did not get as far as to write its id, and has ended by itself.
        }
    }

    /** After a failure something may still be at work on the bundle. */
    private static void endCreation(ContainerRecord record) throws IOException {
        String bundle = record.directory().toString();
        Processes.withArguments(arguments -> arguments.contains(bundle)).forEach(ProcessHandle::destroyForcibly);
    }

    private List<String> monitor(ContainerRecord record, Path sandbox, boolean terminal) {
        List<String> argv = new ArrayList<>(List.of(
                "/bin/sh",
                "-c",
                SCRIPT,
                "monitor",
                sandbox.resolve(SandboxHook.STDOUT).toString(),
                sandbox.resolve(SandboxHook.STDERR).toString(),
                runtime.program().toString(),
                runtime.state().toString(),
                record.file(LOG).toString(),
                record.name(),
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
                runtime.program().toString(),
                "--exit-dir",
                record.exits().toString(),
                "-p",
                record.file("pid").toString(),
                "-P",
                record.file(MONITOR_PID).toString(),
                "--log-level",
                "error"));
        argv.addAll(terminal ? terminals.monitorArguments(record) : List.of("--log-path", "passthrough"));
        for (String argument :
                runtime.command(record.file(LOG)).stream().skip(1).toList()) {
            argv.add("--runtime-arg");
            argv.add(argument);
        }
        return argv;
    }

    /** The runtime's own words, if it left any. */
    private static String words(ContainerRecord record, @Nullable String otherwise) throws IOException {
        Path log = record.file(LOG);
        String text = Files.exists(log) ? Files.readString(log).strip() : "";
        return text.isEmpty() ? String.valueOf(otherwise) : text;
    }

    @Override
    public void cleanup(ContainerRecord record) throws IOException {
        String group = groups.of(record);
        if (group != null) {
            empty(record, group);
        }
        terminals.forget(record);
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
