package io.paddock.common;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An amount of bytes as Mesos writes it in flags: a whole number and a unit, {@code 2GB}. Units: B, KB, MB, GB, TB, each 1024 of
 * the one before; a number alone is of bytes.
 *
 * @param bytes not negative
 */
public record ByteSize(long bytes) {
    private static final Pattern FORM = Pattern.compile("(\\d{1,12})\\s*([KMGT]?)B?", Pattern.CASE_INSENSITIVE);
    private static final String UNITS = "KMGT";
    private static final int SHIFT = 10;

    /**
     * Reads a size.
     *
     * @throws IllegalArgumentException when the text is not {@code <number><unit>}, or more than a long holds
     */
    public static ByteSize parse(String text) {
        Matcher m = FORM.matcher(text.strip());
        if (!m.matches()) {
            throw bad(text);
        }
        int shift =
                SHIFT * (m.group(2).isEmpty() ? 0 : 1 + UNITS.indexOf(m.group(2).toUpperCase(Locale.ROOT)));
        long number = Long.parseLong(m.group(1));
        if (number > Long.MAX_VALUE >> shift) {
            throw bad(text);
        }
        return new ByteSize(number << shift);
    }

    public static ByteSize ofMegabytes(long megabytes) {
        return new ByteSize(megabytes << (2 * SHIFT));
    }

    /** In the largest unit that needs no fraction. */
    @Override
    public String toString() {
        long number = bytes;
        int unit = 0;
        while (unit < UNITS.length() && number > 0 && number % (1L << SHIFT) == 0) {
            number >>= SHIFT;
            unit++;
        }
        return number + (unit == 0 ? "" : UNITS.substring(unit - 1, unit)) + "B";
    }

    private static IllegalArgumentException bad(String text) {
        return new IllegalArgumentException(
                "'" + text + "' is not a size; expected a number and a unit (B, KB, MB, GB, TB), such as 2GB");
    }
}
