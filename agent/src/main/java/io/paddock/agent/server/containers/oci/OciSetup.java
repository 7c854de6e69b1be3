package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.ContainersOptions;
import io.paddock.agent.server.containers.Facilities;
import io.paddock.agent.server.containers.cgroups.CgroupMounts;
import io.paddock.agent.server.containers.fetch.Fetcher;
import io.paddock.agent.server.containers.images.ImageStore;
import io.paddock.agent.server.containers.networks.Networks;
import io.paddock.agent.server.containers.recipe.Secrets;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.platform.linux.Linux;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out whether this machine can isolate containers, and with what. */
public final class OciSetup {
    private static final Logger LOG = LoggerFactory.getLogger(OciSetup.class);
    private static final int SETTLING = 3;

    private final ContainersOptions options;
    private final Fetcher fetcher;
    private final Tools tools;
    private final Tools downloading;
    private final Executor blocking;
    private final List<String> warnings = new ArrayList<>();

    /**
     * @param downloading runs what brings images, and need not outlive this agent
     * @param blocking runs what blocks
     */
    public OciSetup(ContainersOptions options, Fetcher fetcher, Tools tools, Tools downloading, Executor blocking) {
        this.blocking = blocking;
        this.fetcher = fetcher;
        this.options = options;
        this.tools = tools;
        this.downloading = downloading;
    }

    /** What was missing, a sentence each, after {@link #find} has found nothing. */
    public List<String> missing() {
        return List.copyOf(warnings);
    }

    /** An isolation ready to be opened, or empty when something indispensable is missing. */
    public Optional<OciIsolation> find() throws IOException {
        Capabilities capabilities = Capabilities.ofThisProcess();
        if (!capabilities.all().contains("CAP_SYS_ADMIN")) {
            warnings.add("the agent does not run as root");
        }
        Optional<Path> runtime = runtimeProgram();
        Optional<Path> monitor = required("conmon");
        Optional<Inits> inits = Inits.find(warnings);
        Machine machine = Machine.of(options.workDir(), options.cgroupRoot());
        Optional<CgroupMounts.Found> groups = groups(machine);
        if (groups.isEmpty()) {
            warnings.add("no control groups with a memory controller are mounted");
        }
        if (!warnings.isEmpty() || runtime.isEmpty() || monitor.isEmpty() || inits.isEmpty() || groups.isEmpty()) {
            return Optional.empty();
        }
        HostSetup.keepInMemory(machine.runDir());
        machine.createDirectories();
        HostSetup.exitsInMemory(machine.workDir().resolve("exits"), machine.exits());
        Path program = settle(machine, runtime.get(), groups.get());
        CgroupMounts.Found settled = groups(machine).orElseThrow();
        RuntimePrograms programs = new RuntimePrograms(
                program,
                machine.programs().resolve(program.getFileName()),
                machine.programs().resolve("null"),
                monitor.get(),
                inits.get(),
                machine.runtimeState(),
                machine.temporary(),
                program.endsWith("runc") ? Tools.find("nsenter") : Optional.empty());
        ImageStore images = new ImageStore(
                options.workDir().resolve("containers"),
                new ImageStore.Settings(
                        options.images(),
                        options.policy().registryCertificates(),
                        options.policy().firstUserId()),
                downloading);
        Networks networks = new Networks(
                machine.tag(),
                machine.bridge(),
                machine.networkNamespaces(),
                machine.portClaims(),
                options.workDir().resolve("networks"),
                options.cniConfigDir(),
                options.cniPluginsDir(),
                tools);
        Parts parts = new Parts(
                machine,
                tools,
                programs,
                settled.cgroups(),
                capabilities,
                new HostSetup(machine, programs, settled.cgroups(), networks),
                images,
                networks,
                fetcher,
                new Secrets(options.policy().secretsDir()),
                options.policy(),
                options.workDir().resolve("sessions"),
                options.bounds().pidsLimit(),
                options.bounds().maxOutputBytes(),
                blocking);
        boolean canPull = useful("skopeo", "images cannot be pulled");
        useful("tar", "neither images nor archives can be unpacked");
        useful("iptables", "no port can be mapped into a network");
        if (!Files.isExecutable(options.cniPluginsDir().resolve("loopback"))) {
            warnings.add("no CNI plugins are in " + options.cniPluginsDir() + ": there are no networks but the host's");
        }
        Facilities facilities =
                new Facilities(programs.name(), settled.cgroups().version(), canPull, networks.names(), warnings);
        return Optional.of(new OciIsolation(facilities, parts));
    }

