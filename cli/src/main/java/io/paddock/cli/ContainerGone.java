package io.paddock.cli;

/** The agent does not know the container: it has ended, or never was there. */
final class ContainerGone extends CommandFailed {
    private static final long serialVersionUID = 1;

    ContainerGone(String message) {
        super(message);
    }
}
