package io.paddock.agent.server.containers.oci;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.platform.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Filters of system calls, from profiles in the format that Docker made customary: rules may depend on the capabilities of
 * the container and on the machine's architecture, and are resolved to what an OCI runtime takes. Without a name it is our
 * own profile, {@code seccomp.json}: what programs need is allowed, what reaches beyond the container fails with EPERM unless
 * a capability allows it, and what we do not know fails with ENOSYS, so that programs fall back to older calls.
 */
final class SystemCalls {
    private static final String OURS = "seccomp.json";
    private static final Map<String, List<String>> ARCHITECTURES = Map.of(
            "amd64", List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"),
            "aarch64", List.of("SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"));
    private static final Map<String, Set<String>> NAMES_OF_ARCHITECTURES =
            Map.of("amd64", Set.of("amd64", "x86", "x32", "x86_64"), "aarch64", Set.of("arm64", "arm", "aarch64"));

    private final Optional<Path> directory;
    private final String architecture = System.getProperty("os.arch");
    private @Nullable JsonNode ours; // guarded by this

    /** @param directory of profiles that containers may name */
    SystemCalls(Optional<Path> directory) {
        this.directory = directory;
    }

    /** As the {@code linux.seccomp} object of a runtime configuration. */
    ObjectNode filter(Set<String> capabilities) throws IOException {
        return resolve(ours(), capabilities);
    }

    private synchronized JsonNode ours() throws IOException {
        JsonNode profile = ours;
        if (profile == null) {
            try (InputStream stream = SystemCalls.class.getResourceAsStream(OURS)) {
                if (stream == null) {
                    throw new IllegalStateException("resource " + OURS + " is missing");
                }
                profile = Json.mapper().readTree(stream);
            }
            ours = profile;
        }
        return profile;
    }

    /** @param name of a file in the directory */
    ObjectNode named(String name, Set<String> capabilities) throws IOException {
        if (directory.isEmpty()) {
            throw new IOException(
                    "seccomp profile " + name + ": this agent has no directory of profiles (--seccomp-config-dir)");
        }
        Path file = directory.get().resolve(name).normalize();
        if (!file.startsWith(directory.get().normalize()) || !Files.isRegularFile(file)) {
            throw new IOException("there is no seccomp profile " + name);
        }
        JsonNode profile;
        try {
            profile = Json.mapper().readTree(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new IOException("seccomp profile " + name + " is not valid: " + e.getMessage(), e);
        }
        if (!profile.path("defaultAction").isTextual()) {
            throw new IOException("seccomp profile " + name + ": defaultAction expected");
        }
        return resolve(profile, capabilities);
    }

    private ObjectNode resolve(JsonNode profile, Set<String> capabilities) {
        ObjectNode filter = Json.mapper().createObjectNode();
        for (String member : List.of("defaultAction", "defaultErrnoRet", "flags")) {
            if (profile.has(member)) {
                filter.set(member, profile.get(member));
            }
        }
        ArrayNode architectures = filter.putArray("architectures");
        if (profile.path("architectures").isArray()) {
            profile.path("architectures").forEach(architectures::add);
        } else {
            // Every further one makes the filter dearer to compile: two more take 12 ms of CPU.
            List<String> all = ARCHITECTURES.getOrDefault(architecture, List.of());
            all.subList(0, profile.has("archMap") ? all.size() : Math.min(1, all.size()))
                    .forEach(architectures::add);
        }
        ArrayNode rules = filter.putArray("syscalls");
        for (JsonNode rule : profile.path("syscalls")) {
            if (applies(rule, capabilities)) {
                rules.add(resolved(rule));
            }
        }
        return filter;
    }

    private boolean applies(JsonNode rule, Set<String> capabilities) {
        JsonNode includes = rule.path("includes");
        JsonNode excludes = rule.path("excludes");
        boolean included = includes.path("caps").isEmpty() || all(includes.path("caps"), capabilities);
        boolean here = includes.path("arches").isEmpty() || any(includes.path("arches"), names());
        return included && here && !any(excludes.path("caps"), capabilities) && !any(excludes.path("arches"), names());
    }

    private Set<String> names() {
        return NAMES_OF_ARCHITECTURES.getOrDefault(architecture, Set.of(architecture));
    }

    private static boolean all(JsonNode wanted, Set<String> present) {
        for (JsonNode each : wanted) {
            if (!present.contains(each.asText())) {
                return false;
            }
        }
        return true;
    }

    private static boolean any(JsonNode wanted, Set<String> present) {
        for (JsonNode each : wanted) {
            if (present.contains(each.asText())) {
                return true;
            }
        }
        return false;
    }

    /** Old profiles have one name to a rule. */
    private static ObjectNode resolved(JsonNode rule) {
        ObjectNode resolved = Json.mapper().createObjectNode();
        ArrayNode names = resolved.putArray("names");
        if (rule.has("name")) {
            names.add(rule.path("name").asText());
        }
        rule.path("names").forEach(names::add);
        resolved.set("action", rule.path("action"));
        for (String member : List.of("errnoRet", "args")) {
            if (!rule.path(member).isMissingNode() && !rule.path(member).isNull()) {
                resolved.set(member, rule.get(member));
            }
        }
        return resolved;
    }
}
