package io.paddock.common;

import java.util.Map;
import java.util.Set;

/** Signal numbers of Linux (x86-64 and arm64). */
public final class Signals {
    public static final int SIGHUP = 1;
    public static final int SIGINT = 2;
    public static final int SIGKILL = 9;
    public static final int SIGTERM = 15;

    private static final Map<Integer, String> DESCRIPTIONS = Map.ofEntries(
            Map.entry(1, "Hangup"),
            Map.entry(2, "Interrupt"),
            Map.entry(3, "Quit"),
            Map.entry(4, "Illegal instruction"),
            Map.entry(5, "Trace/breakpoint trap"),
            Map.entry(6, "Aborted"),
            Map.entry(7, "Bus error"),
            Map.entry(8, "Floating point exception"),
            Map.entry(9, "Killed"),
            Map.entry(10, "User defined signal 1"),
            Map.entry(11, "Segmentation fault"),
            Map.entry(12, "User defined signal 2"),
            Map.entry(13, "Broken pipe"),
            Map.entry(14, "Alarm clock"),
            Map.entry(15, "Terminated"),
            Map.entry(24, "CPU time limit exceeded"),
            Map.entry(25, "File size limit exceeded"),
            Map.entry(31, "Bad system call"));

    private static final Set<Integer> WITHOUT_END = Set.of(0, 17, 18, 19, 20, 21, 22, 23, 28);

    private Signals() {}

    /** Whether a process that does nothing about the signal ends by it. */
    public static boolean end(int signal) {
        return !WITHOUT_END.contains(signal);
    }

    /** As strsignal(3) words it, which is what Mesos puts into status messages. */
    public static String describe(int signal) {
        return DESCRIPTIONS.getOrDefault(signal, "Unknown signal " + signal);
    }
}
