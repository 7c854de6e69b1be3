package io.paddock.cli;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Scanner;
import java.util.concurrent.TimeUnit;

/**
 * What the other end of standard output can show.
 *
 * @param width columns; {@link Integer#MAX_VALUE} when it is no terminal
 * @param colours whether colours are understood and wanted
 * @param ellipsis what stands for text that was cut off
 */
record Terminal(int width, boolean colours, String ellipsis) {
    private static final int USUAL_WIDTH = 80;

    /** A file or a pipe: nothing is cut and nothing is coloured. */
    static final Terminal NONE = new Terminal(Integer.MAX_VALUE, false, "…");

    static Terminal ofThisProcess() {
        if (!isTerminal(1)) {
            return NONE;
        }
        boolean colours = System.getenv("NO_COLOR") == null && !"dumb".equals(System.getenv("TERM"));
        String ellipsis = Charset.defaultCharset().newEncoder().canEncode('…') ? "…" : "~";
        return new Terminal(size().map(Size::columns).orElse(USUAL_WIDTH), colours, ellipsis);
    }

    /** Whether a file descriptor of this process is a terminal, as far as {@code /proc} tells. */
    static boolean isTerminal(int descriptor) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }

    /** Rows and columns. */
    record Size(int rows, int columns) {}

    /** The size of the controlling terminal, if there is one. */
    static Optional<Size> size() {
        try {
            Scanner words = new Scanner(stty("size"));
            Size size = new Size(words.nextInt(), words.nextInt());
            return size.columns() > 0 ? Optional.of(size) : Optional.empty();
        } catch (IOException | NoSuchElementException e) {
            return Optional.empty();
        }
    }

    /**
     * Runs {@code stty} on the controlling terminal.
     *
     * @return what it printed
     */
    static String stty(String... arguments) throws IOException {
        String[] command = new String[arguments.length + 1];
        command[0] = "stty";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        Process process = new ProcessBuilder(command)
                .redirectInput(new File("/dev/tty"))
                .redirectErrorStream(true)
                .start();
        try (InputStream printed = process.getInputStream()) {
            String text = new String(printed.readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(2, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException("stty " + String.join(" ", arguments) + " failed: " + text.strip());
            }
            return text;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
