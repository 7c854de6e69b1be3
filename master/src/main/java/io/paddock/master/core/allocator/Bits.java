package io.paddock.master.core.allocator;

import java.util.Arrays;
import java.util.function.IntConsumer;

/** A set of small numbers as words of bits, open to word-wise work. Grows by itself. */
final class Bits {
    long[] words = {};

    boolean get(int i) {
        int word = i >> 6;
        return word < words.length && (words[word] & (1L << i)) != 0;
    }

    void set(int i) {
        int word = i >> 6;
        if (word >= words.length) {
            words = Arrays.copyOf(words, Math.max(word + 1, words.length * 3 / 2));
        }
        words[word] |= 1L << i;
    }

    void clear(int i) {
        int word = i >> 6;
        if (word < words.length) {
            words[word] &= ~(1L << i);
        }
    }

    void set(int i, boolean value) {
        if (value) {
            set(i);
        } else {
            clear(i);
        }
    }

    int size() {
        int size = 0;
        for (long word : words) {
            size += Long.bitCount(word);
        }
        return size;
    }

    void clear() {
        Arrays.fill(words, 0);
    }

    boolean isEmpty() {
        return Quantities.isEmpty(words);
    }

    /** Makes this a copy of {@code other}. */
    void copy(Bits other) {
        if (words.length != other.words.length) {
            words = other.words.clone();
        } else {
            System.arraycopy(other.words, 0, words, 0, words.length);
        }
    }

    void forEach(IntConsumer action) {
        for (int i = 0; i < words.length; i++) {
            for (long left = words[i]; left != 0; left &= left - 1) {
                action.accept((i << 6) + Long.numberOfTrailingZeros(left));
            }
        }
    }

    void add(Bits other) {
        if (words.length < other.words.length) {
            words = Arrays.copyOf(words, other.words.length);
        }
        for (int i = 0; i < other.words.length; i++) {
            words[i] |= other.words[i];
        }
    }

    void retain(Bits other) {
        for (int i = 0; i < words.length; i++) {
            words[i] &= i < other.words.length ? other.words[i] : 0;
        }
    }

    void remove(Bits other) {
        for (int i = 0; i < Math.min(words.length, other.words.length); i++) {
            words[i] &= ~other.words[i];
        }
    }
}
