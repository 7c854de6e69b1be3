package io.paddock.cli;

import io.paddock.common.DurationText;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Durations: {@code 30s}, {@code 5m}, {@code 2h}, {@code 1d}, or as the servers' flags have them, {@code 30secs}. */
final class TimeSpan implements ITypeConverter<Duration> {
    private static final Pattern SHORT = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([smhd])");
    private static final Map<String, String> UNITS = Map.of("s", "secs", "m", "mins", "h", "hrs", "d", "days");

    @Override
    public Duration convert(String text) {
        Matcher matcher = SHORT.matcher(text);
        try {
            return DurationText.parse(matcher.matches() ? matcher.group(1) + UNITS.get(matcher.group(2)) : text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException("'" + text + "' is not a duration such as 30s, 5m, 2h or 1d");
        }
    }
}
