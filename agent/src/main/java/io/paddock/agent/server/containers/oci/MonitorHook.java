package io.paddock.agent.server.containers.oci;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.agent.server.containers.cgroups.Cgroups;
import io.paddock.agent.server.containers.engine.ContainerRecord;
import io.paddock.agent.server.containers.engine.Hook;
import io.paddock.agent.server.containers.engine.Launch;
import io.paddock.agent.server.containers.recipe.SandboxHook;
import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.agent.server.containers.tools.Durable;
import io.paddock.agent.server.containers.tools.ToolCall;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.platform.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Writes the bundle, lets the monitor create the container, and starts it. The monitor (conmon) detaches itself, survives
 * the agent and leaves the exit code in the directory of exits. The container's output goes straight to the files of the
 * sandbox: a shell opens them and becomes the monitor, which passes them on.
 */
final class MonitorHook implements Hook {
    /** Keeps the monitor's answer apart from the output: it writes to descriptor 3, which is our pipe. */
    private static final String WRAPPER = "out=$1 err=$2; shift 2; exec \"$@\" 3>&1 >>\"$out\" 2>>\"$err\" </dev/null";

    private static final Duration CREATE_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration EMPTY_TIMEOUT = Duration.ofSeconds(10);
    private static final String LOG = "runtime.log";
    private static final String MONITOR_PID = "monitor.pid";

    private final Runtime runtime;
    private final Tools tools;
    private final Cgroups cgroups;
    private final Groups groups;

    MonitorHook(Runtime runtime, Tools tools, Cgroups cgroups, Groups groups) {
        this.runtime = runtime;
        this.tools = tools;
        this.cgroups = cgroups;
        this.groups = groups;
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
        Files.write(record.file("config.json"), oci.config().json());
        long pid = create(record, oci.spec().sandbox(), oci.cancellation());
        List<String> start = runtime.command(record.file(LOG));
        start.addAll(List.of("start", record.name()));
        try {
            tools.run(ToolCall.of(start), oci.cancellation());
        } catch (IOException e) {
            throw new IOException(words(record, e.getMessage()), e);
        }
        oci.startedAs(pid);
    }

    /** The host's process id of the created container's init. */
    private long create(ContainerRecord record, Path sandbox, Cancellation cancellation) throws IOException {
        cancellation.check();
        ProcessBuilder builder = new ProcessBuilder(monitor(record, sandbox));
        builder.environment().clear();
        builder.environment().put("PATH", Tools.PATH);
        builder.environment().put("_OCI_SYNCPIPE", "3");
        builder.directory(record.directory().toFile());
        builder.redirectError(record.file("monitor.log").toFile());
        String answer;
        // A monitor that hangs holds the pipe open: ending it ends the wait.
        try (Tools.Deadline deadline = tools.deadline(CREATE_TIMEOUT, () -> endMonitor(record));
                BufferedReader reader = builder.start().inputReader(StandardCharsets.UTF_8)) {
            answer = reader.readLine();
            if (deadline.passed()) {
                throw new IOException("the container was not created within " + CREATE_TIMEOUT);
            }
        }
        cancellation.check();
        JsonNode parsed = answer == null || answer.isBlank()
                ? Json.mapper().nullNode()
                : Json.mapper().readTree(answer);
        long pid = parsed.path("data").asLong(-1);
        if (pid <= 0) {
            throw new IOException(words(record, parsed.path("message").asText("the container could not be created")));
        }
        return pid;
    }

    private List<String> monitor(ContainerRecord record, Path sandbox) {
        List<String> argv = new ArrayList<>(List.of(
                "/bin/sh",
                "-c",
                WRAPPER,
                "monitor",
                sandbox.resolve(SandboxHook.STDOUT).toString(),
                sandbox.resolve(SandboxHook.STDERR).toString(),
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
                "-l",
                "passthrough",
                "--log-level",
                "error"));
        for (String argument :
                runtime.command(record.file(LOG)).stream().skip(1).toList()) {
            argv.add("--runtime-arg");
            argv.add(argument);
        }
        return argv;
    }

    private static void endMonitor(ContainerRecord record) {
        try {
            long pid = Long.parseLong(Files.readString(record.file(MONITOR_PID)).strip());
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        } catch (IOException | NumberFormatException e) {
            // It did not get as far as to write its id, and has ended by itself.
        }
    }

    /** The runtime's own words, if it left any. */
    private static String words(ContainerRecord record, String otherwise) throws IOException {
        Path log = record.file(LOG);
        String text = Files.exists(log) ? Files.readString(log).strip() : "";
        return text.isEmpty() ? otherwise : text;
    }

    @Override
    public void cleanup(ContainerRecord record) throws IOException {
        String group = groups.of(record);
        if (group != null) {
            empty(record, group);
        }
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
