package io.paddock.agent.server.containers.processes;

import io.paddock.agent.server.containers.ContainerInput;
import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.ExecSession;
import io.paddock.agent.server.containers.ExecSpec;
import io.paddock.agent.server.containers.Exit;
import io.paddock.agent.server.containers.Facilities;
import io.paddock.agent.server.containers.Limits;
import io.paddock.agent.server.containers.LocalImage;
import io.paddock.agent.server.containers.SignalScope;
import io.paddock.agent.server.containers.engine.ContainerRecord;
import io.paddock.agent.server.containers.engine.Hook;
import io.paddock.agent.server.containers.engine.Isolation;
import io.paddock.agent.server.containers.engine.Launch;
import io.paddock.agent.server.containers.fetch.Fetcher;
import io.paddock.agent.server.containers.recipe.CommandLine;
import io.paddock.agent.server.containers.recipe.FetchHook;
import io.paddock.agent.server.containers.recipe.ProcessSession;
import io.paddock.agent.server.containers.recipe.SandboxHook;
import io.paddock.agent.server.containers.recipe.Secrets;
import io.paddock.agent.server.containers.recipe.Terminal;
import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.agent.server.containers.tools.Durable;
import io.paddock.agent.server.containers.tools.Processes;
import io.paddock.agent.server.containers.tools.SignalSender;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.proto.v1.ResourceStatistics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Containers that are only sessions of processes: no namespaces, no control groups, the host's files and network. */
public final class ProcessIsolation implements Isolation {
    private static final Path NOTHING = Path.of("/dev/null");

    private final Facilities facilities;
    private final SignalSender signals;
    private final Path sessions;
    private final Secrets secrets;
    private final List<Hook> recipe;
    private final Fetcher fetcher;
    private final Clock clock = Clock.systemUTC();

    /**
     * @param missing why nothing can be isolated, a sentence each
     * @param sessions directory for the short-lived files of further processes
     */
    public ProcessIsolation(List<String> missing, Path sessions, Fetcher fetcher, Secrets secrets, Tools tools) {
        this.secrets = secrets;
        List<String> warnings = new ArrayList<>();
        warnings.add(
                "NO ISOLATION: tasks run as plain processes that see each other, and their resources are not bounded");
        warnings.addAll(missing);
        this.facilities = new Facilities("processes", "none", false, List.of(), warnings);
        this.signals = new SignalSender(tools);
        this.sessions = sessions;
        this.fetcher = fetcher;
        String reason = missing.isEmpty() ? "by configuration" : String.join(", ", missing);
        this.recipe = List.of(
                new RefusalHook(reason), new SandboxHook(), new FetchHook(fetcher), new SessionHook(tools, secrets));
    }

    @Override
    public Facilities facilities() {
        return facilities;
    }

    @Override
    public void open(List<ContainerRecord> halfLaunched) throws IOException {
        for (ContainerRecord record : halfLaunched) {
            String directory = record.directory().toString();
            Processes.withArguments(arguments -> arguments.contains(directory)).forEach(ProcessHandle::destroyForcibly);
        }
    }

    @Override
    public List<Hook> recipe() {
        return recipe;
    }

    @Override
    public Launch launch(ContainerSpec spec, ContainerRecord record, Cancellation cancellation) {
        return new Launch(spec, record, cancellation);
    }

    @Override
    public void signal(ContainerRecord record, ContainerRecord.Started started, int signal, SignalScope scope)
            throws IOException {
        signals.send(
                signal,
                scope == SignalScope.COMMAND ? List.of(started.process().pid()) : List.copyOf(Session.members(record)));
    }

    @Override
    public void kill(ContainerRecord record) throws IOException {
        for (long pid : Session.members(record)) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    @Override
    public ContainerInput input(ContainerRecord record) throws IOException {
        return TerminalInput.open(record.directory());
    }

    @Override
    public Optional<Exit.Limitation> limitation(ContainerRecord record, ContainerSpec spec) {
        return Optional.empty();
    }

    @Override
    public ExecSession exec(
            ContainerRecord record, ContainerSpec container, ContainerRecord.Started started, ExecSpec spec)
            throws IOException {
        List<String> argv = CommandLine.arguments(spec.command(), null, null);
        if (spec.silent()) {
            return ProcessSession.startSilent(process(argv, record, container, spec), NOTHING);
        }
        Durable.createPrivate(sessions);
        Path own = Files.createTempDirectory(sessions, "session");
        if (spec.terminal().isPresent()) {
            argv = Terminal.around(argv, spec.terminal().get(), own.resolve(Terminal.NAME));
        }
        return ProcessSession.start(process(argv, record, container, spec), own);
    }

    private ProcessBuilder process(List<String> argv, ContainerRecord record, ContainerSpec container, ExecSpec spec)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(argv);
        builder.environment().clear();
        builder.environment().put("PATH", Tools.PATH);
        builder.environment()
                .putAll(SessionHook.environment(
                        new Launch(container, record, new Cancellation()),
                        container.command().orElse(spec.command()),
                        secrets));
        builder.environment().putAll(spec.environment());
        builder.environment().putAll(CommandLine.environment(spec.command(), secrets));
        return builder.directory(container.sandbox().toFile());
    }

    @Override
    public void update(ContainerRecord record, ContainerSpec spec, Limits limits) {
        // Nothing is bounded, so there is nothing to change.
    }

    @Override
    public ResourceStatistics statistics(ContainerRecord record, ContainerSpec spec, ContainerRecord.Started started)
            throws IOException {
        Instant now = clock.instant();
        ResourceStatistics.Builder statistics = ResourceStatistics.newBuilder()
                .setTimestamp(now.getEpochSecond() + now.getNano() / 1e9)
                .setCpusLimit(spec.limits().cpus());
        Processes.Usage sum = Processes.usage(Session.members(record));
        return statistics
                .setProcesses(sum.processes())
                .setThreads(sum.threads())
                .setCpusUserTimeSecs(sum.userSeconds())
                .setCpusSystemTimeSecs(sum.systemSeconds())
                .setMemRssBytes(sum.residentBytes())
                .build();
    }

    @Override
    public Map<String, Number> metrics() {
        return fetcher.metrics();
    }

    @Override
    public List<LocalImage> images() {
        return List.of();
    }

    @Override
    public LocalImage pull(String image) throws IOException {
        throw new IOException("image " + image + " cannot be pulled: this agent runs plain processes, without images");
    }

    @Override
    public long pruneImages(List<String> excludedImages) {
        return 0;
    }

    @Override
    public void upkeep() {}

    @Override
    public void close() {}
}
