package io.paddock.platform.security;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/** A flag whose value is JSON, or the file that holds it, with or without {@code file://} before it. */
public final class JsonFlag {
    private static final String FILE = "file://";

    private JsonFlag() {}

    /**
     * What the flag says; a file is watched.
     *
     * @throws IllegalArgumentException naming the flag, when it does not fit
     */
    public static <T> Supplier<T> watch(WatchedFiles files, String flag, String value, Function<byte[], T> parse) {
        return watch(files, flag, value, parse, changed -> {});
    }

    /**
     * As above.
     *
     * @param changed told of every new value of a file, on the watching thread
     */
    public static <T> Supplier<T> watch(
            WatchedFiles files, String flag, String value, Function<byte[], T> parse, Consumer<T> changed) {
        if (!value.stripLeading().startsWith("{")) {
            return files.watch(flag, path(value), parse, changed);
        }
        try {
            T parsed = parse.apply(value.getBytes(StandardCharsets.UTF_8));
            return () -> parsed;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--" + flag + ": " + e.getMessage(), e);
        }
    }

    /**
     * A flag's text, which Mesos' way to write it, {@code file:///path}, leaves in a file.
     *
     * @throws IllegalArgumentException naming the flag, when the file cannot be read
     */
    public static String text(String flag, String value) {
        if (!value.startsWith(FILE)) {
            return value;
        }
        try {
            return Files.readString(path(value)).strip();
        } catch (IOException e) {
            throw new IllegalArgumentException(flag + ": " + path(value) + " cannot be read: " + e, e);
        }
    }

    /** A path, as Mesos' flags may write it. */
    public static Path path(String text) {
        return Path.of(text.startsWith(FILE) ? text.substring(FILE.length()) : text);
    }
}
