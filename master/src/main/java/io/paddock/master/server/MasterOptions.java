package io.paddock.master.server;

import io.paddock.common.resources.Resources;
import io.paddock.master.core.MasterConfig;
import io.paddock.master.core.Weights;
import io.paddock.master.core.allocator.AllocatorOptions;
import io.paddock.master.core.constraints.RegexLimits;
import io.paddock.platform.flags.IdentityFlags;
import io.paddock.platform.flags.ListenFlags;
import io.paddock.platform.flags.LogFlags;
import io.paddock.platform.zookeeper.ZooKeeperAddress;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The flags of a master; names as in Mesos where it has them. */
public final class MasterOptions {
    private static final int DEFAULT_PORT = 5050;
    private static final Pattern BYTES = Pattern.compile("([0-9]{1,3})(B|KB|MB)");

    @Mixin
    public ListenFlags listen = new ListenFlags(DEFAULT_PORT);

    @Mixin
    public IdentityFlags identity = new IdentityFlags();

    @Mixin
    public MasterSecurity security = new MasterSecurity();

    @Mixin
    public LogFlags logging = new LogFlags();

    @Option(
            names = "--zk",
            paramLabel = "ZK",
            description = "ZooKeeper for election and registry, zk://host1:port1,host2:port2/path."
                    + " Without it this master stands alone and forgets everything when it ends.")
    public @Nullable String zk;

    @Option(
            names = {"--zk-session-timeout", "--zk_session_timeout"},
            paramLabel = "DURATION",
            description = "How long ZooKeeper waits for a silent master before another one leads.")
    public Duration zkSessionTimeout = Duration.ofSeconds(10);

    @Option(
            names = {"--registry-path", "--registry_path"},
            paramLabel = "PATH",
            description = "Where in ZooKeeper the registry is kept.")
    public String registryPath = "/paddock/registry";

    @Option(names = "--cluster", paramLabel = "NAME", description = "Name of the cluster, for display.")
    public String cluster = "";

    @Option(
            names = {"--offer-timeout", "--offer_timeout"},
            paramLabel = "DURATION",
            description = "How long a scheduler may hold an offer before it is rescinded; 0secs: for ever.")
    public Duration offerTimeout = Duration.ofMinutes(2);

    @Option(
            names = {"--allocation-delay", "--allocation_delay"},
            paramLabel = "DURATION",
            description = "How long changes are collected before resources are offered.")
    public Duration allocationDelay = Duration.ofMillis(5);

    @Option(
            names = {"--allocation-interval", "--allocation_interval"},
            paramLabel = "DURATION",
            description = "How often it is checked that all resources were offered. Offers do not wait for it.")
    public Duration allocationInterval = Duration.ofSeconds(30);

    @Option(
            names = "--whitelist",
            paramLabel = "FILE",
            description = "File of the hosts whose agents are offered, one in a line, read again when it changes;"
                    + " all hosts if not given or *.")
    public @Nullable String whitelist;

    @Option(
            names = {"--agent-ping-timeout", "--agent_ping_timeout"},
            paramLabel = "DURATION",
            description = "Interval of heartbeats between master and agents.")
    public Duration agentPingTimeout = Duration.ofSeconds(15);

    @Option(
            names = {"--max-agent-ping-timeouts", "--max_agent_ping_timeouts"},
            paramLabel = "N",
            description = "Silent intervals after which a connected agent is unreachable.")
    public int maxAgentPingTimeouts = 5;

    @Option(
            names = {"--agent-reregister-timeout", "--agent_reregister_timeout"},
            paramLabel = "DURATION",
            description =
                    "How long an agent may stay away, after its link broke or a new master was elected, before it is"
                            + " unreachable.")
    public Duration agentReregisterTimeout = Duration.ofMinutes(10);

    @Mixin
    public RemovalFlags removal = new RemovalFlags();

    @Option(
            names = {"--require-agent-domain", "--require_agent_domain"},
            negatable = true,
            arity = "0..1",
            paramLabel = "BOOLEAN",
            description = "Only agents with a fault domain are let in.")
    public boolean requireAgentDomain;

    @Option(
            names = "--roles",
            split = ",",
            paramLabel = "ROLE",
            description = "The only roles, besides *, that frameworks, weights and quotas may have; all if not given.")
    public List<String> roles = new ArrayList<>();

