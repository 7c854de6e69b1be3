package io.paddock.cli;

/** A command cannot do what it was asked; the message says why and what to do next. Ends with exit code 1, {@code run} with 125. */
sealed class CommandFailed extends RuntimeException permits ContainerGone, OutputFailed, ServerAway {
    private static final long serialVersionUID = 1L;

    CommandFailed(String message) {
        super(message);
    }
}
