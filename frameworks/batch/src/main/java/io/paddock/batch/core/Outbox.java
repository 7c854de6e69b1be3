package io.paddock.batch.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Holds effects back until the changes decided before them are durable.
 *
 * <p>Changes are applied to the state at once, so that the next event is decided on them; but replies, launches and
 * acknowledgements leave only in order, and only when every earlier change was written. One write is under way at a time
 * and takes all changes gathered meanwhile, so that many small changes cost few writes.
 */
final class Outbox {
    private final BatchState state;
    private final List<List<Change>> gathered = new ArrayList<>();
    private List<Change> step = new ArrayList<>();
    private final Deque<BatchEffect> held = new ArrayDeque<>();
    /** How many of the held effects wait for the write under way only. */
    private int releasedByWrite;

    private boolean writing;
    private long writes;

    Outbox(BatchState state) {
        this.state = state;
    }

    void change(Change change) {
        state.apply(change);
        step.add(change);
    }

    /** Ends a step: the changes since the last one belong together, those after it may be written later. */
    void endStep() {
        if (!step.isEmpty()) {
            gathered.add(List.copyOf(step));
            step = new ArrayList<>();
        }
    }

    void effect(BatchEffect effect) {
        held.add(effect);
    }

    void announce(News news) {
        held.add(new BatchEffect.Announce(news));
    }

    /** The write under way is durable. */
    void persisted(long sequence, List<BatchEffect> out) {
        if (!writing || sequence != writes) {
            throw new IllegalStateException("write " + sequence + " was confirmed, but write " + writes
                    + (writing ? " is under way" : " was the last"));
        }
        writing = false;
        release(releasedByWrite, out);
    }

    /** Ends an event: starts the next write if there is something to write, or lets go what waits for nothing. */
    void flush(List<BatchEffect> out) {
        endStep();
        if (writing) {
            return;
        }
        if (gathered.isEmpty()) {
            release(held.size(), out);
            return;
        }
        writing = true;
        releasedByWrite = held.size();
        out.add(new BatchEffect.Persist(++writes, List.copyOf(gathered)));
        gathered.clear();
    }

    private void release(int count, List<BatchEffect> out) {
        for (int i = 0; i < count; i++) {
            out.add(held.remove());
        }
    }
}
