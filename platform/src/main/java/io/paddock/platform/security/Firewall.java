package io.paddock.platform.security;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashSet;
import java.util.Set;

/** Endpoints that are switched off: {@code {"disabled_endpoints":{"paths":["/files/browse"]}}}, as Mesos has it. */
public final class Firewall {
    /** Nothing is switched off. */
    public static final Firewall NONE = new Firewall(Set.of());

    private final Set<String> paths;

    private Firewall(Set<String> paths) {
        this.paths = paths;
    }

    /** @throws IllegalArgumentException when the rules have another form */
    public static Firewall parse(byte[] json) {
        JsonFields rules = JsonFields.of(json);
        JsonNode list = rules.object("disabled_endpoints").path("paths");
        Set<String> paths = new LinkedHashSet<>();
        for (JsonNode path : list) {
            if (!path.isTextual() || !path.textValue().startsWith("/")) {
                throw new IllegalArgumentException(
                        "disabled_endpoints.paths: expected paths such as \"/files/browse\"");
            }
            paths.add(path.textValue());
            paths.add(EndpointPath.withoutEnding(path.textValue()));
        }
        if (!list.isArray()) {
            throw new IllegalArgumentException("disabled_endpoints.paths: expected a list");
        }
        return new Firewall(paths);
    }

    boolean isEmpty() {
        return paths.isEmpty();
    }

    /** Whether a path is switched off, by its own name or by the plain one of the same endpoint. */
    boolean blocks(String path) {
        return paths.contains(path) || paths.contains(EndpointPath.plain(path));
    }
}
