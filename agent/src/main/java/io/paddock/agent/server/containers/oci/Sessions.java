package io.paddock.agent.server.containers.oci;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.ExecSession;
import io.paddock.agent.server.containers.ExecSpec;
import io.paddock.agent.server.containers.engine.ContainerRecord;
import io.paddock.agent.server.containers.recipe.CommandLine;
import io.paddock.agent.server.containers.recipe.ProcessSession;
import io.paddock.agent.server.containers.recipe.Secrets;
import io.paddock.agent.server.containers.recipe.Terminal;
import io.paddock.agent.server.containers.tools.Durable;
import io.paddock.agent.server.containers.tools.Processes;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.agent.server.containers.tools.UserIdentity;
import io.paddock.platform.json.Json;
import io.paddock.platform.linux.ConnectedProgram;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.TTYInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Starts further processes in running containers. */
final class Sessions {
    private static final String DEPTH = "SHLVL=";
    private static final String EXEC = "exec";
    private static final String DESCRIBED_BY = "--process";

    private final RuntimePrograms runtime;
    private final Path directory;
    private final Secrets secrets;
    private final KeptShells shells;

    /** @param directory for the short-lived files of each session */
    Sessions(RuntimePrograms runtime, Path directory, Secrets secrets, KeptShells shells) {
        this.shells = shells;
        this.runtime = runtime;
        this.directory = directory;
        this.secrets = secrets;
    }

    /**
     * Ends what was started for an earlier agent of this work directory, with which all streams have ended. Reads all of
     * {@code /proc}.
     */
    void endThoseBefore() throws IOException {
        Path workDir = directory.getParent();
        Processes.killTrees(arguments -> {
            int description = arguments.indexOf(DESCRIBED_BY) + 1;
            return arguments.contains(EXEC)
                    && description > 0
                    && description < arguments.size()
                    && Path.of(arguments.get(description)).startsWith(workDir);
        });
        Durable.deleteTree(directory);
    }

    ExecSession start(ContainerRecord record, ContainerSpec container, ContainerRecord.Started started, ExecSpec spec)
            throws IOException {
        List<String> entering = entering(record, started);
        if (spec.silent()) {
            return keepsShells() && spec.command().getShell()
                    ? shells.run(record, spec, new ByShell(entering, record, container, spec))
                    : silently(entering, record, container, spec);
        }
        Durable.createPrivate(directory);
        Path own = Files.createTempDirectory(directory, "session");
        try {
            List<String> argv = inContainer(record, container, own, spec);
            if (spec.terminal().isPresent()) {
                argv = Terminal.around(argv, spec.terminal().get(), own.resolve(Terminal.NAME));
            }
            return ProcessSession.start(process(entering, argv), own);
        } catch (IOException | RuntimeException e) {
            Durable.deleteTree(own);
            throw e;
        }
    }

    /** runc does not give its streams to what it starts, unless it leaves that to the host's process 1. */
    private boolean keepsShells() {
        return runtime.name().equals("crun");
    }

    /** A shell command that is repeated. */
    private final class ByShell implements KeptShells.Ways {
        private final List<String> entering;
        private final ContainerRecord record;
        private final ContainerSpec container;
        private final ExecSpec spec;

        ByShell(List<String> entering, ContainerRecord record, ContainerSpec container, ExecSpec spec) {
            this.entering = entering;
            this.record = record;
            this.container = container;
            this.spec = spec;
        }

        @Override
        public ConnectedProgram shell(String name, Path file, Path meeting) throws IOException {
            ObjectNode process = description(record, container, spec);
            String depth = null;
            for (JsonNode variable : process.path("env")) {
                if (variable.asText().startsWith(DEPTH)) {
                    depth = variable.asText().substring(DEPTH.length());
                }
            }
            ArrayNode arguments = process.putArray("args");
            KeptShell.arguments(spec.command().getValue(), process.path("cwd").asText(), name, depth)
                    .forEach(arguments::add);
            Durable.writePrivate(file, Json.bytes(process));
            List<String> argv = new ArrayList<>(entering);
            argv.addAll(runtime.command());
            argv.addAll(List.of(EXEC, DESCRIBED_BY, file.toString(), record.name()));
            return ConnectedProgram.start(argv, environment(), meeting);
        }