    @Option(
            names = "--weights",
            split = ",",
            paramLabel = "ROLE=WEIGHT",
            description =
                    "Weights of roles for a registry that has none: the first leader stores them. From then on the"
                            + " registry's count, which 'paddock weights' and UPDATE_WEIGHTS change.")
    public Map<String, Double> weights = new TreeMap<>();

    @Option(
            names = {"--max-operator-event-stream-subscribers", "--max_operator_event_stream_subscribers"},
            paramLabel = "N",
            description = "Event streams of the operator API at a time; the oldest is closed for one more.")
    public int maxSubscribers = 1000;

    @Option(
            names = {"--publish-per-framework-metrics", "--publish_per_framework_metrics"},
            negatable = true,
            arity = "0..1",
            paramLabel = "BOOLEAN",
            description = "Whether the metrics have those of each framework.")
    public boolean frameworkMetrics = true;

    @Option(
            names = {"--max-completed-frameworks", "--max_completed_frameworks"},
            paramLabel = "N",
            description = "Removed frameworks remembered.")
    public int maxCompletedFrameworks = 50;

    @Option(
            names = {"--max-completed-tasks-per-framework", "--max_completed_tasks_per_framework"},
            paramLabel = "N",
            description = "Completed tasks remembered per framework.")
    public int maxCompletedTasks = 1000;

    @Option(
            names = {"--max-unreachable-tasks-per-framework", "--max_unreachable_tasks_per_framework"},
            paramLabel = "N",
            description = "Tasks on unreachable agents remembered per framework.")
    public int maxUnreachableTasks = 1000;

    @Option(
            names = {"--allocator-agent-recovery-factor", "--allocator_agent_recovery_factor"},
            paramLabel = "FRACTION",
            description = "Which part of the known agents must be back after an election before resources are offered,"
                    + " while there are quotas; 0 to 1.")
    public double agentRecoveryFactor = 0.8;

    @Option(
            names = {"--allocator-recovery-timeout", "--allocator_recovery_timeout"},
            paramLabel = "DURATION",
            description = "When resources are offered although fewer agents are back.")
    public Duration allocatorRecoveryTimeout = Duration.ofMinutes(10);

    @Option(
            names = {"--min-allocatable-resources", "--min_allocatable_resources"},
            paramLabel = "RESOURCES",
            description = "An offer contains at least one of these, separated by '|'.")
    public String minAllocatableResources = "cpus:0.01|mem:32";

    @Option(
            names = {"--filter-gpu-resources", "--filter_gpu_resources"},
            negatable = true,
            arity = "0..1",
            paramLabel = "BOOLEAN",
            description = "Offer agents with GPUs to frameworks with GPU_RESOURCES only.")
    public boolean filterGpuResources = true;

    @Option(
            names = {"--fair-sharing-excluded-resource-names", "--fair_sharing_excluded_resource_names"},
            split = ",",
            paramLabel = "NAME",
            description = "Resources that do not count in fair shares.")
    public List<String> fairSharingExcluded = new ArrayList<>();

    @Option(
            names = {"--offer-constraints-re2-max-mem", "--offer_constraints_re2_max_mem"},
            paramLabel = "BYTES",
            description =
                    "How large a regular expression of offer constraints may be, such as 4KB; 16 bytes for each thing"
                            + " to match, with repetitions written out.")
    public String constraintsMaxMem = "4KB";

    @Option(
            names = {"--offer-constraints-re2-max-program-size", "--offer_constraints_re2_max_program_size"},
            paramLabel = "N",
            description = "How many steps such an expression may have when compiled.")
    public int constraintsMaxProgramSize = 100;

    @Option(
            names = {"--large-offer-patience", "--large_offer_patience"},
            paramLabel = "DURATION",
            description =
                    "How long a framework with a minimum offer of its own may wait before what becomes free on one"
                            + " agent is kept for it; 0secs: for ever.")
    public Duration largeOfferPatience = Duration.ofSeconds(30);

    @Option(
            names = {"--pack-roles", "--pack_roles"},
            split = ",",
            paramLabel = "ROLE",
            description =
                    "Roles, with those below them, whose frameworks are offered the fullest agents first and few at a"
                            + " time, so that whole agents stay free.")
    public List<String> packRoles = new ArrayList<>();

