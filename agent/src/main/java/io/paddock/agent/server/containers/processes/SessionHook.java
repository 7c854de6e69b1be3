package io.paddock.agent.server.containers.processes;

import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.engine.ContainerRecord;
import io.paddock.agent.server.containers.engine.Hook;
import io.paddock.agent.server.containers.engine.Launch;
import io.paddock.agent.server.containers.recipe.CommandLine;
import io.paddock.agent.server.containers.recipe.SandboxHook;
import io.paddock.agent.server.containers.recipe.Secrets;
import io.paddock.agent.server.containers.recipe.Terminal;
import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.agent.server.containers.tools.ToolCall;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.agent.server.containers.tools.UserIdentity;
import io.paddock.platform.linux.Linux;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.TTYInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/** Starts the command in a session of its own. */
final class SessionHook implements Hook {
    /**
     * The outer shell only passes on the answer: the id of the command's process. The watching shell leads the session,
     * survives the agent and writes the exit code. The innermost one becomes the command; it runs in the foreground since a
     * shell lets its background commands ignore interrupts.
     */
    private static final String SCRIPT = """
            setsid --fork /bin/sh -c '
              directory=$1 in=$2 out=$3 err=$4 exit=$5; shift 5
              echo $$ >"$directory/leader.new" && mv "$directory/leader.new" "$directory/leader"
              exec >>"$out" 2>>"$err" <>"$in"
              /bin/sh -c '\\''echo $$ >&3; exec 3>&-; exec "$@"'\\'' command "$@"
              code=$?
              echo $code >"$exit.new" && mv "$exit.new" "$exit"
            ' watch "$@" 3>&1 >/dev/null 2>&1 </dev/null | { read -r answer; echo "$answer"; }
            """;

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Tools tools;
    private final Secrets secrets;

    SessionHook(Tools tools, Secrets secrets) {
        this.tools = tools;
        this.secrets = secrets;
    }

    @Override
    public String name() {
        return "process";
    }

    @Override
    public void prepare(Launch launch) throws IOException {
        ContainerSpec spec = launch.spec();
        if (spec.command().isEmpty()) {
            return;
        }
        CommandInfo command = spec.command().get();
        ContainerRecord record = launch.record();
        Optional<TTYInfo> terminal =
                spec.container().filter(ContainerInfo::hasTtyInfo).map(ContainerInfo::getTtyInfo);
        List<String> argv = new ArrayList<>(List.of(
                "/bin/sh",
                "-c",
                SCRIPT,
                "launch",
                record.directory().toString(),
                terminal.isPresent() ? pipe(record) : "/dev/null",
                spec.sandbox().resolve(SandboxHook.STDOUT).toString(),
                spec.sandbox().resolve(SandboxHook.STDERR).toString(),
                record.exitCodeFile().toString()));
        List<String> inner = new ArrayList<>(asUser(spec));
        inner.addAll(CommandLine.arguments(command, null, null));
        argv.addAll(terminal.isPresent() ? Terminal.around(inner, terminal.get(), record.file(Terminal.NAME)) : inner);
        String answer = tools.run(
                ToolCall.of(argv).in(spec.sandbox()).with(environment(launch, command, secrets)), new Cancellation());
        try {
            launch.startedAs(Long.parseLong(answer.strip()));
        } catch (NumberFormatException e) {
            throw new IOException("the command's process did not start: " + answer, e);
        }
    }

    private String pipe(ContainerRecord record) throws IOException {
        Linux.makePipe(record.file(TerminalInput.PIPE));
        return record.file(TerminalInput.PIPE).toString();
    }

    private static List<String> asUser(ContainerSpec spec) throws IOException {
        String self = System.getProperty("user.name");
        String user = spec.hostUser().orElse(self);
        if (user.equals(self)) {
            return List.of();
        }
        if (!self.equals("root")) {
            throw new IOException("the agent runs as " + self + " and cannot run a command as " + user);
        }
        UserIdentity identity = UserIdentity.ofHost(user);
        String groups = identity.groups().stream().map(String::valueOf).collect(Collectors.joining(","));
        return List.of(
                "setpriv",
                "--reuid=" + identity.uid(),
                "--regid=" + identity.gid(),
                groups.isEmpty() ? "--clear-groups" : "--groups=" + groups,
                "--");
    }

    static Map<String, String> environment(Launch launch, CommandInfo command, Secrets secrets) throws IOException {
        Map<String, String> variables = new LinkedHashMap<>(launch.spec().environment());
        variables.put("MESOS_SANDBOX", launch.spec().sandbox().toString());
        variables.putAll(CommandLine.environment(command, secrets));
        variables.put(Session.MARK, launch.record().directory().toString());
        return variables;
    }

    @Override
    public void cleanup(ContainerRecord record) throws IOException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!Session.members(record).isEmpty()) {
            if (System.nanoTime() > deadline) {
                throw new IOException(record + " still has processes " + Session.members(record));
            }
            for (long pid : Session.members(record)) {
                ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        Files.deleteIfExists(record.exitCodeFile().resolveSibling(record.name() + ".new"));
    }
}
