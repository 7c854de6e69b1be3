package io.paddock.marathon.core.instance;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where an instance is: what constraints and users need of the agent.
 *
 * @param attributes the agent's attributes in their text form, by name
 */
public record Agent(
        String id,
        String host,
        @Nullable String region,
        @Nullable String zone,
        SortedMap<String, String> attributes) {
    public Agent {
        attributes = Collections.unmodifiableSortedMap(new TreeMap<>(attributes));
    }
}
