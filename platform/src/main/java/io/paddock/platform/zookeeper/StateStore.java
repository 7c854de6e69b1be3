package io.paddock.platform.zookeeper;

import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.CompletionStage;

/**
 * What must survive a leader, as keys and values. A store belongs to one leader from its opening on: opening it takes the
 * state over, and every write of an earlier owner fails from then on.
 *
 * <p>Keys have the form {@code collection/name}: a collection of letters, digits and {@code -_.}, and a name of any
 * characters. All methods may be called from any thread and do not block. Writes take effect in the order of the calls.
 */
public interface StateStore extends AutoCloseable {
    /** Most bytes in one batch, keys included: what ZooKeeper takes in one request. */
    int MAX_BATCH_BYTES = 900_000;

    /** A change of one key. */
    sealed interface Write {
        String key();

        /** Sets a value, whether or not there is one. */
        record Put(String key, byte[] value) implements Write {}

        /** Removes a value, if there is one. */
        record Delete(String key) implements Write {}
    }

    static Write put(String key, byte[] value) {
        return new Write.Put(key, value);
    }

    static Write delete(String key) {
        return new Write.Delete(key);
    }

    /**
     * All keys that start with a prefix, and their values.
     *
     * @param prefix {@code collection/} and possibly the start of a name, or empty for everything
     */
    CompletionStage<SortedMap<String, byte[]>> load(String prefix);

    /**
     * Writes all or nothing. Completes with {@link FencedException} when another leader took over,
     * {@link OutcomeUnknownException} when nobody can say whether it was written, {@link TooLargeException} when the batch
     * is longer than {@link #MAX_BATCH_BYTES}. After the first two the store takes no further writes: the leader must give up.
     */
    CompletionStage<Void> write(List<Write> batch);

    @Override
    void close();

    /** Another leader has taken the state over. */
    final class FencedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        public FencedException(String message) {
            super(message);
        }
    }

    /** The write may or may not have happened. */
    final class OutcomeUnknownException extends RuntimeException {
        private static final long serialVersionUID = 1;

        public OutcomeUnknownException(String message) {
            super(message);
        }
    }

    /** More than one request can carry. Nothing was written; the store goes on. */
    final class TooLargeException extends IllegalArgumentException {
        private static final long serialVersionUID = 1;

        public TooLargeException(String message) {
            super(message);
        }
    }
}
