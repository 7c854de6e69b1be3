package io.paddock.agent.server.containers.tools;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Who a process runs as.
 *
 * @param uid the user's number
 * @param gid the main group's number
 * @param groups further groups
 * @param home its home directory; {@code /} when unknown
 */
public record UserIdentity(long uid, long gid, List<Long> groups, String home) {
    public static final UserIdentity ROOT = new UserIdentity(0, 0, List.of(), "/root");

    /** Of a file that an image has. */
    private static final long MOST_BYTES = 16 << 20;

    private static final Path HOST = Path.of("/");
    private static final int MOST_DIGITS = 10;
    /** The kernel's: the number after it means none. */
    private static final long LAST_ID = 0xFFFF_FFFEL;

    private static final int NAME = 0;
    private static final int ID = 2;
    private static final int GROUP_OF_USER = 3;
    private static final int MEMBERS_OF_GROUP = 3;
    private static final int HOME = 5;

    /**
     * Looks a user up in the password and group files below a root.
     *
     * @param text {@code user}, {@code uid}, or either with {@code :group} or {@code :gid}
     */
    public static UserIdentity find(Path root, String text) throws IOException {
        String[] parts = text.split(":", 2);
        String user = parts[0].isEmpty() ? "0" : parts[0];
        List<String[]> users = entries(root, "passwd");
        List<String[]> groups = entries(root, "group");
        String[] entry = find(users, user);
        if (entry == null && !number(user)) {
            throw new IOException(
                    "unknown user " + user + " in " + (root.equals(HOST) ? "" : "the image's ") + "/etc/passwd");
        }
        long uid = entry == null ? Long.parseLong(user) : Long.parseLong(entry[ID]);
        long gid = entry == null ? 0 : Long.parseLong(entry[GROUP_OF_USER]);
        List<Long> further = new ArrayList<>();
        if (parts.length == 2 && !parts[1].isEmpty()) {
            gid = group(groups, parts[1]);
        } else if (entry != null) {
            for (String[] group : groups) {
                if (List.of(group[MEMBERS_OF_GROUP].split(",", -1)).contains(entry[NAME])) {
                    further.add(Long.parseLong(group[ID]));
                }
            }
        }
        return new UserIdentity(uid, gid, further, entry == null || entry[HOME].isEmpty() ? "/" : entry[HOME]);
    }

    /**
     * Looks a user of the host up, by its name alone: who may be whom is decided by names, and a number or a group of one's choice would be
     * a way around that.
     */
    public static UserIdentity ofHost(String name) throws IOException {
        boolean known = entries(HOST, "passwd").stream().anyMatch(entry -> entry[NAME].equals(name));
        if (!known) {
            throw new IOException(
                    "unknown user " + name + " in /etc/passwd: without an image the name of one is needed");
        }
        return find(HOST, name);
    }

    /** The same user as the host sees it, if the container's ids begin there. */
    public UserIdentity shifted(int first) {
        return first == 0 ? this : new UserIdentity(uid + first, gid + first, groups, home);
    }

    /** The number of a group, by name or number, below a root. */
    public static long group(Path root, String text) throws IOException {
        return group(entries(root, "group"), text);
    }

    private static long group(List<String[]> groups, String name) throws IOException {
        String[] entry = find(groups, name);
        if (entry == null && !number(name)) {
            throw new IOException("unknown group " + name);
        }
        return entry == null ? Long.parseLong(name) : Long.parseLong(entry[ID]);
    }

    private static String @org.jspecify.annotations.Nullable [] find(List<String[]> entries, String nameOrId) {
        return entries.stream()
                .filter(entry -> entry[NAME].equals(nameOrId))
                .findFirst()
                .or(() -> entries.stream()
                        .filter(entry -> entry[ID].equals(nameOrId))
                        .findFirst())
                .orElse(null);
    }

    private static boolean number(String text) {
        return !text.isEmpty()
                && text.length() <= MOST_DIGITS
                && text.chars().allMatch(digit -> digit >= '0' && digit <= '9')
                && Long.parseLong(text) <= LAST_ID;
    }

    private static List<String[]> entries(Path root, String file) throws IOException {
        Path etc = root.resolve("etc");
        Path path = etc.resolve(file);
        List<String[]> entries = new ArrayList<>();
        // In an image a link could lead out of it: only plain files are read there.
        boolean foreign = !root.equals(HOST);
        if (!Files.isRegularFile(path) || (foreign && (Files.isSymbolicLink(path) || Files.isSymbolicLink(etc)))) {
            return entries;
        }
        if (foreign && Files.size(path) > MOST_BYTES) {
            throw new IOException("the image's /etc/" + file + " is larger than " + MOST_BYTES + " bytes");
        }
        for (String line : Files.readAllLines(path)) {
            String[] fields = line.split(":", -1);
            if (fields.length >= 4 && !fields[NAME].isEmpty() && number(fields[ID])) {
                entries.add(padded(fields));
            }
        }
        return entries;
    }

    private static String[] padded(String[] fields) {
        String[] all = new String[HOME + 1];
        for (int i = 0; i < all.length; i++) {
            all[i] = i < fields.length ? fields[i] : "";
        }
        return all;
    }
}
