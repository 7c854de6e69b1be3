package io.paddock.agent.server.containers.tools;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Processes as {@code /proc} shows them. */
public final class Processes {
    private static final Logger LOG = LoggerFactory.getLogger(Processes.class);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(10);
    private static final Path PROC = Path.of("/proc");
    /** Positions in /proc/[pid]/stat, proc(5), counted from the field after the name. */
    private static final int STATE = 0;

    private static final int PARENT = 1;
    private static final int SESSION = 3;
    private static final int USER_TICKS = 11;
    private static final int SYSTEM_TICKS = 12;
    private static final int THREADS = 17;
    private static final int START = 19;
    private static final int RESIDENT = 21;
    private static final int BLOCKED = 29;
    private static final int CAUGHT = 31;
    private static final double TICKS_PER_SECOND = 100;
    private static final Path UPTIME = Path.of("/proc/uptime");
    private static final long PAGE_BYTES = 4096;
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private Processes() {}

    /**
     * A process that cannot be mistaken for a later one of the same id.
     *
     * @param startTicks when it started, in clock ticks since the boot
     */
    public record Identity(long pid, long startTicks) {
        public static final Identity NONE = new Identity(0, 0);

        /** Whether this very process still runs; one that has ended and waits for its parent does not. */
        public boolean runs() {
            return pid > 0 && startTicks > 0 && startTicksOf(pid) == startTicks;
        }

        /** Kills this very process, if it still runs. */
        public void kill() {
            // The handle kills none but the process it was made for, and which that is can be told once it is made.
            ProcessHandle.of(pid).filter(handle -> runs()).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    public static Identity identity(long pid) {
        return new Identity(pid, startTicksOf(pid));
    }

    /** -1 when there is no such process, or it has ended. */
    private static long startTicksOf(long pid) {
        String[] fields = stat(pid);
        return alive(fields) ? Long.parseLong(fields[START]) : -1;
    }

    /** The fields of /proc/[pid]/stat after the name; none when there is no such process. */
    private static String[] stat(long pid) {
        try {
            String text = Files.readString(PROC.resolve(Long.toString(pid)).resolve("stat"));
            return text.substring(text.lastIndexOf(')') + 2).strip().split(" ", -1);
        } catch (IOException | RuntimeException e) {
            return new String[0];
        }
    }

    private static boolean alive(String[] fields) {
        return fields.length > RESIDENT && !fields[STATE].equals("Z") && !fields[STATE].equals("X");
    }

    /** Whether a process blocks or handles a signal, 1 to 31; true as well where there is none to wait for. */
    static boolean hears(long pid, int signal) {
        String[] fields = stat(pid);
        return !alive(fields)
                || ((Long.parseLong(fields[BLOCKED]) | Long.parseLong(fields[CAUGHT])) >> (signal - 1) & 1) == 1;
    }

    /** What some processes use together. */
    public record Usage(int processes, int threads, double userSeconds, double systemSeconds, long residentBytes) {}

    public static Usage usage(Collection<Long> pids) {
        int processes = 0;
        int threads = 0;
        long user = 0;
        long system = 0;
        long pages = 0;
        for (long pid : pids) {
            String[] fields = stat(pid);
            if (alive(fields)) {
                processes++;
                threads += Integer.parseInt(fields[THREADS]);
                user += Long.parseLong(fields[USER_TICKS]);
                system += Long.parseLong(fields[SYSTEM_TICKS]);
                pages += Long.parseLong(fields[RESIDENT]);
            }
        }
        return new Usage(processes, threads, user / TICKS_PER_SECOND, system / TICKS_PER_SECOND, pages * PAGE_BYTES);
    }

    /**
     * Where a process comes from.
     *
     * @param startTicks when it started, in clock ticks since the boot
     */
    public record Origin(long pid, long parent, long session, long startTicks) {
        public Identity identity() {
            return new Identity(pid, startTicks);
        }
    }

    /** Those of some processes that live. */
    public static List<Origin> origins(Collection<Long> pids) {
        List<Origin> found = new ArrayList<>();
        for (long pid : pids) {
            String[] fields = stat(pid);
            if (alive(fields)) {
                found.add(new Origin(
                        pid,
                        Long.parseLong(fields[PARENT]),
                        Long.parseLong(fields[SESSION]),
                        Long.parseLong(fields[START])));
            }
        }
        return found;
    }

    /** What processes call the present when they start: clock ticks since the boot. */
    public static long nowTicks() throws IOException {
        return (long) (Double.parseDouble(Files.readString(UPTIME).split(" ", 2)[0]) * TICKS_PER_SECOND);
    }

    /** The living processes of a session. Reads all of /proc. */
    public static List<Long> ofSession(long session) throws IOException {
        List<Long> members = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path entry : entries) {
                long pid = Long.parseLong(entry.getFileName().toString());
                String[] fields = stat(pid);
                if (alive(fields) && Long.parseLong(fields[SESSION]) == session) {
                    members.add(pid);
                }
            }
        }
        return members;
    }

