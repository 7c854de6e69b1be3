package io.paddock.cli;

import io.paddock.proto.v1.Parameter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Flags of {@code docker run} that are given to the agent as they are: it understands them as Docker does. */
final class DockerParameters {
    @Option(
            names = "--entrypoint",
            paramLabel = "PROGRAM",
            description = "What COMMAND is given to, instead of the image's entrypoint; empty for nothing.")
    @Nullable
    String entrypoint;

    @Option(names = "--read-only", description = "The image's files cannot be changed.")
    boolean readOnly;

    @Option(names = "--privileged", description = "With all capabilities and devices; agents may forbid it.")
    boolean privileged;

    @Option(names = "--hostname", paramLabel = "NAME", description = "The container's name for itself.")
    @Nullable
    String hostname;

    @Option(names = "--tmpfs", paramLabel = "PATH[:OPTIONS]", description = "A directory in memory; may be repeated.")
    List<String> tmpfs = new ArrayList<>();

    @Option(names = "--cap-add", paramLabel = "CAPABILITY", description = "A further capability; may be repeated.")
    List<String> capAdd = new ArrayList<>();

    @Option(names = "--cap-drop", paramLabel = "CAPABILITY", description = "One less, or ALL; may be repeated.")
    List<String> capDrop = new ArrayList<>();

    @Option(names = "--ulimit", paramLabel = "NAME=SOFT[:HARD]", description = "A resource limit; may be repeated.")
    List<String> ulimits = new ArrayList<>();

    @Option(
            names = "--device",
            paramLabel = "HOST[:CONTAINER]",
            description = "A device of the agent's machine; may be repeated.")
    List<String> devices = new ArrayList<>();

    @Option(names = "--add-host", paramLabel = "NAME:ADDRESS", description = "A line of /etc/hosts; may be repeated.")
    List<String> hosts = new ArrayList<>();

    @Option(
            names = "--dns",
            paramLabel = "ADDRESS",
            description = "A name server, instead of the machine's; may be repeated.")
    List<String> dns = new ArrayList<>();

    @Option(names = "--dns-search", paramLabel = "DOMAIN", description = "A domain to search; may be repeated.")
    List<String> dnsSearch = new ArrayList<>();

    @Option(names = "--group-add", paramLabel = "GROUP", description = "A further group; may be repeated.")
    List<String> groups = new ArrayList<>();

    @Option(
            names = "--sysctl",
            paramLabel = "NAME=VALUE",
            description = "A kernel parameter of its namespaces; may be repeated.")
    List<String> sysctls = new ArrayList<>();

    @Option(
            names = "--security-opt",
            paramLabel = "OPTION",
            description = "no-new-privileges, seccomp=unconfined, …; may be repeated.")
    List<String> securityOptions = new ArrayList<>();

    @Option(names = "--pid", paramLabel = "MODE", description = "host: the machine's processes are seen.")
    @Nullable
    String pid;

    @Option(names = "--ipc", paramLabel = "MODE", description = "host, private or none.")
    @Nullable
    String ipc;

    @Option(names = "--shm-size", paramLabel = "SIZE", description = "Size of /dev/shm.")
    @Nullable
    String shmSize;

    @Option(names = "--pids-limit", paramLabel = "N", description = "The most processes it may have.")
    @Nullable
    String pidsLimit;

    @Option(names = "--cpuset-cpus", paramLabel = "LIST", description = "The CPUs it may run on, such as 0-1.")
    @Nullable
    String cpuset;

    /** @param workdir where it starts, if not in the image's directory */
    List<Parameter> parameters(@Nullable String workdir) {
        List<Parameter> all = new ArrayList<>();
        add(all, "workdir", workdir);
        add(all, "entrypoint", entrypoint);
        add(all, "hostname", hostname);
        add(all, "read-only", readOnly ? "true" : null);
        add(all, "privileged", privileged ? "true" : null);
        tmpfs.forEach(value -> add(all, "tmpfs", value));
        capAdd.forEach(value -> add(all, "cap-add", value));
        capDrop.forEach(value -> add(all, "cap-drop", value));
        ulimits.forEach(value -> add(all, "ulimit", value));
        devices.forEach(value -> add(all, "device", value));
        hosts.forEach(value -> add(all, "add-host", value));
        dns.forEach(value -> add(all, "dns", value));
        dnsSearch.forEach(value -> add(all, "dns-search", value));
        groups.forEach(value -> add(all, "group-add", value));
        sysctls.forEach(value -> add(all, "sysctl", value));
        securityOptions.forEach(value -> add(all, "security-opt", value));
        add(all, "pid", pid);
        add(all, "ipc", ipc);
        add(all, "shm-size", shmSize);
        add(all, "pids-limit", pidsLimit);
        add(all, "cpuset-cpus", cpuset);
        return all;
    }

    private static void add(List<Parameter> all, String key, @Nullable String value) {
        if (value != null) {
            all.add(Parameter.newBuilder().setKey(key).setValue(value).build());
        }
    }
}
