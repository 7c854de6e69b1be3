package io.paddock.platform.zookeeper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An ensemble and a path in it, {@code zk://[user:password@]host1:port1,host2:port2/path}.
 *
 * @param servers {@code host:port} separated by commas
 * @param path absolute, not the root
 * @param credentials {@code user:password} of digest authentication
 */
public record ZooKeeperAddress(String servers, String path, Optional<String> credentials) {
    private static final String FILE = "file://";
    private static final Pattern FORM = Pattern.compile("zk://(?:([^/:]+:[^/]+)@)?([^/@]+)(/.*)");

    /**
     * Reads an address.
     *
     * @throws IllegalArgumentException when it has another form; never shows the password
     */
    public static ZooKeeperAddress parse(String text) {
        Matcher m = FORM.matcher(text.trim());
        if (!m.matches() || m.group(3).length() < 2 || m.group(3).endsWith("/")) {
            throw new IllegalArgumentException("'" + text.replaceFirst("//.*@", "//…@")
                    + "' is not a ZooKeeper address; expected zk://[user:password@]host1:port1,host2:port2/path"
                    + " with a path other than /");
        }
        return new ZooKeeperAddress(m.group(2), m.group(3), Optional.ofNullable(m.group(1)));
    }

    /**
     * What a flag for an address says: as in Mesos it may be {@code file://} and the path of a file with the address in it, which
     * keeps a password out of the process list.
     *
     * @throws IllegalArgumentException when the file cannot be read
     */
    public static String text(String flag) {
        if (!flag.startsWith(FILE)) {
            return flag.strip();
        }
        try {
            return Files.readString(Path.of(flag.substring(FILE.length()))).strip();
        } catch (IOException e) {
            throw new IllegalArgumentException("'" + flag + "' should hold an address but cannot be read: " + e, e);
        }
    }

    /** A text in which an address may stand, without its user and password. */
    public static String withoutPassword(String text) {
        return text.replaceFirst("//[^/]*@", "//…@");
    }

    /** Whether a text is meant as such an address. */
    public static boolean isZooKeeper(String text) {
        return text.startsWith("zk://");
    }

    /** The same ensemble with another path. */
    public ZooKeeperAddress at(String otherPath) {
        return new ZooKeeperAddress(servers, otherPath, credentials);
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "zk://" + (credentials.isPresent() ? "…@" : "") + servers + path;
    }
}
