package io.paddock.platform.linux;

import com.sun.jna.Function;
import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The signals that this process was started to ignore, as by nohup(1) or as a background job of a script. */
public final class IgnoredSignals {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String IGNORED = "SigIgn:";
    /** Those beyond are of programs' own use, the first of them of the C library's, which refuses to change them. */
    private static final int HIGHEST = 31;

    private IgnoredSignals() {}

    /**
     * Goes on ignoring them, but no longer by a disposition that every program started from here would inherit and could not
     * even undo where it is a shell: caught signals are the default again in a new program. They are caught by a function of
     * the C library that does nothing when it is given a number.
     */
    public static void keepToThisProcess() throws IOException {
        long ignored = ignored();
        Function nothing = NativeLibrary.getInstance("c").getFunction("abs");
        for (int signal = 1; signal <= HIGHEST; signal++) {
            if (((ignored >>> (signal - 1)) & 1) != 0) {
                try {
                    C.signal(signal, nothing);
                } catch (LastErrorException e) {
                    throw SystemErrors.of("signal " + signal, STATUS, e);
                }
            }
        }
    }

    private static long ignored() throws IOException {
        return Files.readAllLines(STATUS).stream()
                .filter(line -> line.startsWith(IGNORED))
                .mapToLong(line ->
                        Long.parseUnsignedLong(line.substring(IGNORED.length()).strip(), 16))
                .findFirst()
                .orElse(0);
    }

    /** The C library. */
    private static final class C {
        static {
            Native.register(C.class, "c");
        }

        private C() {}

        static native Pointer signal(int signal, Pointer handler) throws LastErrorException;
    }
}
