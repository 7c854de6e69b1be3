package io.paddock.cli;

import java.io.IOException;

/** The controlling terminal as a wire: every key goes through at once and nothing is echoed. Undone on close and on exit. */
final class RawMode {
    private final String saved;
    private final Thread onExit = new Thread(this::restore, "paddock-restore-terminal");

    private RawMode(String saved) {
        this.saved = saved;
    }

    /** The terminal as it is. */
    static RawMode none() {
        return new RawMode("");
    }

    static RawMode enter() {
        try {
            RawMode mode = new RawMode(Terminal.stty("-g").strip());
            if (!AtExit.run(mode.onExit)) {
                return none(); // nobody would undo it
            }
            Terminal.stty("raw", "-echo");
            return mode;
        } catch (IOException e) {
            throw new CommandFailed("--tty: the terminal cannot be switched: " + e.getMessage());
        }
    }

    private void restore() {
        try {
            Terminal.stty(saved);
        } catch (IOException e) {
            System.err.println("The terminal could not be restored (" + e.getMessage() + "); 'stty sane' does it.");
        }
    }

    void close() {
        if (!saved.isEmpty() && AtExit.forget(onExit)) {
            restore();
        }
    }
}
