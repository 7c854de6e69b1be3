package io.paddock.batch.server;

import io.paddock.batch.core.RunSuffixes;
import java.util.concurrent.ThreadLocalRandom;

/** Five random characters, as Metronome's run ids end. */
final class RandomSuffixes implements RunSuffixes {
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private static final int LENGTH = 5;

    @Override
    public String next() {
        StringBuilder suffix = new StringBuilder(LENGTH);
        for (int i = 0; i < LENGTH; i++) {
            suffix.append(ALPHABET.charAt(ThreadLocalRandom.current().nextInt(ALPHABET.length())));
        }
        return suffix.toString();
    }
}
