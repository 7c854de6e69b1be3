package io.paddock.marathon.server;

import io.paddock.platform.flags.SecurityFlags;
import io.paddock.platform.http.HttpOptions;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The flags of marathon; Marathon's own names are accepted too. */
public final class MarathonOptions {
    @Option(
            names = "--master",
            paramLabel = "ADDRESS",
            description = "The master: host:port, http(s)://host:port, or zk://host:port,…/mesos.")
    public String master = "zk://127.0.0.1:2181/mesos";

    @Option(
            names = "--zk",
            paramLabel = "ADDRESS",
            description = "Where state is kept and the leader elected: zk://host:port,…/marathon.")
    public String zk = "zk://127.0.0.1:2181/marathon";

    @Option(
            names = {"--internal-store-backend", "--internal_store_backend"},
            paramLabel = "zk|mem",
            description = "mem keeps the state in this process only, without an election.")
    public String internalStoreBackend = "zk";

    @Option(
            names = {"--http-address", "--http_address", "--host"},
            paramLabel = "ADDRESS",
            description = "Address to listen on.")
    public String httpAddress = "127.0.0.1";

    @Option(
            names = {"--http-port", "--http_port", "--port"},
            paramLabel = "PORT",
            description = "Port to listen on; 0 takes a free one.")
    public int httpPort = 8080;

    @Option(
            names = "--hostname",
            paramLabel = "NAME",
            description = "The name other instances reach this one by; the address listened on where it is not given.")
    public @Nullable String hostname;

    @Option(
            names = {"--framework-name", "--framework_name"},
            paramLabel = "NAME",
            description = "The name the master shows.")
    public String frameworkName = "marathon";

    @Option(
            names = {"--mesos-user", "--mesos_user"},
            paramLabel = "USER",
            description = "Whom tasks run as that do not say.")
    public String mesosUser = System.getProperty("user.name");

    @Option(
            names = {"--mesos-role", "--mesos_role"},
            paramLabel = "ROLE",
            description = "The role of apps that name none.")
    public String mesosRole = "*";

    @Option(
            names = {"--failover-timeout", "--failover_timeout"},
            paramLabel = "SECONDS",
            description = "How long tasks run on without marathon.")
    public double failoverTimeout = 604_800;

    @Option(
            names = "--checkpoint",
            negatable = true,
            fallbackValue = "true",
            description = "Whether tasks outlive a restart of their agent.")
    public boolean checkpoint = true;

    @Option(
            names = {"--local-port-min", "--local_port_min"},
            paramLabel = "PORT",
            description = "The lowest service port that is assigned.")
    public int localPortMin = 10_000;

    @Option(
            names = {"--local-port-max", "--local_port_max"},
            paramLabel = "PORT",
            description = "The highest service port that is assigned.")
    public int localPortMax = 20_000;

    @Option(
            names = {"--max-running-deployments", "--max_running_deployments"},
            paramLabel = "N",
            description = "Changes are refused while so many deployments are under way.")
    public int maxRunningDeployments = 100;

    @Option(
            names = {"--zk-max-versions", "--zk_max_versions"},
            paramLabel = "N",
            description = "Versions kept of each app.")
    public int zkMaxVersions = 50;

    @Option(
            names = {"--env-vars-prefix", "--env_vars_prefix"},
            paramLabel = "TEXT",
            description = "Put before the names of the HOST and PORT variables of tasks.")
    public String envVarsPrefix = "";

    @Option(
            names = {"--default-network-name", "--default_network_name"},
            paramLabel = "NAME",
            description = "The container network of apps that name none.")
    public @Nullable String defaultNetworkName;

    @Option(
            names = {"--decline-offer-duration", "--decline_offer_duration"},
            paramLabel = "MS",
            description = "For how long an offer nobody needs is not wanted again.")
    public long declineOfferDuration = 120_000;

    @Option(
            names = {"--min-revive-offers-interval", "--min_revive_offers_interval"},
            paramLabel = "MS",
            description = "The shortest time between two wishes for offers.")
    public long minReviveOffersInterval = 500;

    @Option(
            names = {"--kill-retry-timeout", "--kill_retry_timeout"},
            paramLabel = "MS",
            description = "The time between two tries to kill a task.")
    public long killRetryTimeout = 30_000;

    @Option(
            names = {"--task-launch-timeout", "--task_launch_timeout"},
            paramLabel = "MS",
            description = "A task that does not run by then is killed and tried again.")
    public long taskLaunchTimeout = 300_000;

    @Option(
            names = {"--reconciliation-interval", "--reconciliation_interval"},
            paramLabel = "MS",
            description = "The time between two questions to the master about all tasks.")
    public long reconciliationInterval = 600_000;

    @Option(
            names = {"--max-concurrent-marathon-health-checks", "--max_concurrent_marathon_health_checks"},
            paramLabel = "N",
            description = "Health checks marathon runs at once.")
    public int maxConcurrentHealthChecks = 256;

    @Option(
            names = {"--event-stream-max-outstanding-messages", "--event_stream_max_outstanding_messages"},
            paramLabel = "N",
            description = "Events that may wait for one watcher before it is disconnected.")
    public int eventStreamMaxOutstanding = 1024;

    @Option(
            names = {"--access-control-allow-origin", "--access_control_allow_origin"},
            paramLabel = "ORIGIN",
            split = ",",
            description = "Origins whose pages may use the API; * for all.")
    public List<String> accessControlAllowOrigin = List.of();

    @Option(
            names = {"--mesos-authentication-principal", "--mesos_authentication_principal"},
            paramLabel = "NAME",
            description = "Who we are to a master that asks.")
    public @Nullable String principal;

    @Option(
            names = {"--mesos-authentication-secret-file", "--mesos_authentication_secret_file"},
            paramLabel = "FILE",
            description = "File with our secret.")
    public @Nullable Path secretFile;

    @Option(
            names = {"--mesos-leader-ui-url", "--mesos_leader_ui_url"},
            paramLabel = "URL",
            description = "Where the master's web UI is, for clients.")
    public @Nullable String mesosLeaderUiUrl;

    @Mixin
    public SecurityFlags security = new SecurityFlags();

    HttpOptions httpOptions() {
        return new HttpOptions(httpAddress, httpPort, security.tls(), security.access());
    }

    /** The name others reach this process by. */
    String reachableHost() {
        return hostname == null ? httpAddress : hostname;
    }

    /** How others reach this process. */
    String scheme() {
        return security.tls().isEmpty() ? "http" : "https";
    }

    /**
     * Checks what no single flag can know.
     *
     * @throws IllegalArgumentException naming the flag that does not fit
     */
    void check() {
        if (!internalStoreBackend.equals("zk") && !internalStoreBackend.equals("mem")) {
            throw new IllegalArgumentException(
                    "--internal-store-backend must be zk or mem, is " + internalStoreBackend);
        }
        if (localPortMin < 1 || localPortMax > 65_535 || localPortMin > localPortMax) {
            throw new IllegalArgumentException("--local-port-min and --local-port-max must be a range of ports, are "
                    + localPortMin + " and " + localPortMax);
        }
    }
}
