package io.paddock.agent.server.containers.oci;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A container's own {@code /proc} and {@code /dev}, in which the runtime makes the usual devices (null, zero, random, tty,
 * …), and which devices it may open.
 */
final class Devices {
    private static final int TYPE_MASK = 0170000;
    private static final int CHARACTER = 0020000;
    private static final int BLOCK = 0060000;
    private static final int PERMISSIONS = 0777;
    /** Numbers of what the runtime makes: null, zero, full, random, urandom, tty, console, ptmx, and terminals. */
    private static final List<int[]> USUAL = List.of(
            new int[] {1, 3},
            new int[] {1, 5},
            new int[] {1, 7},
            new int[] {1, 8},
            new int[] {1, 9},
            new int[] {5, 0},
            new int[] {5, 1},
            new int[] {5, 2});

    private static final int TERMINALS = 136;

    private Devices() {}

    static void mount(OciConfig config) {
        config.mount("/proc", "proc", "proc", List.of());
        config.mount("/dev", "tmpfs", "tmpfs", List.of("nosuid", "strictatime", "mode=755", "size=65536k"));
        config.mount(
                "/dev/pts",
                "devpts",
                "devpts",
                List.of("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"));
    }

    /**
     * A device node of the host.
     *
     * @param type {@code c} or {@code b}
     */
    record Node(char type, long major, long minor, int permissions, int uid, int gid) {
        /** Fails when the path is none. */
        static Node of(Path path) throws IOException {
            if (!Files.exists(path)) {
                throw new IOException("there is no device " + path);
            }
            int mode = (int) Files.getAttribute(path, "unix:mode");
            int type = mode & TYPE_MASK;
            if (type != CHARACTER && type != BLOCK) {
                throw new IOException(path + " is not a device");
            }
            // Encoded as by glibc's makedev.
            long number = (long) Files.getAttribute(path, "unix:rdev");
            long major = number >> 8 & 0xfff | number >> 32 & 0xfffff000L;
            long minor = number & 0xff | number >> 12 & 0xffffff00L;
            return new Node(
                    type == CHARACTER ? 'c' : 'b',
                    major,
                    minor,
                    mode & PERMISSIONS,
                    (int) Files.getAttribute(path, "unix:uid"),
                    (int) Files.getAttribute(path, "unix:gid"));
        }
    }

    /** Nothing but the usual devices; nodes of others may be made, but not opened. */
    static void restrict(OciConfig config) {
        config.deviceRule(false, 'a', -1, -1, "rwm");
        config.deviceRule(true, 'c', -1, -1, "m");
        config.deviceRule(true, 'b', -1, -1, "m");
        for (int[] number : USUAL) {
            config.deviceRule(true, 'c', number[0], number[1], "rwm");
        }
        config.deviceRule(true, 'c', TERMINALS, -1, "rwm");
    }

    /** Makes a device of the host and lets it be opened. */
    static void add(OciConfig config, Path host, String inside, String access) throws IOException {
        Node node = Node.of(host);
        config.device(inside, node);
        config.deviceRule(true, node.type(), node.major(), node.minor(), access);
    }
}
