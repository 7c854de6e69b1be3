package io.paddock.agent.server.containers.cgroups;

import io.paddock.agent.server.containers.Limits;
import io.paddock.proto.v1.ResourceStatistics;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/**
 * The control groups of this machine. A group is named by its path below every hierarchy, such as {@code
 * /paddock/4f1c/web}. What does not exist counts as empty.
 */
public interface Cgroups {
    /** {@code v1} or {@code v2}. */
    String version();

    /** Makes a group for other groups to live in, and bounds it. */
    void create(String group, Limits limits) throws IOException;

    /** Changes the bounds of an existing group. */
    void apply(String group, Limits limits) throws IOException;

    /** The processes in a group and below it. */
    Set<Long> processes(String group) throws IOException;

    /** How often the kernel killed a process of this group for lack of memory. */
    long oomKills(String group) throws IOException;

    /** The bound of the group's memory, in bytes; 0 without one. */
    long memoryLimitBytes(String group) throws IOException;

    /** The nearest bound of memory above a group, in bytes; 0 without one. */
    default long memoryLimitAboveBytes(String group) throws IOException {
        long bound = 0;
        String above = group;
        while (bound == 0 && above.lastIndexOf('/') > 0) {
            above = above.substring(0, above.lastIndexOf('/'));
            bound = memoryLimitBytes(above);
        }
        return bound;
    }

    /** The most memory the group ever had, in bytes; 0 when the kernel does not tell. */
    long peakMemoryBytes(String group) throws IOException;

    /** Kills every process of a group and below it, once; the caller waits until {@link #processes} is empty. */
    void kill(String group) throws IOException;

    /** Removes an empty group and those below it. Fails while processes are in it. */
    void remove(String group) throws IOException;

    /** Removes a group that no other group lives in; leaves it otherwise. */
    void removeIfEmpty(String group) throws IOException;

    /** Adds the counters of a group. */
    void statistics(String group, ResourceStatistics.Builder into) throws IOException;

    /** Begins to count how often memory is short in a group; empty where the kernel has no such events, as with v2. */
    Optional<MemoryPressure> pressure(String group) throws IOException;

    /** Whether swap is accounted, so that it can be bounded together with memory. */
    boolean boundsSwap();
}
