package io.paddock.agent.server.containers.oci;

import io.paddock.proto.v1.Parameter;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The options {@code cap-add} and {@code cap-drop} of {@code docker run}, which count together, whatever their order. As
 * Docker does it:
 *
 * <table>
 *   <tr><td>ALL is added</td><td>all but those dropped by name</td></tr>
 *   <tr><td>ALL is dropped</td><td>those added</td></tr>
 *   <tr><td>else</td><td>those it has without them, but for those dropped; and those added, dropped or not</td></tr>
 * </table>
 *
 * @param grantable what the agent may grant
 */
record CapabilityParameters(Set<String> added, Set<String> dropped, Set<String> grantable) {
    private static final String ALL = "ALL";

    /** @throws IOException if it names what the agent cannot grant */
    static CapabilityParameters of(List<Parameter> parameters, Set<String> grantable) throws IOException {
        Set<String> added = new LinkedHashSet<>();
        Set<String> dropped = new LinkedHashSet<>();
        for (Parameter parameter : parameters) {
            switch (parameter.getKey()) {
                case "cap-add" -> added.add(name(parameter.getValue(), grantable));
                case "cap-drop" -> dropped.add(name(parameter.getValue(), grantable));
                default -> {
                    // not about capabilities
                }
            }
        }
        return new CapabilityParameters(added, dropped, grantable);
    }

    private static String name(String value, Set<String> grantable) throws IOException {
        String upper = value.toUpperCase(Locale.ROOT);
        if (upper.equals(ALL)) {
            return ALL;
        }
        String name = upper.startsWith("CAP_") ? upper : "CAP_" + upper;
        if (!grantable.contains(name)) {
            throw new IOException("container.docker.parameters: the agent cannot grant capability " + value);
        }
        return name;
    }

    /** @param without what it has without these options */
    Set<String> applied(Set<String> without) {
        boolean all = added.contains(ALL);
        Set<String> names = new LinkedHashSet<>(all ? grantable : without);
        if (!all && dropped.contains(ALL)) {
            names.clear();
        }
        names.removeAll(dropped);
        if (!all) {
            names.addAll(added);
        }
        return names;
    }
}
