package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.ContainerPolicy;
import io.paddock.agent.server.containers.engine.Hook;
import io.paddock.agent.server.containers.engine.Launch;
import io.paddock.agent.server.containers.tools.Durable;
import io.paddock.agent.server.containers.tools.UserIdentity;
import io.paddock.proto.v1.Parameter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;

/**
 * The raw options of {@code docker run} that a container of type DOCKER may bring. What is not known here is refused: an
 * option without effect would deceive.
 */
final class ParametersHook implements Hook {
    private static final String KNOWN =
            "add-host, cap-add, cap-drop, cpuset-cpus, device, dns, dns-option, dns-search, entrypoint, env,"
                    + " group-add, hostname, init, ipc, label, oom-score-adj, pid, pids-limit, privileged, read-only, security-opt,"
                    + " shm-size, sysctl, tmpfs, ulimit, user, userns, volume, workdir";
    private static final String FIELD = "container.docker.parameters: ";

    private final SystemCalls systemCalls;
    private final ContainerPolicy policy;
    private final HostPaths hostPaths;

    ParametersHook(SystemCalls systemCalls, ContainerPolicy policy, HostPaths hostPaths) {
        this.systemCalls = systemCalls;
        this.policy = policy;
        this.hostPaths = hostPaths;
    }

    @Override
    public String name() {
        return "parameters";
    }

    @Override
    public void prepare(Launch launch) throws IOException {
        OciLaunch oci = (OciLaunch) launch;
        if (!oci.hasProcess()) {
            return;
        }
        List<Parameter> parameters = oci.parameters();
        for (int i = 0; i < parameters.size(); i++) {
            Parameter parameter = parameters.get(i);
            apply(oci, parameter.getKey(), parameter.getValue(), i);
        }
    }

    private void apply(OciLaunch oci, String key, String value, int index) throws IOException {
        OciConfig config = oci.config();
        switch (key) {
            case "env" -> {
                String[] parts = value.split("=", 2);
                config.addEnvironment(parts[0], parts.length == 2 ? parts[1] : "");
            }
            case "workdir" -> config.workingDirectory(value);
            case "label", "hostname", "user", "entrypoint", "privileged", "userns", "init", "cap-add", "cap-drop" -> {
                // Labels are for readers of docker inspect; there always is an init; other steps look at the rest.
            }
            case "read-only" -> config.readOnlyRoot(!value.equals("false"));
            case "tmpfs" -> tmpfs(config, value);
            case "volume" -> volume(oci, value, index);
            case "ulimit" -> ulimit(config, value);
            case "device" -> device(config, value);
            case "security-opt" -> securityOption(oci, value);
            case "pid", "ipc", "shm-size" -> share(config, key, value);
            case "group-add" -> config.addGroup(UserIdentity.group(oci.rootfs(), value));
            case "add-host" -> addHost(oci, value);
            case "dns" -> resolver(oci, "nameserver " + value, true);
            case "dns-search" -> resolver(oci, "search " + value, false);
            case "dns-option", "dns-opt" -> resolver(oci, "options " + value, false);
            case "pids-limit" -> config.resources().withObject("/pids").put("limit", number(key, value));
            case "cpuset-cpus" -> config.resources().withObject("/cpu").put("cpus", value);
            case "oom-score-adj" -> config.oomScoreAdjustment((int) number(key, value));
            case "sysctl" -> {
                String[] parts = value.split("=", 2);
                config.kernelParameter(parts[0], parts.length == 2 ? parts[1] : "");
            }
            default -> throw new IOException(FIELD + key + " is not supported; supported are " + KNOWN);
        }
    }

    /** {@code /path[:option,…]}. */
    private static void tmpfs(OciConfig config, String value) {
        String[] parts = value.split(":", 2);
        List<String> options = parts.length == 2
                ? List.of(parts[1].split(",", -1))
                : List.of("nosuid", "nodev", "noexec", "mode=1777");
        config.mount(parts[0], "tmpfs", "tmpfs", options);
    }

    /** {@code /host:/container[:ro]}. */
    private void volume(OciLaunch oci, String value, int index) throws IOException {
        String[] parts = value.split(":", -1);
        if (parts.length < 2 || parts.length > 3 || !parts[0].startsWith("/") || !parts[1].startsWith("/")) {
            throw new IOException(FIELD + "volume=/host:/container[:ro] expected, got " + value);
        }
        Path path = hostPaths.find(oci.record(), "parameter-" + index, parts[0], true, FIELD + "volume");
        boolean readOnly = parts.length == 3 && parts[2].equals("ro");
        oci.config().bind(path, oci.mountPoints().make(oci, path, parts[1], readOnly), readOnly);
    }

