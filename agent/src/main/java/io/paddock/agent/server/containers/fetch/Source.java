package io.paddock.agent.server.containers.fetch;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Where a file comes from.
 *
 * @param text as given
 * @param scheme in lower case; {@code file} for a path
 * @param path its path, whose last part names the file
 * @param reader of a local file: whose permissions it is read with; empty: the agent's
 */
record Source(String text, String scheme, String path, Optional<String> reader) {
    private static final String LOCAL = "file";

    /** @param home where relative paths begin */
    static Source parse(String text, Optional<Path> home) {
        if (!text.matches("[A-Za-z][A-Za-z0-9+.-]*://.*|file:.*")) {
            Path path = Path.of(text);
            if (!path.isAbsolute()) {
                if (home.isEmpty()) {
                    throw new IllegalArgumentException(
                            "an absolute path or an address with a scheme expected, got " + text);
                }
                path = home.get().resolve(path);
            }
            return new Source(text, LOCAL, path.normalize().toString(), Optional.empty());
        }
        String scheme = text.substring(0, text.indexOf(':')).toLowerCase(Locale.ROOT);
        try {
            URI uri = new URI(text);
            String path = uri.getPath() == null ? "" : uri.getPath();
            return new Source(text, scheme, path, Optional.empty());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("an address expected, got " + text + ": " + e.getReason(), e);
        }
    }

    /** The same for a task's user, as a command names it. */
    Source readBy(Optional<String> user) {
        Optional<String> other = user.filter(name -> !name.equals("root"));
        return isLocal() ? new Source(text, scheme, path, other) : this;
    }

    boolean isLocal() {
        return scheme.equals(LOCAL);
    }

    /** Who is asked for it. */
    String server() {
        return isLocal() ? LOCAL : scheme + "://" + URI.create(text).getRawAuthority();
    }

    /** What else has the same name has the same content. */
    String cacheName() {
        return reader.map(user -> user + "\0").orElse("") + text;
    }

    /** The last part of the path. */
    String fileName() {
        String name = path.substring(path.lastIndexOf('/') + 1);
        if (name.isEmpty() || name.equals(".") || name.equals("..")) {
            throw new IllegalArgumentException("no file name in " + this + "; give output_file");
        }
        return name;
    }

    /** Without a password. */
    @Override
    public String toString() {
        return text.replaceFirst("(://[^/@:]*):[^/@]*@", "$1:…@");
    }
}
