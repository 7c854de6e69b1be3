package io.paddock.batch.core;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a user wants to be run.
 *
 * @param id dotted path, unique
 * @param dependencies ids of the jobs whose success starts this one
 */
public record JobSpec(
        String id, @Nullable String description, Map<String, String> labels, List<String> dependencies, RunSpec run) {
    public JobSpec withId(String newId) {
        return new JobSpec(newId, description, labels, dependencies, run);
    }
}
