package io.paddock.cli;

import java.util.Locale;

/**
 * A Linux signal.
 *
 * @param number 1 to 64
 */
record Signal(int number) {
    private static final String[] NAMES = {
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
        "TERM"
    };

    /** The words of the C library for the same signals, which status messages use. */
    private static final String[] WORDS = {
        "Hangup",
        "Interrupt",
        "Quit",
        "Illegal instruction",
        "Trace/breakpoint trap",
        "Aborted",
        "Bus error",
        "Floating point exception",
        "Killed",
        "User defined signal 1",
        "Segmentation fault",
        "User defined signal 2",
        "Broken pipe",
        "Alarm clock",
        "Terminated"
    };

    static final Signal TERM = new Signal(15);
    static final Signal KILL = new Signal(9);

    /**
     * Reads {@code TERM}, {@code SIGTERM} or {@code 15}.
     *
     * @throws IllegalArgumentException when it is none
     */
    static Signal parse(String text) {
        String name = text.toUpperCase(Locale.ROOT);
        if (name.startsWith("SIG")) {
            name = name.substring(3);
        }
        for (int i = 0; i < NAMES.length; i++) {
            if (NAMES[i].equals(name)) {
                return new Signal(i + 1);
            }
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= 1 && number <= 64) {
                return new Signal(number);
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(unknown(text), e);
        }
        throw new IllegalArgumentException(unknown(text));
    }

    /** The number of the signal that a status message names; 0 when it names none. */
    static int ofWords(String words) {
        for (int i = 0; i < WORDS.length; i++) {
            if (words.contains(WORDS[i])) {
                return i + 1;
            }
        }
        return 0;
    }

    private static String unknown(String text) {
        return "'" + text + "' is not a signal; expected a name such as TERM, or a number from 1 to 64";
    }
}
