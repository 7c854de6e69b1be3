package io.paddock.cli;

/** A command cannot do what it was asked; the message says why and what to do next. Ends with exit code 1. */
final class CommandFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CommandFailed(String message) {
        super(message);
    }
}
