package io.paddock.agent.server.containers.oci;

import com.sun.management.UnixOperatingSystemMXBean;
import io.paddock.agent.server.containers.ContainerInput;
import io.paddock.agent.server.containers.ContainerPolicy;
import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.ExecSession;
import io.paddock.agent.server.containers.ExecSpec;
import io.paddock.agent.server.containers.Exit;
import io.paddock.agent.server.containers.Facilities;
import io.paddock.agent.server.containers.Limits;
import io.paddock.agent.server.containers.LocalImage;
import io.paddock.agent.server.containers.SignalScope;
import io.paddock.agent.server.containers.cgroups.CgroupBounds;
import io.paddock.agent.server.containers.cgroups.Cgroups;
import io.paddock.agent.server.containers.engine.ContainerRecord;
import io.paddock.agent.server.containers.engine.Hook;
import io.paddock.agent.server.containers.engine.Isolation;
import io.paddock.agent.server.containers.engine.Launch;
import io.paddock.agent.server.containers.fetch.Fetcher;
import io.paddock.agent.server.containers.images.ImageStore;
import io.paddock.agent.server.containers.recipe.FetchHook;
import io.paddock.agent.server.containers.recipe.SandboxHook;
import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.agent.server.containers.tools.Processes;
import io.paddock.agent.server.containers.tools.SignalSender;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.common.Signals;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.ResourceStatistics;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.Value;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Containers in namespaces and control groups of their own. */
public final class OciIsolation implements Isolation {
    private static final Duration CREATION_TIMEOUT = Duration.ofSeconds(10);
    private static final double MEGABYTE = 1 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(OciIsolation.class);

    private final Facilities facilities;
    private final RuntimePrograms runtime;
    private final Cgroups cgroups;
    private final Groups groups;
    private final HostSetup host;
    private final SignalSender signals;
    private final ShellRemains remains;
    private final KeptShells shells;
    private final Sessions sessions;
    private final Statistics statistics;
    private final ImageStore images;
    private final Fetcher fetcher;
    private final LimitsHook limitsHook;
    private final TerminalLogs terminals;
    private final PressureHook pressure;
    private final NetworkHook network;
    private final List<Hook> recipe;

    OciIsolation(Facilities facilities, Parts parts) {
        Machine machine = parts.machine();
        Tools tools = parts.tools();
        this.facilities = facilities;
        this.runtime = parts.runtime();
        this.cgroups = parts.cgroups();
        this.groups = new Groups(machine);
        this.host = parts.host();
        this.signals = new SignalSender(tools);
        this.remains = new ShellRemains(cgroups, groups);
        this.shells = new KeptShells(machine.temporary(), remains, parts.blocking());
        this.sessions = new Sessions(parts.runtime(), parts.sessionsDirectory(), parts.secrets(), shells);
        this.images = parts.images();
        this.fetcher = parts.fetcher();
        this.pressure = new PressureHook(cgroups, groups, mostDescriptors());
        this.statistics = new Statistics(cgroups, groups, pressure);
        this.limitsHook = new LimitsHook(cgroups, groups, parts.defaultPids());
        this.terminals = new TerminalLogs(parts.outputBytes());
        ContainerPolicy policy = parts.policy();
        SystemCalls systemCalls = new SystemCalls(policy.seccompDir());
        HeldPaths held = new HeldPaths(machine.secrets());
        HostPaths hostPaths = new HostPaths(policy, held);
        ImageMounts imageMounts = new ImageMounts(images, machine.openRoots(), parts.secrets(), tools);
        this.network = new NetworkHook(parts.networks(), policy.dns());
        this.recipe = List.of(
                new SandboxHook(),
                new NestedSandboxHook(machine.nestedSandboxes()),
                new FetchHook(parts.fetcher()),
                new ImageHook(imageMounts, policy),
                new HostFilesHook(machine),
                new SharingHook(machine, policy, tools),
                new DevicesHook(policy, machine.workDir().resolve("containers")),
                new VolumesHook(machine.secrets(), held, parts.secrets(), hostPaths, imageMounts),
                network,
                limitsHook,
                new CommandHook(parts.runtime().inits(), parts.secrets()),
                new PrivilegesHook(parts.capabilities(), systemCalls, policy),
                new ParametersHook(systemCalls, policy, hostPaths),
                new MonitorHook(parts.runtime(), tools, cgroups, groups, terminals, shells, policy.launchTimeout()),
                pressure);
    }

