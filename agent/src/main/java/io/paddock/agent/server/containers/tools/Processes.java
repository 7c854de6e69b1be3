package io.paddock.agent.server.containers.tools;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/** Processes as {@code /proc} shows them. */
public final class Processes {
    private static final Path PROC = Path.of("/proc");
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
    }

    public static Identity identity(long pid) {
        return new Identity(pid, startTicksOf(pid));
    }

    /** -1 when there is no such process, or it has ended. */
    private static long startTicksOf(long pid) {
        try {
            String stat = Files.readString(PROC.resolve(Long.toString(pid)).resolve("stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return fields[0].equals("Z") || fields[0].equals("X") ? -1 : Long.parseLong(fields[19]);
        } catch (IOException | RuntimeException e) {
            return -1;
        }
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

    private static List<String> arguments(Path process) {
        try {
            byte[] line = Files.readAllBytes(process.resolve("cmdline"));
            return Arrays.asList(new String(line, StandardCharsets.UTF_8).split("\0", -1));
        } catch (IOException e) {
            return List.of();
        }
    }
}
