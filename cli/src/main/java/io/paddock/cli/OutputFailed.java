package io.paddock.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.util.Objects;

/** What a command has to say cannot be written. */
sealed class OutputFailed extends CommandFailed permits OutputClosed {
    private static final long serialVersionUID = 1;

    OutputFailed(String message) {
        super(message);
    }

    /** @param stream such as {@code standard output} */
    static OutputFailed of(String stream, IOException why) {
        return isBrokenPipe(why)
                ? new OutputClosed()
                : new OutputFailed(stream + " cannot be written: " + why.getMessage());
    }

    /** The JDK gives no error numbers, and its words follow the locale: compared with what it says of a pipe known to be broken. */
    private static boolean isBrokenPipe(IOException why) {
        try {
            Pipe pipe = Pipe.open();
            pipe.source().close();
            try (Pipe.SinkChannel broken = pipe.sink()) {
                broken.write(ByteBuffer.allocate(1));
                return false;
            }
        } catch (IOException known) {
            return Objects.equals(known.getMessage(), why.getMessage());
        }
    }
}