    private static long mostDescriptors() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                ? system.getMaxFileDescriptorCount()
                : 0;
    }

    @Override
    public Facilities facilities() {
        return facilities;
    }

    @Override
    public void open(List<ContainerRecord> halfLaunched) throws IOException {
        host.open();
        sessions.endThoseBefore();
        if (halfLaunched.isEmpty()) {
            return;
        }
        Set<String> bundles = Set.copyOf(halfLaunched.stream()
                .map(record -> record.directory().toString())
                .toList());
        Processes.end(arguments -> arguments.stream().anyMatch(bundles::contains), CREATION_TIMEOUT);
    }

    @Override
    public List<String> inMemory() throws IOException {
        return runtime.containers();
    }

    @Override
    public void resume(ContainerRecord record, ContainerSpec spec) {
        if (spec.hasTerminal()) {
            terminals.resume(record, record.sandbox());
        }
        pressure.count(record);
        network.resume(record);
        try {
            remains.kill(record);
        } catch (IOException e) {
            LOG.warn("{}: what an earlier agent checked may go on: {}", record, e.toString());
        }
    }

    @Override
    public void drain(ContainerRecord record) throws IOException {
        terminals.drain(record);
    }

    @Override
    public ContainerInput input(ContainerRecord record) throws IOException {
        return MonitoredInput.open(record);
    }

    @Override
    public List<Hook> recipe() {
        return recipe;
    }

    @Override
    public Set<String> exclusive(ContainerSpec spec) {
        return NetworkHook.hostPorts(spec);
    }

    @Override
    public Launch launch(ContainerSpec spec, ContainerRecord record, Cancellation cancellation) {
        return new OciLaunch(spec, record, cancellation);
    }

    @Override
    public void signal(ContainerRecord record, ContainerRecord.Started started, int signal, SignalScope scope)
            throws IOException {
        long init = started.process().pid();
        if (signal == Signals.SIGKILL && scope == SignalScope.TREE) {
            kill(record);
        } else if (scope == SignalScope.COMMAND) {
            signals.sendToInit(signal, init);
        } else {
            List<Long> others = cgroups.processes(groups.of(record)).stream()
                    .filter(pid -> pid != init)
                    .toList();
            // The init passes a signal on to the command, which would get it twice, unless it has not begun yet.
            if (others.isEmpty()) {
                signals.sendToInit(signal, init);
            } else {
                signals.send(signal, others);
            }
        }
    }

    @Override
    public void kill(ContainerRecord record) throws IOException {
        cgroups.kill(groups.of(record));
    }

    @Override
    public List<Path> written(ContainerRecord record) throws IOException {
        return ImageMounts.written(record);
    }

    @Override
    public Optional<Exit.Limitation> limitation(ContainerRecord record, ContainerSpec spec) throws IOException {
        String group = groups.of(record);
        if (cgroups.oomKills(group) == 0) {
            return Optional.empty();
        }
        double peakMegabytes = cgroups.peakMemoryBytes(group) / MEGABYTE;
        String message =
                memoryExceeded(memoryLimitBytes(group, spec) / MEGABYTE, peakMegabytes, cgroups.oomKills(group));
        Resource memory = Resource.newBuilder()
                .setName("mem")
                .setType(Value.Type.SCALAR)
                .setScalar(Value.Scalar.newBuilder().setValue(peakMegabytes))
                .build();
        return Optional.of(
                new Exit.Limitation(TaskStatus.Reason.REASON_CONTAINER_LIMITATION_MEMORY, message, List.of(memory)));
    }

    /** @param limitMegabytes 0 when it is not known */
    static String memoryExceeded(double limitMegabytes, double peakMegabytes, long kills) {
        String limit = limitMegabytes > 0 ? String.format(Locale.ROOT, "limit %.1f MB, ", limitMegabytes) : "";
        return String.format(
                Locale.ROOT,
                "Memory limit exceeded: %shighest use %.1f MB; the kernel killed %d process(es)",
                limit,
                peakMegabytes,
                kills);
    }

    /** A container without a bound of its own shares that of the group above. */
    private long memoryLimitBytes(String group, ContainerSpec spec) throws IOException {
        long own = CgroupBounds.memoryBytes(spec.limits());
        if (own > 0) {
            return own;
        }
        return cgroups.memoryLimitAboveBytes(group);
    }

    @Override
    public ExecSession exec(
            ContainerRecord record, ContainerSpec container, ContainerRecord.Started started, ExecSpec spec)
            throws IOException {
        return sessions.start(record, container, started, spec);
    }

    @Override
    public void update(ContainerRecord record, ContainerSpec spec, Limits limits) throws IOException {
        cgroups.apply(groups.of(record), limitsHook.bounded(limits));
    }

    @Override
    public ResourceStatistics statistics(ContainerRecord record, ContainerSpec spec, ContainerRecord.Started started)
            throws IOException {
        return statistics.of(record, spec, started);
    }

    @Override
    public Map<String, Number> metrics() {
        Map<String, Number> metrics = new TreeMap<>(fetcher.metrics());
        metrics.putAll(images.metrics());
        return metrics;
    }

    @Override
    public List<LocalImage> images() throws IOException {
        return images.list();
    }

    @Override
    public LocalImage pull(String image) throws IOException {
        return images.pull(image);
    }

    @Override
    public long pruneImages(List<String> excludedImages) throws IOException {
        return images.prune(excludedImages);
    }

    @Override
    public void upkeep() throws IOException {
        images.pruneIfFull();
    }

    @Override
    public void close() {
        shells.close();
        terminals.close();
        pressure.close();
        network.close();
        images.close();
        host.close();
    }
}
