package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.agent.server.containers.tools.Durable;
import io.paddock.agent.server.containers.tools.Mounts;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.ContainerInfo;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Real containers in a work directory of their own, and the traces they leave on the machine: opened where they are needed, or
 * registered by a class as an extension that gives them to each of its tests.
 */
final class RunningContainers implements AutoCloseable, BeforeEachCallback, AfterEachCallback {
    private static final String GUARD = "paddock-output-guard";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    Path workDir;
    private final UnaryOperator<ContainersOptions> settings;
    private final boolean isolated;
    private ExecutorService blocking = Executors.newFixedThreadPool(8);
    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    private final AtomicInteger counter = new AtomicInteger();
    private Containers containers;
    private List<Recovered> recovered = List.of();

    private RunningContainers(UnaryOperator<ContainersOptions> settings, boolean isolated) {
        this.settings = settings;
        this.isolated = isolated;
    }

    /** Skips the test, with the reason, where containers cannot be isolated. */
    static RunningContainers isolated() throws Exception {
        return isolated(options -> options);
    }

    static RunningContainers isolated(UnaryOperator<ContainersOptions> settings) throws Exception {
        return isolatedForEachTest(settings).openedIn(Files.createTempDirectory("paddock-containers"));
    }

    /** @param workDir empty */
    static RunningContainers isolated(Path workDir, UnaryOperator<ContainersOptions> settings) throws Exception {
        return isolatedForEachTest(settings).openedIn(workDir);
    }

    static RunningContainers processes() throws Exception {
        return processesForEachTest().openedIn(Files.createTempDirectory("paddock-containers"));
    }

    /** To be registered; skips the tests, with the reason, where containers cannot be isolated. */
    static RunningContainers isolatedForEachTest() {
        return isolatedForEachTest(options -> options);
    }

    static RunningContainers isolatedForEachTest(UnaryOperator<ContainersOptions> settings) {
        return new RunningContainers(settings, true);
    }

    static RunningContainers processesForEachTest() {
        return new RunningContainers(options -> options.withRuntime("processes"), false);
    }

    @Override
    public void beforeEach(ExtensionContext test) throws Exception {
        openedIn(Files.createTempDirectory("paddock-containers"));
    }

    @Override
    public void afterEach(ExtensionContext test) throws Exception {
        if (containers != null) {
            close();
        }
    }

    private RunningContainers openedIn(Path directory) throws Exception {
        workDir = directory;
        try {
            open();
        } catch (IOException e) {
            blocking.shutdownNow();
            timers.shutdownNow();
            Durable.deleteTree(directory);
            throw e;
        }
        if (isolated && !containers.facilities().isolating()) {
            List<String> warnings = containers.facilities().warnings();
            close();
            containers = null;
            Assumptions.abort("containers cannot be isolated here: " + String.join("; ", warnings));
        }
        return this;
    }

    private void open() throws Exception {
        ContainersOptions options = settings.apply(ContainersOptions.defaults(workDir));
        containers = NativeContainers.start(options, blocking, timers);
        recovered = get(containers.recover());
    }

    /** What a new process finds after the death of the old one, which is forgotten without any farewell. */
    List<Recovered> restart() throws Exception {
        blocking.shutdownNow();
        blocking = Executors.newFixedThreadPool(8);
        open();
        return recovered;
    }

    Containers containers() {
        return containers;
    }

    ScheduledExecutorService timers() {
        return timers;
    }

    /** One that no {@link #tag} contains. */
    ContainerID newId() {
        return ContainerIds.of("task" + counter.incrementAndGet());
    }

    ContainerSpec shell(String script) {
        return shell(script, Limits.NONE);
    }

    ContainerSpec shell(String script, Limits limits) {
        return spec(Optional.of(sh(script)), Optional.empty(), limits);
    }

    ContainerSpec spec(Optional<CommandInfo> command, Optional<ContainerInfo> container, Limits limits) {
        ContainerID id = newId();
        return new ContainerSpec(
                id,
                command,
                container,
                Map.of("GREETING", "hello"),
                Optional.empty(),
                workDir.resolve("sandboxes").resolve(ContainerIds.text(id)),
                limits,
                List.of());
    }

    /** The same with these mounts. */
    static ContainerSpec mounting(ContainerSpec plain, ContainerSpec.Mount... mounts) {
        return new ContainerSpec(
                plain.id(),
                plain.command(),
                plain.container(),
                plain.environment(),
                plain.user(),
                plain.sandbox(),
                plain.limits(),
                List.of(mounts));
    }

    /** One nested in another, on the host's files, without limits of its own. */
    static ContainerSpec nested(ContainerSpec parent, String name, String script) {
        return nested(parent, name, sh(script), Optional.empty(), Limits.NONE);
    }

    /** One nested in another, with its environment. */
    static ContainerSpec nested(
            ContainerSpec parent, String name, CommandInfo command, Optional<ContainerInfo> container, Limits limits) {
        return new ContainerSpec(
                ContainerIds.nested(parent.id(), name),
                Optional.of(command),
                container,
                parent.environment(),
                Optional.empty(),
                parent.sandbox().resolve("containers").resolve(name),
                limits,
                List.of());
    }

