package io.paddock.common;

import java.time.Instant;
import java.util.List;

/**
 * A deterministic state machine: the one place where a component decides.
 *
 * <p>Guarantees expected of every implementation: single-threaded, never blocks, never reads a clock or a random source
 * (time, ids and randomness come in with events), and the same events in the same order give the same effects in the
 * same order. A shell feeds it and carries the effects out; {@code simulation/} does the same in virtual time.
 *
 * @param <E> events: what happened, named in the past tense
 * @param <F> effects: what the shell must do, named in the imperative
 */
public interface Core<E, F> {
    /**
     * Takes one event and answers what has to be done about it, in order.
     *
     * @param now the time of the event; never earlier than that of the event before
     * @param event what happened
     * @return the effects to carry out, possibly none
     */
    List<F> on(Instant now, E event);
}
