package io.paddock.batch.server.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is wrong with a document, by the path of the field. */
public final class Problems {
    private final Map<String, List<String>> byPath = new LinkedHashMap<>();

    void add(String path, String what) {
        byPath.computeIfAbsent(path, p -> new ArrayList<>()).add(what);
    }

    public boolean none() {
        return byPath.isEmpty();
    }

    /** Paths such as {@code /run/cpus}, with at least one message each, in the order found. */
    public Map<String, List<String>> byPath() {
        return byPath;
    }

    /** The document was refused. */
    public static final class InvalidException extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final transient Problems problems;

        public InvalidException(Problems problems) {
            super("Object is not valid: " + problems.byPath);
            this.problems = problems;
        }

        public Problems problems() {
            return problems;
        }
    }
}