    /** The living processes started with a variable of this value. Reads all of /proc. */
    public static List<Long> withVariable(String name, String value) throws IOException {
        String wanted = "\0" + name + "=" + value + "\0";
        List<Long> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path entry : entries) {
                long pid = Long.parseLong(entry.getFileName().toString());
                if (environment(entry).contains(wanted) && alive(stat(pid))) {
                    found.add(pid);
                }
            }
        }
        return found;
    }

    /** The variables, each between two zero bytes; nothing when they may not be read. */
    private static String environment(Path process) {
        try {
            return "\0" + Files.readString(process.resolve("environ"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    /** What a process was started with; empty when there is no such process. */
    public static List<String> arguments(long pid) {
        return arguments(PROC.resolve(Long.toString(pid)));
    }

    /** This boot of the machine. */
    public static String bootId() throws IOException {
        return Files.readString(BOOT_ID).strip();
    }

    /** The running processes whose arguments satisfy a condition. Reads all of /proc: for recovery only. */
    public static List<ProcessHandle> withArguments(Predicate<List<String>> condition) throws IOException {
        List<ProcessHandle> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path entry : entries) {
                if (condition.test(arguments(entry))) {
                    ProcessHandle.of(Long.parseLong(entry.getFileName().toString()))
                            .ifPresent(found::add);
                }
            }
        }
        return found;
    }

    /**
     * Kills the processes whose arguments satisfy a condition, and those they start meanwhile, until none is left: what they were
     * about to do has been done then, or never will be. Blocks.
     */
    public static void end(Predicate<List<String>> condition, Duration patience) throws IOException {
        end(() -> withArguments(condition), patience);
    }

    /** The same for those started with a variable of this value. */
    public static void end(String name, String value, Duration patience) throws IOException {
        end(
                () -> withVariable(name, value).stream()
                        .flatMap(pid -> ProcessHandle.of(pid).stream())
                        .toList(),
                patience);
    }

    private interface Look {
        List<ProcessHandle> found() throws IOException;
    }

    private static void end(Look look, Duration patience) throws IOException {
        long deadline = System.nanoTime() + patience.toNanos();
        List<ProcessHandle> left = look.found();
        while (!left.isEmpty() && System.nanoTime() < deadline) {
            left.forEach(ProcessHandle::destroyForcibly);
            LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
            left = look.found();
        }
        if (!left.isEmpty()) {
            LOG.warn("Processes {} go on {} s after they were killed", left, patience.toSeconds());
        }
    }

    /** Kills the processes whose arguments satisfy a condition, and all that they have started. Reads all of /proc. */
    public static void killTrees(Predicate<List<String>> condition) throws IOException {
        withArguments(condition).forEach(Processes::killTree);
    }

    public static void killTree(ProcessHandle root) {
        List<ProcessHandle> below = root.descendants().toList();
        root.destroyForcibly();
        below.forEach(ProcessHandle::destroyForcibly);
    }

    private static List<String> arguments(Path process) {
        try {
            byte[] line = Files.readAllBytes(process.resolve("cmdline"));
            return Arrays.asList(new String(line, StandardCharsets.UTF_8).split("\0", -1));
        } catch (IOException e) {
            return List.of();
        }
    }
}