    /** {@code name=soft[:hard]}. */
    private static void ulimit(OciConfig config, String value) throws IOException {
        String[] parts = value.split("[=:]", -1);
        try {
            long soft = Long.parseLong(parts[1]);
            config.rlimit(
                    "RLIMIT_" + parts[0].toUpperCase(Locale.ROOT),
                    soft,
                    parts.length == 3 ? Long.parseLong(parts[2]) : soft);
        } catch (IndexOutOfBoundsException | NumberFormatException e) {
            throw new IOException(FIELD + "ulimit=name=soft[:hard] expected, got " + value, e);
        }
    }

    /** {@code /host[:/container][:rwm]}. */
    private static void device(OciConfig config, String value) throws IOException {
        String[] parts = value.split(":", -1);
        String access = parts[parts.length - 1].matches("[rwm]{1,3}") ? parts[parts.length - 1] : "rwm";
        String inside = parts.length > 1 && parts[1].startsWith("/") ? parts[1] : parts[0];
        if (!parts[0].startsWith("/") || parts.length > 3) {
            throw new IOException(FIELD + "device=/host[:/container][:rwm] expected, got " + value);
        }
        Devices.add(config, Path.of(parts[0]), inside, access);
    }

    private void securityOption(OciLaunch oci, String value) throws IOException {
        String[] parts = value.split("[=:]", 2);
        String option = parts.length == 2 ? parts[1] : "";
        if (parts[0].equals("no-new-privileges") && !option.equals("false")) {
            oci.config().noNewPrivileges();
        } else if (parts[0].equals("seccomp") && option.equals("unconfined")) {
            oci.config().noSeccomp();
        } else if (parts[0].equals("seccomp") && !option.isEmpty()) {
            oci.config().seccomp(systemCalls.named(option, oci.config().boundingCapabilities()));
        } else {
            throw new IOException(FIELD
                    + "security-opt: no-new-privileges, seccomp=unconfined or seccomp=profile expected, got " + value);
        }
    }

    private void share(OciConfig config, String key, String value) throws IOException {
        if (key.equals("shm-size")) {
            config.shmMegabytes(Math.max(1, bytes(value) >> 20));
        } else if (value.equals("host") && (key.equals("pid") ? policy.hostPids() : policy.hostIpc())) {
            config.shareNamespace(key);
            if (key.equals("ipc")) {
                config.removeMount("/dev/shm");
                config.bind(Path.of("/dev/shm"), "/dev/shm", false);
            }
        } else if (!value.equals("private") && !value.isEmpty()) {
            throw new IOException(FIELD + key + "=" + value + " is not supported by this agent");
        }
    }

    /** {@code name:address}. */
    private static void addHost(OciLaunch oci, String value) throws IOException {
        String[] parts = value.split(":", 2);
        if (parts.length != 2) {
            throw new IOException(FIELD + "add-host=name:address expected, got " + value);
        }
        append(oci, "hosts", parts[1] + " " + parts[0] + "\n");
    }

    /** @param replaces whether it takes the place of the lines of its kind that came from the host */
    private static void resolver(OciLaunch oci, String line, boolean replaces) throws IOException {
        Path file = oci.record().file("resolv.conf");
        if (replaces && Files.exists(file) && oci.firstNameServer()) {
            List<String> kept = Files.readAllLines(file).stream()
                    .filter(each -> !each.startsWith("nameserver"))
                    .toList();
            Durable.naming(file, () -> Files.write(file, kept));
        }
        append(oci, "resolv.conf", line + "\n");
    }

    private static void append(OciLaunch oci, String name, String text) throws IOException {
        Path file = oci.record().file(name);
        if (!Files.exists(file)) {
            throw new IOException(FIELD + "the container uses the host's /etc/" + name + ", which is not changed");
        }
        Durable.naming(file, () -> Files.writeString(file, text, StandardOpenOption.APPEND));
    }

    private static long number(String key, String value) throws IOException {
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new IOException(FIELD + key + "=number expected, got " + value, e);
        }
    }

    /** {@code 64m} and the like. */
    private static long bytes(String value) throws IOException {
        String text = value.toLowerCase(Locale.ROOT).replaceAll("b$", "");
        int unit = "kmg".indexOf(text.isEmpty() ? ' ' : text.charAt(text.length() - 1));
        long count = number("shm-size", unit < 0 ? text : text.substring(0, text.length() - 1));
        return unit < 0 ? count : count << 10 * (unit + 1);
    }
}