    /** @throws IllegalArgumentException naming the flag that does not fit */
    MasterConfig config() {
        return new MasterConfig(
                notNegative("--allocation-delay", allocationDelay),
                positive("--allocation-interval", allocationInterval),
                notNegative("--offer-timeout", offerTimeout).isZero() ? null : offerTimeout,
                positive("--agent-ping-timeout", agentPingTimeout),
                positive("--max-agent-ping-timeouts", maxAgentPingTimeouts),
                positive("--agent-reregister-timeout", agentReregisterTimeout),
                positive("--max-completed-frameworks", maxCompletedFrameworks),
                positive("--max-completed-tasks-per-framework", maxCompletedTasks),
                positive("--max-unreachable-tasks-per-framework", maxUnreachableTasks),
                fraction("--allocator-agent-recovery-factor", agentRecoveryFactor),
                notNegative("--allocator-recovery-timeout", allocatorRecoveryTimeout),
                new RegexLimits(
                        bytes("--offer-constraints-re2-max-mem", constraintsMaxMem),
                        positive("--offer-constraints-re2-max-program-size", constraintsMaxProgramSize)),
                removal.memory(),
                removal.removals(),
                new MasterConfig.Admissions(requireAgentDomain, Set.copyOf(roles)),
                weights());
    }

    private TreeMap<String, Double> weights() {
        new MasterConfig.Admissions(false, Set.copyOf(roles))
                .refused(weights.keySet())
                .ifPresent(why -> {
                    throw new IllegalArgumentException("--weights: " + why);
                });
        weights.forEach((role, weight) -> Weights.check("--weights", role, "--weights", weight)
                .ifPresent(rejection -> {
                    throw new IllegalArgumentException(rejection.message());
                }));
        return new TreeMap<>(weights);
    }

    /** @throws IllegalArgumentException naming the flag that does not fit */
    AllocatorOptions allocator(long seed) {
        List<Resources> minimum = new ArrayList<>();
        for (String bag : List.of(minAllocatableResources.split("\\|", -1))) {
            try {
                minimum.add(Resources.parse(bag));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("--min-allocatable-resources: " + e.getMessage(), e);
            }
        }
        return new AllocatorOptions(
                minimum,
                filterGpuResources,
                Set.copyOf(fairSharingExcluded),
                identity.domain()
                        .map(own -> own.getFaultDomain().getRegion().getName())
                        .orElse(null),
                notNegative("--large-offer-patience", largeOfferPatience),
                Set.copyOf(packRoles),
                seed);
    }

    /** @throws IllegalArgumentException when the flag does not fit */
    Optional<InetAddress> advertised() {
        if (identity.advertiseIp == null) {
            return Optional.empty();
        }
        try {
            if (InetAddress.getByName(identity.advertiseIp) instanceof Inet4Address address
                    && !address.isAnyLocalAddress()) {
                return Optional.of(address);
            }
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("--advertise-ip: '" + identity.advertiseIp + "' is not an address", e);
        }
        throw new IllegalArgumentException(
                "--advertise-ip: expected an IPv4 address, got '" + identity.advertiseIp + "'");
    }

    /** @throws IllegalArgumentException when the flag does not fit */
    Optional<ZooKeeperAddress> zooKeeper() {
        try {
            return Optional.ofNullable(zk).map(ZooKeeperAddress::text).map(ZooKeeperAddress::parse);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--zk: " + e.getMessage(), e);
        }
    }

    private static int bytes(String flag, String value) {
        Matcher size = BYTES.matcher(value);
        if (!size.matches()) {
            throw new IllegalArgumentException(flag + ": must be a size such as 4KB, but is '" + value + "'");
        }
        int unit = size.group(2).startsWith("M") ? 1 << 20 : size.group(2).startsWith("K") ? 1 << 10 : 1;
        return positive(flag, Integer.parseInt(size.group(1)) * unit);
    }

    private static Duration notNegative(String flag, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(flag + ": must not be negative");
        }
        return value;
    }

    static Duration positive(String flag, Duration value) {
        if (value.isZero()) {
            throw new IllegalArgumentException(flag + ": must be more than 0");
        }
        return notNegative(flag, value);
    }

    private static double fraction(String flag, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(flag + ": must be from 0 to 1, but is " + value);
        }
        return value;
    }

    static int positive(String flag, int value) {
        if (value <= 0) {
            throw new IllegalArgumentException(flag + ": must be more than 0, but is " + value);
        }
        return value;
    }
}
