package io.paddock.executor.core;

/** What one check found. */
public sealed interface CheckOutcome {
    /** A command ran to its end. */
    record CommandExited(int code) implements CheckOutcome {}

    /** An HTTP server answered, after following redirects. */
    record HttpAnswered(int statusCode) implements CheckOutcome {}

    /** A TCP connection was made, or refused. */
    record TcpTried(boolean connected) implements CheckOutcome {}

    /** No answer: the time ran out, nothing could be connected to or the check itself could not be run. */
    record Unanswered(String why) implements CheckOutcome {}

    /** Whether a health check with this outcome counts as passed: exit 0, HTTP 200 to 399, connected. */
    default boolean passed() {
        if (this instanceof CommandExited command) {
            return command.code() == 0;
        }
        if (this instanceof HttpAnswered http) {
            return http.statusCode() >= 200 && http.statusCode() < 400;
        }
        return this instanceof TcpTried tcp && tcp.connected();
    }

    /** The outcome in words, for the message of a status update. */
    default String describe() {
        if (this instanceof CommandExited command) {
            return "command exited with status " + command.code();
        }
        if (this instanceof HttpAnswered http) {
            return "HTTP status " + http.statusCode();
        }
        if (this instanceof TcpTried tcp) {
            return tcp.connected() ? "connected" : "connection refused";
        }
        return ((Unanswered) this).why();
    }
}
