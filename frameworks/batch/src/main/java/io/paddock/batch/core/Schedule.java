package io.paddock.batch.core;

/**
 * When a job runs by itself.
 *
 * @param cron five fields and optionally the year
 * @param timezone id of the zone the fields are meant in
 * @param startingDeadlineSeconds a run started by this schedule that got no task running within this time fails
 * @param forbidConcurrent skip a firing while a run of the job is active
 */
public record Schedule(
        String id,
        String cron,
        String timezone,
        long startingDeadlineSeconds,
        boolean forbidConcurrent,
        boolean enabled) {
    public Schedule withId(String newId) {
        return new Schedule(newId, cron, timezone, startingDeadlineSeconds, forbidConcurrent, enabled);
    }
}
