package io.paddock.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import org.jspecify.annotations.Nullable;

/** Standard output or error, which knows why it could not be written: a {@link PrintStream} says only that. */
public final class StandardStream extends PrintStream {
    private final Watched below;

    private StandardStream(Watched below) {
        super(new BufferedOutputStream(below), true, Charset.defaultCharset());
        this.below = below;
    }

    /** Takes the place of {@link System#out} and {@link System#err}; before anything is written. */
    public static void install() {
        System.setOut(new StandardStream(new Watched(new FileOutputStream(FileDescriptor.out))));
        System.setErr(new StandardStream(new Watched(new FileOutputStream(FileDescriptor.err))));
    }

    /** Why it could not be written; only after {@link PrintStream#checkError} said that it could not. */
    static IOException failure(PrintStream stream) {
        IOException known = stream instanceof StandardStream standard ? standard.below.failure : null;
        return known == null ? new IOException("the reason is not known") : known;
    }

    private static final class Watched extends FilterOutputStream {
        private volatile @Nullable IOException failure;

        Watched(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            try {
                out.write(bytes, from, length);
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }
    }
}
