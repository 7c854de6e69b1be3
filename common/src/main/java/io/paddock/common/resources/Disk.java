package io.paddock.common.resources;

import org.jspecify.annotations.Nullable;

/**
 * What is special about a disk resource.
 *
 * @param persistence set for a persistent volume
 * @param volume where a task sees it
 * @param source which physical disk it comes from; absent for the agent's work directory
 */
public record Disk(
        @Nullable Persistence persistence,
        @Nullable Volume volume,
        @Nullable Source source) {
    /** The identity of a persistent volume: unique per role on an agent. */
    public record Persistence(String id, @Nullable String principal) {}

    /** Mode is {@code RW} or {@code RO}; paths are as the client gave them. */
    public record Volume(
            String mode, String containerPath, @Nullable String hostPath) {}

    /** Type is {@code PATH}, {@code MOUNT}, {@code BLOCK} or {@code RAW}. */
    public record Source(
            String type,
            @Nullable String root,
            @Nullable String id,
            @Nullable String profile,
            @Nullable String vendor) {}
}
