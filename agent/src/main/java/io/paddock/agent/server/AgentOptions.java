package io.paddock.agent.server;

import io.paddock.common.ByteSize;
import io.paddock.platform.flags.IdentityFlags;
import io.paddock.platform.flags.ListenFlags;
import io.paddock.platform.flags.LogFlags;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What an agent can be told at its start. Names of Mesos are accepted too; see the description of each. */
public final class AgentOptions {
    /** Mesos' rule for what may change about an agent that keeps its id. */
    public enum ReconfigurationPolicy {
        EQUAL,
        ADDITIVE
    }

    @Mixin
    public ListenFlags listen = new ListenFlags(5051);

    @Mixin
    public IdentityFlags identity = new IdentityFlags();

    @Mixin
    public LogFlags logging = new LogFlags();

    @Mixin
    public PolicyFlags policy = new PolicyFlags();

    @Mixin
    public DefaultFlags defaults = new DefaultFlags();

    @Mixin
    public StoreFlags store = new StoreFlags();

    @Mixin
    public AgentSecurity security = new AgentSecurity();

    @Option(
            names = "--master",
            paramLabel = "ADDRESS",
            description = "The master: host:port, http(s)://host:port or zk://host:port,host:port/path.")
    public String master = "127.0.0.1:5050";

    @Option(
            names = {"--work-dir", "--work_dir"},
            paramLabel = "DIR",
            description = "Where sandboxes, volumes, images and the agent's own state are kept.")
    public Path workDir = Path.of(System.getProperty("user.home"), ".paddock", "agent");

    @Option(
            names = {"--http-heartbeat-interval", "--http_heartbeat_interval"},
            paramLabel = "DURATION",
            description = "How often a stream of a container's output says that it is alive.")
    public Duration httpHeartbeat = Duration.ofSeconds(30);

    @Option(
            names = {"--max-completed-executors-per-framework", "--max_completed_executors_per_framework"},
            paramLabel = "N",
            description = "How many ended executors of a framework are remembered.")
    public int maxCompletedExecutors = 150;

    @Option(
            names = {"--gc-non-executor-container-sandboxes", "--gc_non_executor_container_sandboxes"},
            negatable = true,
            arity = "0..1",
            paramLabel = "BOOLEAN",
            fallbackValue = "true",
            description = "Collect also sandboxes of ended containers that operators or executors started by"
                    + " LAUNCH_CONTAINER.")
    public boolean gcNonExecutorSandboxes;

    @Option(
            names = "--resources",
            paramLabel = "TEXT",
            description =
                    "Resources to offer, cpus:8;mem:1024;disk:4096;ports:[31000-32000] or a JSON array of Resource;"
                            + " what is not named is detected.")
    public String resources = "";

    @Option(
            names = "--attributes",
            paramLabel = "TEXT",
            description = "Free attributes schedulers can ask for, such as rack:r1;zone:[1-3];weight:2.")
    public String attributes = "";

    @Option(
            names = {"--default-role", "--default_role"},
            paramLabel = "ROLE",
            description = "Role that resources without a role are reserved to.")
    public String defaultRole = "*";

    @Option(
            names = "--credential",
            paramLabel = "FILE",
            description = "Principal and secret shown to the master: {\"principal\":\"p\",\"secret\":\"s\"}.")
    public @Nullable Path credential;

    @Option(
            names = {"--zk-session-timeout", "--zk_session_timeout"},
            paramLabel = "DURATION",
            description = "ZooKeeper session timeout.")
    public Duration zkSessionTimeout = Duration.ofSeconds(10);

    @Option(
            names = {"--reconfiguration-policy", "--reconfiguration_policy"},
            paramLabel = "POLICY",
            description = "What may change about an agent that keeps its id: ${COMPLETION-CANDIDATES}.")
    public ReconfigurationPolicy reconfigurationPolicy = ReconfigurationPolicy.EQUAL;

    @Option(
            names = {"--registration-backoff-factor", "--registration_backoff_factor"},
            paramLabel = "DURATION",
            description = "Unit of the pauses between registration attempts.")
    public Duration registrationBackoff = Duration.ofSeconds(1);

    @Option(
            names = {"--executor-registration-timeout", "--executor_registration_timeout"},
            paramLabel = "DURATION",
            description = "How long a started executor may take to subscribe.")
    public Duration executorRegistrationTimeout = Duration.ofMinutes(1);

