package io.paddock.local;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A Paddock command (or another program) in a process of its own, as the launcher would start it; its output goes to a file below
 * {@code target/e2e}, where it is still there after a failure.
 */
final class PaddockProcess implements AutoCloseable {
    private final Process process;
    private final Path log;
    /** Where this process's output begins in a file that an earlier one wrote to. */
    private final int begin;

    private PaddockProcess(Process process, Path log, int begin) {
        this.process = process;
        this.log = log;
        this.begin = begin;
    }

    static PaddockProcess start(String name, String... arguments) {
        return start(name, Map.of(), List.of(arguments));
    }

    /** A name used again appends to the same output. */
    static PaddockProcess start(String name, Map<String, String> environment, List<String> arguments) {
        return program(name, environment, command(arguments));
    }

    /** Any other program, treated alike. */
    static PaddockProcess program(String name, Map<String, String> environment, List<String> command) {
        Path log = Path.of("target", "e2e", ProcessHandle.current().pid() + "-" + name + ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        try {
            Files.createDirectories(log.getParent());
            int begin = Files.exists(log) ? Files.readString(log).length() : 0;
            return new PaddockProcess(builder.start(), log, begin);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The program that a launcher would start for these arguments. */
    static List<String> command(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                "io.paddock.local.Main"));
        command.addAll(arguments);
        return command;
    }

    /** Waits until a line of the output contains a text; fails with the end of the log when the process dies before. */
    PaddockProcess awaitLine(String text, Duration atMost) {
        await(text + " in " + log)
                .atMost(atMost)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    if (output().contains(text)) {
                        return true;
                    }
                    if (!process.isAlive()) {
                        throw new AssertionError(
                                "exited with " + process.exitValue() + " before '" + text + "':\n" + tail());
                    }
                    return false;
                });
        return this;
    }

    /** Gives the process a line to read. */
    void send(String line) {
        try {
            process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String output() {
        try {
            return Files.exists(log) ? Files.readString(log).substring(begin) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String tail() {
        List<String> lines = output().lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** As {@code kill -9}. */
    void kill() {
        process.destroyForcibly();
        awaitExit(Duration.ofSeconds(10));
    }

    /** As {@code kill}, and waits. */
    int terminate(Duration atMost) {
        process.destroy();
        return awaitExit(atMost);
    }

    int awaitExit(Duration atMost) {
        try {
            if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("still running after " + atMost + ":\n" + tail());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            process.destroy();
            try {
                if (!process.waitFor(30, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
