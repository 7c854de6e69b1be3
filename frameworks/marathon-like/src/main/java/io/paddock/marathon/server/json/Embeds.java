package io.paddock.marathon.server.json;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Which additions to an app or group were asked for with {@code embed=}; unknown ones are ignored. */
public final class Embeds {
    /** One addition. */
    public enum Embed {
        TASKS,
        COUNTS,
        DEPLOYMENTS,
        READINESS,
        LASTTASKFAILURE,
        TASKSTATS
    }

    private Embeds() {}

    /** Additions to apps; the prefixes {@code apps.}, {@code app.} and {@code group.apps.} make no difference. */
    public static Set<Embed> apps(List<String> asked, Set<Embed> always) {
        Set<Embed> result = EnumSet.noneOf(Embed.class);
        result.addAll(always);
        for (String text : asked) {
            String name =
                    text.replaceFirst("^(group\\.apps\\.|apps\\.|app\\.)", "").toUpperCase(Locale.ROOT);
            if (name.equals("FAILURES")) {
                result.addAll(EnumSet.of(Embed.TASKS, Embed.LASTTASKFAILURE, Embed.DEPLOYMENTS));
            }
            for (Embed embed : Embed.values()) {
                if (embed.name().equals(name)) {
                    result.add(embed);
                }
            }
        }
        if (result.contains(Embed.TASKS)) {
            result.add(Embed.DEPLOYMENTS);
        }
        return result;
    }
}
