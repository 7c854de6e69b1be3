package io.paddock.common;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The declared lifecycle of something: which state may follow which. A state machine asks it before every change, the
 * documentation is generated from it, and tests prove that each edge is visited.
 *
 * <p>Built once, then immutable.
 *
 * @param <S> the states
 */
public final class TransitionTable<S extends Enum<S>> {
    /** One allowed change. */
    public record Edge<S>(S from, S to) {}

    private final String name;
    private final Class<S> type;
    private final Map<S, Set<S>> next;

    private TransitionTable(String name, Class<S> type, Map<S, Set<S>> next) {
        this.name = name;
        this.type = type;
        this.next = next;
    }

    /** Starts the table of a lifecycle; the name appears in diagrams and messages. */
    public static <S extends Enum<S>> Builder<S> of(String name, Class<S> type) {
        return new Builder<>(name, type);
    }

    public boolean allows(S from, S to) {
        return next.getOrDefault(from, Set.of()).contains(to);
    }

    /**
     * Answers {@code to} if the change is declared.
     *
     * @param subject the id of what changes, for the message
     * @throws IllegalStateException on an undeclared change: a broken invariant
     */
    public S require(Object subject, S from, S to) {
        if (!allows(from, to)) {
            throw new IllegalStateException(name + " " + subject + ": no transition from " + from + " to " + to
                    + "; allowed: " + next.getOrDefault(from, Set.of()));
        }
        return to;
    }

    /** States with no way out. */
    public Set<S> terminal() {
        Set<S> result = EnumSet.allOf(type);
        next.forEach((from, to) -> {
            if (!to.isEmpty()) {
                result.remove(from);
            }
        });
        return Collections.unmodifiableSet(result);
    }

    public List<Edge<S>> edges() {
        List<Edge<S>> edges = new ArrayList<>();
        next.forEach((from, tos) -> tos.forEach(to -> edges.add(new Edge<>(from, to))));
        return Collections.unmodifiableList(edges);
    }

    /** The diagram as Mermaid text, one edge a line, in declaration order. */
    public String toMermaid() {
        StringBuilder text = new StringBuilder("stateDiagram-v2\n");
        for (Edge<S> edge : edges()) {
            text.append("    ")
                    .append(edge.from())
                    .append(" --> ")
                    .append(edge.to())
                    .append('\n');
        }
        for (S state : terminal()) {
            text.append("    ").append(state).append(" --> [*]\n");
        }
        return text.toString();
    }

    /** Collects edges. */
    public static final class Builder<S extends Enum<S>> {
        private final String name;
        private final Class<S> type;
        private final Map<S, Set<S>> next;

        private Builder(String name, Class<S> type) {
            this.name = name;
            this.type = type;
            this.next = new EnumMap<>(type);
        }

        @SafeVarargs
        public final Builder<S> from(S from, S... to) {
            Set<S> targets = next.computeIfAbsent(from, s -> new LinkedHashSet<>());
            for (S target : to) {
                targets.add(target);
            }
            return this;
        }

        public TransitionTable<S> build() {
            return new TransitionTable<>(name, type, next);
        }
    }
}
