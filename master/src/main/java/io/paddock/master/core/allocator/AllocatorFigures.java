package io.paddock.master.core.allocator;

import java.util.SortedMap;

/**
 * What an allocator tells of itself.
 *
 * @param runs how often it handed out what became possible
 * @param agentsVisited how many agents all runs together looked at
 * @param agentsHeld held for frameworks that wait for a large offer
 * @param workWaits something happened since the last run
 * @param roles those in use, by name
 */
public record AllocatorFigures(
        long runs, long agentsVisited, int agentsHeld, boolean workWaits, SortedMap<String, RoleFigures> roles) {
    /**
     * One role.
     *
     * @param share its dominant share, with all roles below it, before the weight: 0 to 1
     * @param refusals of agents by the frameworks of this very role that are in force
     */
    public record RoleFigures(double share, int refusals) {}
}
