package io.paddock.marathon.core.rules;

import io.paddock.marathon.core.Refusal.Violation;
import io.paddock.marathon.core.model.PathId;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Rules of the ids of apps and groups. */
public final class IdRules {
    private static final Pattern SEGMENT =
            Pattern.compile("[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*");
    private static final Set<String> RESERVED = Set.of("restart", "tasks", "versions");
    private static final int MAX_LENGTH = 200;

    private IdRules() {}

    static void check(PathId id, Found found) {
        if (id.isRoot()) {
            found.add("/id", "must not be the root");
            return;
        }
        for (String segment : id.segments()) {
            if (!SEGMENT.matcher(segment).matches()) {
                found.add(
                        "/id",
                        "must consist of segments of lowercase letters, digits, hyphens (inside) and dots; '" + segment
                                + "' of '" + id + "' does not");
                return;
            }
        }
        if (RESERVED.contains(id.lastSegment())) {
            found.add("/id", "must not end with /restart, /tasks or /versions, is '" + id + "'");
        }
        if (id.text().length() > MAX_LENGTH) {
            found.add("/id", "must not be longer than " + MAX_LENGTH + " characters: task ids are made of it");
        }
    }

    /** Checks the id of a group; the root is one. */
    public static List<Violation> checkGroup(PathId id, String prefix) {
        Found found = new Found(prefix);
        if (!id.isRoot()) {
            check(id, found);
        }
        return found.all();
    }
}
