package io.paddock.client;

import java.util.concurrent.CompletionException;

/** Says in words what went wrong with the network. */
final class Causes {
    private Causes() {}

    static String of(Throwable error) {
        Throwable t = error;
        while (t instanceof CompletionException && t.getCause() != null) {
            t = t.getCause();
        }
        if (t instanceof java.net.ConnectException) {
            return t.getMessage() == null ? "connection refused" : t.getMessage();
        }
        if (t instanceof java.nio.channels.UnresolvedAddressException) {
            return "the host name cannot be resolved";
        }
        String message = t.getMessage();
        return message == null ? t.getClass().getSimpleName() : message;
    }
}
