package io.paddock.common;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as Mesos writes them in flags and environment variables: a number and a unit, {@code 15mins},
 * {@code 1.5hrs}. Units: ns, us, ms, secs, mins, hrs, days, weeks.
 */
public final class DurationText {
    private static final Pattern FORM = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([a-z]+)");

    private enum Unit {
        NS(1),
        US(1_000),
        MS(1_000_000),
        SECS(1_000_000_000L),
        MINS(60 * SECS.nanos),
        HRS(60 * MINS.nanos),
        DAYS(24 * HRS.nanos),
        WEEKS(7 * DAYS.nanos);

        private final long nanos;

        Unit(long nanos) {
            this.nanos = nanos;
        }
    }

    private DurationText() {}

    /**
     * Reads a duration.
     *
     * @throws IllegalArgumentException when the text is not {@code <number><unit>}
     */
    public static Duration parse(String text) {
        Matcher m = FORM.matcher(text.trim().toLowerCase(Locale.ROOT));
        if (!m.matches()) {
            throw bad(text);
        }
        for (Unit unit : Unit.values()) {
            if (unit.name().equalsIgnoreCase(m.group(2))) {
                return Duration.ofNanos(Math.round(Double.parseDouble(m.group(1)) * unit.nanos));
            }
        }
        throw bad(text);
    }

    /** Writes a duration in the largest unit that needs no more than two decimals. */
    public static String format(Duration duration) {
        long nanos = duration.toNanos();
        Unit[] units = Unit.values();
        for (int i = units.length - 1; i > 0; i--) {
            if (nanos >= units[i].nanos && nanos * 100 % units[i].nanos == 0) {
                double amount = (double) nanos / units[i].nanos;
                String number = amount == Math.rint(amount) ? Long.toString((long) amount) : Double.toString(amount);
                return number + units[i].name().toLowerCase(Locale.ROOT);
            }
        }
        return nanos + "ns";
    }

    private static IllegalArgumentException bad(String text) {
        return new IllegalArgumentException("'" + text
                + "' is not a duration; expected a number and a unit (ns, us, ms, secs, mins, hrs, days, weeks),"
                + " such as 15secs");
    }
}