    @Option(
            names = {"--executor-reregistration-timeout", "--executor_reregistration_timeout"},
            paramLabel = "DURATION",
            description = "How long executors may take to subscribe again after the agent's restart.")
    public Duration executorReregistrationTimeout = Duration.ofSeconds(15);

    @Option(
            names = {"--executor-shutdown-grace-period", "--executor_shutdown_grace_period"},
            paramLabel = "DURATION",
            description = "How long an executor may take to shut down.")
    public Duration executorShutdownGrace = Duration.ofSeconds(5);

    @Option(
            names = {"--recovery-timeout", "--recovery_timeout"},
            paramLabel = "DURATION",
            description = "How long executors wait for the agent to come back.")
    public Duration recoveryTimeout = Duration.ofMinutes(15);

    @Option(
            names = {"--executor-environment-variables", "--executor_environment_variables"},
            paramLabel = "JSON",
            description = "Environment of every executor and task, {\"NAME\":\"value\"}.")
    public String executorEnvironment = "{}";

    @Option(
            names = {"--switch-user", "--switch_user"},
            negatable = true,
            paramLabel = "BOOLEAN",
            arity = "0..1",
            fallbackValue = "true",
            description = "Run commands as their framework's user (needs root).")
    public boolean switchUser = true;

    @Option(
            names = {"--gc-delay", "--gc_delay"},
            paramLabel = "DURATION",
            description = "How long sandboxes are kept at most.")
    public Duration gcDelay = Duration.ofDays(7);

    @Option(
            names = {"--gc-disk-headroom", "--gc_disk_headroom"},
            paramLabel = "FRACTION",
            description = "Free part of the disk below which sandboxes are deleted at once.")
    public double gcDiskHeadroom = 0.1;

    @Option(
            names = {"--disk-watch-interval", "--disk_watch_interval"},
            paramLabel = "DURATION",
            description = "How often sandboxes are collected.")
    public Duration diskWatchInterval = Duration.ofMinutes(1);

    @Option(
            names = "--runtime",
            paramLabel = "NAME",
            description = "How containers are run: auto, crun, runc, the path of either, or processes (no isolation).")
    public String runtime = "auto";

    @Option(
            names = {"--cgroups-root", "--cgroups_root"},
            paramLabel = "NAME",
            description = "The cgroup above all containers.")
    public String cgroupsRoot = "paddock";

    @Option(
            names = {"--cgroups-enable-cfs", "--cgroups_enable_cfs"},
            negatable = true,
            paramLabel = "BOOLEAN",
            arity = "0..1",
            fallbackValue = "true",
            description = "Bound CPU by what was asked for, instead of sharing what is idle.")
    public boolean cgroupsEnableCfs;

    @Option(
            names = {"--network-cni-config-dir", "--network_cni_config_dir"},
            paramLabel = "DIR",
            description = "CNI configurations of networks.")
    public @Nullable Path cniConfigDir;

    @Option(
            names = {"--network-cni-plugins-dir", "--network_cni_plugins_dir"},
            paramLabel = "DIR",
            description = "CNI plugins.")
    public Path cniPluginsDir = Path.of("/usr/lib/cni");

    @Option(
            names = {"--enforce-container-disk-quota", "--enforce_container_disk_quota"},
            negatable = true,
            paramLabel = "BOOLEAN",
            arity = "0..1",
            fallbackValue = "true",
            description = "End containers whose sandbox exceeds their disk resource.")
    public boolean enforceDisk;

    @Option(
            names = {"--container-disk-watch-interval", "--container_disk_watch_interval"},
            paramLabel = "DURATION",
            description = "How often the sizes of sandboxes are looked at, if they are bounded.")
    public Duration containerDiskWatchInterval = Duration.ofSeconds(15);

    @Option(
            names = "--max-output-size",
            paramLabel = "BYTES",
            description = "stdout and stderr of a container are rotated beyond this size.")
    public ByteSize maxOutput = ByteSize.ofMegabytes(64);

    @Option(
            names = "--max-output-files",
            paramLabel = "N",
            description = "How many rotated files of each are kept, compressed; 0: none.")
    public int maxOutputFiles = 4;

    @Option(names = "--pids-limit", paramLabel = "N", description = "Most processes and threads of one container.")
    public long pidsLimit = 32768;

    /** How many effects may wait for the disk before executors' calls and the master's messages are not taken; not a flag. */
    int mostWaiting = 10_000;
}
