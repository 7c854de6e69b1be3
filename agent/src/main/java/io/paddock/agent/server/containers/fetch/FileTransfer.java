package io.paddock.agent.server.containers.fetch;

import io.paddock.agent.server.containers.tools.Cancellation;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Path;

/** One way to bring bytes here. */
interface FileTransfer {
    /**
     * Brings the rest of a file, appending to what is there; begins anew where the source cannot be asked for a part.
     *
     * @param partial what an earlier attempt has left, if anything
     * @throws TransferBroken when a further attempt may help
     * @throws IOException when it will not
     */
    void transfer(Source source, Path partial, Cancellation cancellation) throws IOException;

    /** The way between broke, not the source or this machine. */
    final class TransferBroken extends IOException {
        private static final long serialVersionUID = 1L;

        TransferBroken(String message, Throwable cause) {
            super(message, cause);
        }

        /** What broke it, in words that do not need Java's names. */
        static String words(Throwable failure) {
            boolean refused = false;
            for (Throwable each = failure; each != null; each = each.getCause()) {
                if (each instanceof UnresolvedAddressException || each instanceof UnknownHostException) {
                    return "unknown host";
                }
                refused |= each instanceof ConnectException;
            }
            String message = failure.getMessage();
            return message != null ? message : refused ? "connection refused" : failure.toString();
        }
    }
}
