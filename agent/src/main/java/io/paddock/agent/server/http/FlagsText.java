package io.paddock.agent.server.http;

import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The effective flags as {@code /flags} shows them: Mesos names with underscores, values as text. */
public final class FlagsText {
    private FlagsText() {}

    /** Reads all options of an object with picocli's annotations. */
    public static Map<String, String> of(Object options) {
        Map<String, String> flags = new TreeMap<>();
        for (OptionSpec option : CommandSpec.forAnnotatedObject(options).options()) {
            Object value = option.getValue();
            if (value != null) {
                flags.put(option.longestName().replaceFirst("^-+", "").replace('-', '_'), value.toString());
            }
        }
        return flags;
    }
}
