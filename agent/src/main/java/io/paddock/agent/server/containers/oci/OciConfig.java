package io.paddock.agent.server.containers.oci;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.agent.server.containers.tools.UserIdentity;
import io.paddock.platform.json.Json;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** A {@code config.json} of the OCI runtime specification 1.0 in the making. */
final class OciConfig {
    static final String NETWORK = "network";

    private static final List<String> MASKED = List.of(
            "/proc/acpi",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/sys/firmware");
    private static final List<String> READ_ONLY =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    private static final int USERS = 1 << 16;

    private final ObjectNode root = Json.mapper().createObjectNode();
    private final ObjectNode process = root.putObject("process");
    private static final String ROOTFS_PROPAGATION = "rootfsPropagation";

    private final ObjectNode linux = root.putObject("linux");
    private final ArrayNode mounts = root.putArray("mounts");
    private final Set<String> namespaces = new LinkedHashSet<>();
    private final Map<String, String> joined = new LinkedHashMap<>();

    OciConfig() {
        root.put("ociVersion", "1.0.2");
        namespaces.addAll(List.of("pid", "mount", "ipc", "uts"));
    }

    void rootfs(Path path) {
        root.putObject("root").put("path", path.toString()).put("readonly", false);
    }

    void hostname(String name) {
        root.put("hostname", name);
    }

    void arguments(List<String> argv) {
        ArrayNode array = process.putArray("args");
        argv.forEach(array::add);
    }

    void environment(Map<String, String> variables) {
        ArrayNode array = process.putArray("env");
        variables.forEach((name, value) -> array.add(name + "=" + value));
    }

    /** The last value of a name counts. */
    void addEnvironment(String name, String value) {
        process.withArray("env").add(name + "=" + value);
    }

    void readOnlyRoot(boolean readOnly) {
        root.withObject("/root").put("readonly", readOnly);
    }

    /** Changes each of the sets. */
    void changeCapabilities(UnaryOperator<Set<String>> change) {
        for (JsonNode set : process.path("capabilities")) {
            Set<String> changed = change.apply(names(set));
            ((ArrayNode) set).removeAll();
            changed.forEach(((ArrayNode) set)::add);
        }
    }

    void workingDirectory(String path) {
        process.put("cwd", path);
    }

    void terminal(int rows, int columns) {
        process.put("terminal", true);
        process.putObject("consoleSize").put("height", rows).put("width", columns);
    }

    void user(UserIdentity user) {
        user(process, user);
    }

    static void user(ObjectNode process, UserIdentity user) {
        ObjectNode node = process.putObject("user").put("uid", user.uid()).put("gid", user.gid());
        ArrayNode groups = node.putArray("additionalGids");
        user.groups().forEach(groups::add);
    }

    /** Root keeps what it may use; other users gain nothing by default. */
    void capabilities(Collection<String> bounding, Collection<String> effective) {
        ObjectNode node = process.putObject("capabilities");
        for (String set : List.of("bounding", "effective", "permitted")) {
            ArrayNode array = node.putArray(set);
            (set.equals("bounding") ? bounding : effective).forEach(array::add);
        }
    }

    void rlimit(String type, long soft, long hard) {
        // The numbers are unsigned: infinity is 2^64 - 1.
        process.withArray("rlimits")
                .addObject()
                .put("type", type)
                .put("soft", new BigInteger(Long.toUnsignedString(soft)))
                .put("hard", new BigInteger(Long.toUnsignedString(hard)));
    }

    void mount(String destination, String type, String source, List<String> options) {
        ObjectNode mount = mounts.addObject()
                .put("destination", destination)
                .put("type", type)
                .put("source", source);
        ArrayNode array = mount.putArray("options");
        options.forEach(array::add);
    }

    /** Shows a file or directory of the host, with what is mounted below it. */
    void bind(Path source, String destination, boolean readOnly) {
        bind(source, destination, readOnly, "rprivate");
    }

    /**
     * @param propagation of later mounts, {@code rprivate}, {@code rslave} or {@code rshared}; the runtime makes its own view of the
     *     host private first unless it is told otherwise, and then nothing comes through
     */
    void bind(Path source, String destination, boolean readOnly, String propagation) {
        List<String> options = new ArrayList<>(List.of("rbind", propagation));
        boolean shared = linux.path(ROOTFS_PROPAGATION).asText().equals("rshared");
        if (!propagation.equals("rprivate") && !shared) {
            linux.put(ROOTFS_PROPAGATION, propagation);
        }
        options.add(readOnly ? "ro" : "rw");
        mount(destination, "none", source.toString(), options);
    }

    void joinNamespace(String type, Path of) {
        namespaces.remove(type);
        joined.put(type, of.toString());
    }

    /**
     * The network's namespace, which is not joined any more: the runtime is to be called from inside of it instead. Empty, and
     * nothing changed, when there is no user namespace or no network to join.
     */
    Optional<Path> enterNetwork() {
        return namespaces.contains("user")
                ? Optional.ofNullable(joined.remove(NETWORK)).map(Path::of)
                : Optional.empty();
    }

    /** @param first the host's id of the root inside; the other users follow it */
    void userNamespace(int first) {
        namespaces.add("user");
        for (String mappings : List.of("uidMappings", "gidMappings")) {
            linux.putArray(mappings)
                    .addObject()
                    .put("containerID", 0)
                    .put("hostID", first)
                    .put("size", USERS);
        }
    }

    /**
     * Shows the container's own control group read-only, where programs read how much they may use. Without a namespace of its own
     * a runtime would show the host's whole tree where that is the unified one.
     */
    void showOwnControlGroup() {
        namespaces.add("cgroup");
        mount("/sys/fs/cgroup", "cgroup", "cgroup", List.of("nosuid", "noexec", "nodev", "relatime", "ro"));
    }

    /** Leaves a namespace to be the host's. */
    void shareNamespace(String type) {
        namespaces.remove(type);
    }

    boolean hasOwnNamespace(String type) {
        return namespaces.contains(type);
    }

    /** A device to be made. */
    void device(String path, Devices.Node node) {
        linux.withArray("devices")
                .addObject()
                .put("path", path)
                .put("type", String.valueOf(node.type()))
                .put("major", node.major())
                .put("minor", node.minor())
                .put("fileMode", node.permissions())
                .put("uid", node.uid())
                .put("gid", node.gid());
    }

    /**
     * Whether devices may be opened; later rules win.
     *
     * @param type {@code c}, {@code b}, or {@code a} for all
     * @param major -1: any
     * @param minor -1: any
     */
    void deviceRule(boolean allow, char type, long major, long minor, String access) {
        ObjectNode rule = resources()
                .withArray("devices")
                .addObject()
                .put("allow", allow)
                .put("type", String.valueOf(type))
                .put("access", access);
        if (major >= 0) {
            rule.put("major", major);
        }
        if (minor >= 0) {
            rule.put("minor", minor);
        }
    }

    void noSeccomp() {
        linux.remove("seccomp");
    }

    void oomScoreAdjustment(int points) {
        process.put("oomScoreAdj", points);
    }

    /** One of those that exist in each namespace. */
    void kernelParameter(String name, String value) {
        linux.withObject("/sysctl").put(name, value);
    }

    Set<String> boundingCapabilities() {
        return names(process.path("capabilities").path("bounding"));
    }

    private static Set<String> names(JsonNode array) {
        Set<String> names = new LinkedHashSet<>();
        array.forEach(name -> names.add(name.asText()));
        return names;
    }

    void noNewPrivileges() {
        process.put("noNewPrivileges", true);
    }

    /** Further than those of its user; one that it has is not listed again. */
    void addGroup(long gid) {
        ObjectNode user = process.withObject("/user");
        ArrayNode groups = user.withArray("additionalGids");
        for (JsonNode group : groups) {
            if (group.asLong() == gid) {
                return;
            }
        }
        if (user.path("gid").asLong(-1) != gid) {
            groups.add(gid);
        }
    }

    /** What a user other than root keeps when it runs its program. */
    void ambientCapabilities(Collection<String> names) {
        for (String set : List.of("inheritable", "ambient")) {
            ArrayNode array = process.withObject("/capabilities").putArray(set);
            names.forEach(array::add);
        }
    }

    /** The size of {@code /dev/shm}, if it is the container's own. */
    void shmMegabytes(long megabytes) {
        for (JsonNode mount : mounts) {
            ArrayNode options = (ArrayNode) mount.path("options");
            for (int i = 0; i < options.size(); i++) {
                if (mount.path("destination").asText().equals("/dev/shm")
                        && options.path(i).asText().startsWith("size=")) {
                    options.set(i, "size=" + megabytes + "m");
                }
            }
        }
    }

    void removeMount(String destination) {
        for (int i = mounts.size() - 1; i >= 0; i--) {
            if (mounts.path(i).path("destination").asText().equals(destination)) {
                mounts.remove(i);
            }
        }
    }

    void cgroup(String path) {
        linux.put("cgroupsPath", path);
    }

    ObjectNode resources() {
        return linux.withObject("/resources");
    }

    void seccomp(ObjectNode profile) {
        linux.set("seccomp", profile);
    }

    /** The filter of system calls, if there is one; not to be changed. */
    Optional<JsonNode> filter() {
        return Optional.ofNullable(linux.get("seccomp"));
    }

    void annotate(String key, String value) {
        root.withObject("/annotations").put(key, value);
    }

    /** Hides what of the kernel's files a stranger should not see or change. */
    void hideKernelFiles() {
        ArrayNode masked = linux.putArray("maskedPaths");
        MASKED.forEach(masked::add);
        ArrayNode readOnly = linux.putArray("readonlyPaths");
        READ_ONLY.forEach(readOnly::add);
    }

    byte[] json() {
        ArrayNode array = linux.putArray("namespaces");
        namespaces.forEach(type -> array.addObject().put("type", type));
        joined.forEach((type, path) -> array.addObject().put("type", type).put("path", path));
        return Json.bytes(root);
    }
}
