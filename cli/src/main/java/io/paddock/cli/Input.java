package io.paddock.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Documents that a user hands in. */
final class Input {
    private Input() {}

    /** The text of a file, or with {@code -} of standard input. */
    static String read(String file) {
        try {
            return file.equals("-")
                    ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
                    : Files.readString(Path.of(file));
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("FILE: there is no " + file, e);
        } catch (IOException e) {
            throw new IllegalArgumentException("FILE: " + file + " cannot be read: " + e.getMessage(), e);
        }
    }
}