    static CommandInfo sh(String script) {
        return CommandInfo.newBuilder().setValue(script).build();
    }

    Launched launch(ContainerSpec spec) throws Exception {
        return get(containers.launch(spec));
    }

    /** The launch must fail, and leaves nothing. */
    LaunchFailure refused(ContainerSpec spec) throws Exception {
        try {
            get(containers.launch(spec));
        } catch (ExecutionException e) {
            assertThat(e).hasCauseInstanceOf(LaunchFailure.class);
            assertThat(containers.list()).doesNotContain(spec.id());
            return (LaunchFailure) e.getCause();
        }
        throw new AssertionError(spec + " was launched");
    }

    Exit run(ContainerSpec spec) throws Exception {
        launch(spec);
        return get(containers.exited(spec.id()));
    }

    Exit exit(ContainerSpec spec) throws Exception {
        return get(containers.exited(spec.id()));
    }

    void destroy(ContainerSpec spec) throws Exception {
        get(containers.destroy(spec.id()));
    }

    static <T> T get(CompletionStage<T> stage) throws InterruptedException, ExecutionException, TimeoutException {
        return stage.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    static String stdout(ContainerSpec spec) throws IOException {
        return Files.readString(spec.sandbox().resolve("stdout"));
    }

    static String stderr(ContainerSpec spec) throws IOException {
        return Files.readString(spec.sandbox().resolve("stderr"));
    }

    static void awaitOutput(ContainerSpec spec, String text) {
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(stdout(spec)).contains(text));
    }

    /** Everything on the machine that carries this work directory's names. */
    List<String> traces() throws IOException {
        String tag = tag();
        List<String> traces = new ArrayList<>();
        for (Mounts.Mount mount : Mounts.list()) {
            if (mount.point().startsWith(workDir) || mount.point().toString().contains(tag)) {
                traces.add("mount " + mount.point());
            }
        }
        for (String hierarchies : List.of("/sys/fs/cgroup", "/run/paddock/" + tag + "/cgroup")) {
            if (Files.exists(Path.of(hierarchies))) {
                groups(Path.of(hierarchies), 3).stream()
                        .filter(path -> path.endsWith(tag))
                        .forEach(path -> traces.add("cgroup " + path));
            }
        }
        if (Files.exists(Path.of("/run/paddock", tag))) {
            traces.add("directory /run/paddock/" + tag);
        }
        for (String rule : RunningTools.output("iptables-save").lines().toList()) {
            if (rule.contains(tag)) {
                traces.add("rule " + rule);
            }
        }
        if (Files.exists(Path.of("/sys/class/net/pdk" + tag))) {
            traces.add("bridge pdk" + tag);
        }
        commandLines()
                .filter(commandLine -> !commandLine.contains(GUARD))
                .forEach(commandLine -> traces.add("process " + commandLine));
        try (Stream<Path> records = Files.list(workDir.resolve("containers"))) {
            records.forEach(path -> traces.add("record " + path));
        }
        return traces;
    }

    /** The guards of this work directory's outputs. */
    long guards() {
        // Not those that a guard starts and that are the same program for a moment.
        return ProcessHandle.allProcesses()
                .filter(this::isGuard)
                .filter(guard -> guard.parent().filter(this::isGuard).isEmpty())
                .count();
    }

    private boolean isGuard(ProcessHandle process) {
        String commandLine = process.info().commandLine().orElse("");
        return commandLine.contains(GUARD) && commandLine.contains(workDir.toString());
    }

    private Stream<String> commandLines() {
        return ProcessHandle.allProcesses()
                .map(process -> process.info().commandLine().orElse(""))
                .filter(commandLine -> commandLine.contains(workDir.toString()));
    }

    /** The directories down to a depth; those of others come and go meanwhile. */
    private static List<Path> groups(Path root, int depth) {
        List<Path> found = new ArrayList<>(List.of(root));
        try (DirectoryStream<Path> children = Files.newDirectoryStream(root, Files::isDirectory)) {
            for (Path child : children) {
                found.addAll(depth > 1 ? groups(child, depth - 1) : List.of(child));
            }
        } catch (IOException | DirectoryIteratorException e) {
            // Gone.
        }
        return found;
    }

    String tag() {
        try {
            byte[] hash = java.security.MessageDigest.getInstance("SHA-256")
                    .digest(workDir.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
            return java.util.HexFormat.of().formatHex(hash).substring(0, 8);
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Destroys everything; then nothing may be left on the machine. */
    @Override
    public void close() throws Exception {
        try {
            List<CompletableFuture<Void>> destroyed = new ArrayList<>();
            for (ContainerID id : containers.list()) {
                destroyed.add(containers.destroy(id).toCompletableFuture());
            }
            get(CompletableFuture.allOf(destroyed.toArray(CompletableFuture[]::new)));
            containers.close();
            Awaitility.await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
                assertThat(traces()).isEmpty();
                assertThat(guards()).isZero();
            });
        } finally {
            blocking.shutdownNow();
            timers.shutdownNow();
        }
        Durable.deleteTree(workDir);
    }
}
