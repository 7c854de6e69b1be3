package io.paddock.marathon.core;

import io.paddock.marathon.core.MarathonEffect.Store;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Keeps effects back until everything stored before them is durable, so that nobody outside ever sees a change that a
 * crash could undo. One write is under way at a time; what has to be stored meanwhile goes together into the next one.
 *
 * <p>Not thread safe; owned by the shell, or by the simulation.
 */
public final class CommitQueue {
    private final Deque<MarathonEffect> waiting = new ArrayDeque<>();
    private final List<MarathonEffect> behindWrite = new ArrayList<>();
    private boolean writing;

    /**
     * What to do now.
     *
     * @param ready effects to carry out, in order
     * @param write what to write next; empty for nothing; {@link #written} must follow
     */
    public record Step(List<MarathonEffect> ready, List<Fact> write) {}

    /** Takes the effects of one event. */
    public Step offer(List<MarathonEffect> effects) {
        waiting.addAll(effects);
        return writing ? new Step(List.of(), List.of()) : release();
    }

    /** The write under way is durable. */
    public Step written() {
        if (!writing) {
            throw new IllegalStateException("no write is under way");
        }
        writing = false;
        return release();
    }

    /** How many effects wait. */
    public int size() {
        return waiting.size() + behindWrite.size();
    }

    private Step release() {
        List<MarathonEffect> ready = new ArrayList<>(behindWrite);
        behindWrite.clear();
        while (!waiting.isEmpty() && !(waiting.peek() instanceof Store)) {
            ready.add(waiting.remove());
        }
        List<Fact> write = new ArrayList<>();
        while (!waiting.isEmpty()) {
            MarathonEffect effect = waiting.remove();
            if (effect instanceof Store store) {
                write.addAll(store.facts());
            } else {
                behindWrite.add(effect);
            }
        }
        writing = !write.isEmpty();
        return new Step(ready, write);
    }
}
