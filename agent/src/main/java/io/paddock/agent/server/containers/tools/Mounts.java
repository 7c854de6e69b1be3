package io.paddock.agent.server.containers.tools;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The mounts this process sees. */
public final class Mounts {
    private static final Path MOUNTINFO = Path.of("/proc/self/mountinfo");

    private Mounts() {}

    /**
     * One mount.
     *
     * @param point where it is mounted
     * @param type the file system
     * @param options of the file system, such as {@code rw,memory}
     */
    public record Mount(Path point, String type, List<String> options) {}

    /** In the order they were made; a later one may hide an earlier one at the same point. */
    public static List<Mount> list() throws IOException {
        return parse(Files.readAllLines(MOUNTINFO));
    }

    /** Reads the format of proc(5), {@code /proc/[pid]/mountinfo}. */
    public static List<Mount> parse(List<String> lines) {
        List<Mount> mounts = new ArrayList<>();
        for (String line : lines) {
            int separator = line.indexOf(" - ");
            String[] left = line.substring(0, separator).split(" ", -1);
            String[] right = line.substring(separator + 3).split(" ", -1);
            mounts.add(
                    new Mount(Path.of(unescape(left[4])), right[0], List.of(right[right.length - 1].split(",", -1))));
        }
        return mounts;
    }

    public static boolean mounted(Path point) throws IOException {
        Path wanted = point.toAbsolutePath().normalize();
        return list().stream().anyMatch(mount -> mount.point().equals(wanted));
    }

    private static String unescape(String text) {
        return text.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }
}
