package io.paddock.marathon.server.json;

import io.paddock.marathon.core.Refusal.Violation;
import java.util.List;

/** A document that cannot be taken as what it should be; names every wrong field. */
public final class InvalidJson extends Exception {
    private static final long serialVersionUID = 1;

    private final transient List<Violation> violations;

    public InvalidJson(List<Violation> violations) {
        super("Invalid JSON: " + violations);
        this.violations = List.copyOf(violations);
    }

    public InvalidJson(String path, String error) {
        this(List.of(new Violation(path, error)));
    }

    public List<Violation> violations() {
        return violations;
    }
}
