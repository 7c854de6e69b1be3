package io.paddock.cli;

/** A server cannot be reached, or does not serve, at the moment or any more. */
final class ServerAway extends CommandFailed {
    private static final long serialVersionUID = 1L;

    ServerAway(String message) {
        super(message);
    }
}
