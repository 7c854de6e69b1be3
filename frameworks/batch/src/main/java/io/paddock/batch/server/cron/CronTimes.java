package io.paddock.batch.server.cron;

import com.cronutils.model.Cron;
import com.cronutils.model.definition.CronDefinition;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import io.paddock.batch.core.FireTimes;
import io.paddock.batch.core.Schedule;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Optional;

/**
 * Cron with five fields (minute, hour, day of month, month, day of week) and optionally the year; {@code L}, {@code W} and
 * {@code #} in the day fields; Sunday is 0 or 7. Where both day fields are restricted both must match. Source: Metronome.
 *
 * <p>Fields are meant in the zone of the schedule: a time skipped by a change to summer time fires at the end of the gap, one
 * that occurs twice fires once.
 */
public final class CronTimes implements FireTimes {
    private static final int MONDAY = 1;
    private static final int SUNDAY = 7;

    private final CronParser parser = new CronParser(definition());

    private static CronDefinition definition() {
        return CronDefinitionBuilder.defineCron()
                .withMinutes()
                .and()
                .withHours()
                .and()
                .withDayOfMonth()
                .supportsL()
                .supportsW()
                .and()
                .withMonth()
                .and()
                .withDayOfWeek()
                .withValidRange(0, SUNDAY)
                .withMondayDoWValue(MONDAY)
                .withIntMapping(SUNDAY, 0)
                .supportsHash()
                .supportsL()
                .and()
                .withYear()
                .optional()
                .and()
                .matchDayOfWeekAndDayOfMonth()
                .instance();
    }

    /**
     * What is wrong with an expression; empty when it fires at least once after {@code now}.
     *
     * @param cron the expression
     */
    public Optional<String> problem(String cron, Instant now) {
        try {
            ExecutionTime times = ExecutionTime.forCron(parse(cron));
            return times.nextExecution(now.atZone(ZoneId.of("UTC"))).isPresent()
                    ? Optional.empty()
                    : Optional.of("'" + cron + "' never fires");
        } catch (IllegalArgumentException | DateTimeException e) {
            return Optional.of("'" + cron + "' is no cron expression: " + e.getMessage());
        }
    }

    @Override
    public Optional<Instant> next(Schedule schedule, Instant after) {
        ExecutionTime times = ExecutionTime.forCron(parse(schedule.cron()));
        ZoneId zone = ZoneId.of(schedule.timezone());
        ZonedDateTime from = after.atZone(zone);
        Optional<Instant> next = times.nextExecution(from).map(ZonedDateTime::toInstant);
        Optional<Instant> skipped = inGap(times, from).filter(at -> at.isAfter(after));
        return next.isPresent() && (skipped.isEmpty() || next.get().isBefore(skipped.get())) ? next : skipped;
    }

    /** The end-of-gap time of the next firing if that is one the zone's clock skips: the library leaves it out. */
    private static Optional<Instant> inGap(ExecutionTime times, ZonedDateTime from) {
        ZoneId zone = from.getZone();
        return times.nextExecution(from.toLocalDateTime().atZone(ZoneOffset.UTC))
                .map(ZonedDateTime::toLocalDateTime)
                .filter(local -> zone.getRules().getValidOffsets(local).isEmpty())
                .map(local -> zone.getRules().getTransition(local).getInstant());
    }

    private Cron parse(String cron) {
        return parser.parse(cron).validate();
    }
}