    private Optional<Path> runtimeProgram() {
        List<String> names = options.runtime().equals("auto") ? List.of("crun", "runc") : List.of(options.runtime());
        for (String name : names) {
            Optional<Path> path =
                    name.startsWith("/") ? Optional.of(Path.of(name)).filter(Files::isExecutable) : Tools.find(name);
            if (path.isPresent()) {
                return path;
            }
        }
        warnings.add("no OCI runtime is installed (looked for " + String.join(", ", names) + ")");
        return Optional.empty();
    }

    private Optional<Path> required(String program) {
        Optional<Path> path = Tools.find(program);
        if (path.isEmpty()) {
            warnings.add(program + " is not installed");
        }
        return path;
    }

    private boolean useful(String program, String otherwise) {
        boolean installed = Tools.find(program).isPresent();
        if (!installed) {
            warnings.add(program + " is not installed: " + otherwise);
        }
        return installed;
    }

    /**
     * crun works with v1 hierarchies or with v2, not with v1 beside a v2 that holds a controller. Mounting that controller
     * as v1 takes it away from v2. Every agent mounts it for itself, since another one may leave; where that fails runc is
     * used, which does not mind. A controller that is not v2's now is mounted if it can be: it may be one that this machine
     * does not show to the agent, and then stays where it is.
     */
    private Path settle(Machine machine, Path runtime, CgroupMounts.Found groups) throws IOException {
        if (!runtime.endsWith("crun") || groups.cgroups().version().equals("v2")) {
            return runtime;
        }
        CgroupMounts.Found now = groups;
        String why = "others mount and unmount them";
        try {
            // More than once: others may mount and unmount meanwhile.
            for (int i = 0;
                    i < SETTLING && !(now.loose().isEmpty() && now.elsewhere().isEmpty());
                    i++) {
                for (String controllers : now.loose()) {
                    mount(machine, controllers);
                }
                for (String controllers : now.elsewhere()) {
                    tryToMount(machine, controllers);
                }
                now = groups(machine).orElseThrow();
            }
        } catch (IOException e) {
            why = e.getMessage();
        }
        if (now.loose().isEmpty()) {
            return runtime;
        }
        Optional<Path> other = Tools.find("runc");
        warnings.add("crun cannot be used beside the controllers " + String.join(", ", now.loose()) + " of cgroup v2 ("
                + why + ")" + (other.isPresent() ? "; using runc" : " and runc is not installed"));
        return other.orElse(runtime);
    }

    private static void mount(Machine machine, String controllers) throws IOException {
        Path point = machine.extraHierarchies().resolve(controllers);
        Files.createDirectories(point);
        Linux.mount("cgroup", point, "cgroup", 0, controllers);
    }

    private static void tryToMount(Machine machine, String controllers) {
        try {
            mount(machine, controllers);
        } catch (IOException e) {
            LOG.debug("The control groups {} stay where they are: {}", controllers, e.getMessage());
        }
    }

    /** What other agents mounted for themselves may go at any time. */
    private static Optional<CgroupMounts.Found> groups(Machine machine) throws IOException {
        return CgroupMounts.find(
                point -> !point.startsWith(machine.runDir().getParent()) || point.startsWith(machine.runDir()));
    }
}
