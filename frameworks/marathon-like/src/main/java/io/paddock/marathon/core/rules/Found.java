package io.paddock.marathon.core.rules;

import io.paddock.marathon.core.Refusal.Violation;
import java.util.ArrayList;
import java.util.List;

/** What was found to be wrong. */
final class Found {
    private final String prefix;
    private final List<Violation> violations = new ArrayList<>();

    Found(String prefix) {
        this.prefix = prefix;
    }

    void add(String path, String error) {
        String full = path.equals("/") && !prefix.isEmpty() ? prefix : prefix + path;
        violations.add(new Violation(full, error));
    }

    List<Violation> all() {
        return List.copyOf(violations);
    }
}
