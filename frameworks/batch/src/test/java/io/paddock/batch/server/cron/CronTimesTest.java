package io.paddock.batch.server.cron;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.batch.core.Schedule;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CronTimesTest {
    private static final Instant SUNDAY_NOON = Instant.parse("2026-03-01T12:00:00Z");
    private final CronTimes cron = new CronTimes();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "* * * * *          | UTC           | 2026-03-01T12:00:00Z | 2026-03-01T12:01:00Z",
                "*/15 * * * *       | UTC           | 2026-03-01T12:01:00Z | 2026-03-01T12:15:00Z",
                "0 0 * * 0          | UTC           | 2026-03-01T12:00:00Z | 2026-03-08T00:00:00Z",
                "0 0 * * 7          | UTC           | 2026-03-01T12:00:00Z | 2026-03-08T00:00:00Z",
                "0 0 * * 1-5        | UTC           | 2026-03-01T12:00:00Z | 2026-03-02T00:00:00Z",
                "0 0 L * *          | UTC           | 2026-03-01T12:00:00Z | 2026-03-31T00:00:00Z",
                "0 0 15W * *        | UTC           | 2026-03-01T12:00:00Z | 2026-03-16T00:00:00Z",
                "0 0 * * 2#2        | UTC           | 2026-03-01T12:00:00Z | 2026-03-10T00:00:00Z",
                "0 0 * * 5L         | UTC           | 2026-03-01T12:00:00Z | 2026-03-27T00:00:00Z",
                "0 0 13 * 5         | UTC           | 2026-03-01T12:00:00Z | 2026-03-13T00:00:00Z",
                "0 0 1 1 * 2028     | UTC           | 2026-03-01T12:00:00Z | 2028-01-01T00:00:00Z",
                "30 9 * * *         | Europe/Berlin | 2026-03-01T12:00:00Z | 2026-03-02T08:30:00Z",
                "30 9 * * *         | Europe/Berlin | 2026-07-01T12:00:00Z | 2026-07-02T07:30:00Z",
            })
    void firesNext(String expression, String zone, Instant after, Instant expected) {
        assertThat(cron.next(schedule(expression, zone), after)).contains(expected);
        assertThat(cron.problem(expression, after)).isEmpty();
    }

    /** Berlin goes from 2:00 to 3:00 on 29 March 2026 and from 3:00 back to 2:00 on 25 October 2026. */
    @Test
    void summerTimeNeitherSkipsNorRepeatsADay() {
        Schedule daily = schedule("30 2 * * *", "Europe/Berlin");
        Instant spring = cron.next(daily, Instant.parse("2026-03-28T12:00:00Z")).orElseThrow();
        assertThat(spring).isBetween(Instant.parse("2026-03-29T01:00:00Z"), Instant.parse("2026-03-29T01:30:00Z"));
        assertThat(cron.next(daily, spring).orElseThrow()).isEqualTo(Instant.parse("2026-03-30T00:30:00Z"));

        Instant autumn = cron.next(daily, Instant.parse("2026-10-24T12:00:00Z")).orElseThrow();
        assertThat(autumn).isEqualTo(Instant.parse("2026-10-25T00:30:00Z"));
        assertThat(cron.next(daily, autumn).orElseThrow()).isEqualTo(Instant.parse("2026-10-26T01:30:00Z"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "* * *", "61 * * * *", "0 0 31 2 *", "every minute", "0 0 1 1 * 1999"})
    void refusesWhatNeverFires(String expression) {
        assertThat(cron.problem(expression, SUNDAY_NOON)).isPresent();
    }

    private static Schedule schedule(String expression, String zone) {
        return new Schedule("s", expression, zone, 900, false, true);
    }
}