        @Override
        public ExecSession alone() throws IOException {
            return silently(entering, record, container, spec);
        }
    }

    /** What was created from inside of its network is entered from there. */
    private List<String> entering(ContainerRecord record, ContainerRecord.Started started) throws IOException {
        Optional<Path> network = started.launched().namespace();
        if (network.isEmpty() || runtime.entering().isEmpty()) {
            return List.of();
        }
        for (JsonNode namespace : config(record).at("/linux/namespaces")) {
            if (namespace.path("type").asText().equals(OciConfig.NETWORK)) {
                return List.of();
            }
        }
        return runtime.inNetwork(network);
    }

    private static JsonNode config(ContainerRecord record) throws IOException {
        return Json.mapper().readTree(Files.readAllBytes(record.file("config.json")));
    }

    private ProcessBuilder process(List<String> entering, List<String> command) {
        List<String> argv = new ArrayList<>(entering);
        argv.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(argv);
        builder.environment().clear();
        builder.environment().putAll(environment());
        return builder.directory(Path.of("/").toFile());
    }

    private Map<String, String> environment() {
        return Map.of(
                "PATH",
                Tools.PATH,
                "TERM",
                "xterm",
                "TMPDIR",
                runtime.temporary().toString());
    }

    private List<String> inContainer(ContainerRecord record, ContainerSpec container, Path own, ExecSpec spec)
            throws IOException {
        Path file = own.resolve("process.json");
        Durable.writePrivate(file, Json.bytes(description(record, container, spec)));
        List<String> argv = runtime.command(own.resolve(ProcessSession.RUNTIME_LOG));
        argv.addAll(List.of(
                EXEC,
                DESCRIBED_BY,
                file.toString(),
                "--pid-file",
                own.resolve(Terminal.PID).toString(),
                record.name()));
        return argv;
    }

    /** These are repeated for as long as the container runs, so that what describes them is written once. */
    private ExecSession silently(List<String> entering, ContainerRecord record, ContainerSpec container, ExecSpec spec)
            throws IOException {
        Path file =
                record.file("silent-" + UUID.nameUUIDFromBytes(spec.command().toByteArray()) + ".json");
        if (!Files.exists(file)) {
            Path fresh = Files.createTempFile(record.directory(), "silent", ".new");
            Files.write(fresh, Json.bytes(description(record, container, spec)));
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        }
        List<String> argv = runtime.command();
        argv.addAll(List.of(EXEC, DESCRIBED_BY, file.toString(), record.name()));
        return ProcessSession.startSilent(process(entering, argv), runtime.nothing());
    }

    /** Like the container's own process, but for what is asked. */
    private ObjectNode description(ContainerRecord record, ContainerSpec container, ExecSpec spec) throws IOException {
        ObjectNode process = (ObjectNode) config(record).get("process");
        ArrayNode arguments = process.putArray("args");
        CommandLine.arguments(
                        spec.command(),
                        null,
                        container.container().map(ContainerInfo::getType).orElse(null))
                .forEach(arguments::add);
        ArrayNode variables = process.withArray("env");
        Map<String, String> environment = new LinkedHashMap<>(spec.environment());
        environment.putAll(CommandLine.environment(spec.command(), secrets));
        environment.forEach((name, value) -> variables.add(name + "=" + value));
        process.put("terminal", spec.terminal().isPresent());
        process.remove("consoleSize");
        if (spec.terminal().isPresent()) {
            TTYInfo.WindowSize size = Terminal.size(spec.terminal().get());
            process.putObject("consoleSize").put("height", size.getRows()).put("width", size.getColumns());
            variables.add("TERM=xterm");
        }
        if (spec.command().hasUser() && !spec.command().getUser().isEmpty()) {
            String name = spec.command().getUser();
            OciConfig.user(
                    process, container.hasImage() ? UserIdentity.find(root(record), name) : UserIdentity.ofHost(name));
        }
        return process;
    }

    private static Path root(ContainerRecord record) {
        Path own = record.file("rootfs");
        return Files.isDirectory(own) ? own : Path.of("/");
    }
}
