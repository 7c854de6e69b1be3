package io.paddock.platform.flags;

import io.paddock.platform.logging.LogFile;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a server's log can be read, as flags; use it as a {@code @Mixin}. */
public final class LogFlags {
    @Option(
            names = {"--log-dir", "--log_dir"},
            paramLabel = "DIR",
            description =
                    "Log into a file of this directory too: 10 MB and the five before it. The file can be read over"
                            + " HTTP.")
    public @Nullable Path logDir;

    @Option(
            names = {"--external-log-file", "--external_log_file"},
            paramLabel = "FILE",
            description = "Where whoever started this process puts its stderr, so that it can be read over HTTP.")
    public @Nullable Path externalLogFile;

    @Option(
            names = "--quiet",
            negatable = true,
            arity = "0..1",
            paramLabel = "BOOLEAN",
            fallbackValue = "true",
            description = "Do not log to stderr.")
    public boolean quiet;

    /**
     * Begins to log into the file asked for.
     *
     * @param component its name becomes the file's
     * @throws IllegalArgumentException when it cannot be written
     */
    public Optional<LogFile> open(String component) {
        if (quiet) {
            LogFile.noStderr();
        }
        return logDir == null
                ? Optional.empty()
                : Optional.of(LogFile.open(logDir.resolve("paddock-" + component + ".log")));
    }

    /** The file to be read over HTTP, as Mesos chooses it. */
    public Optional<Path> readable(Optional<LogFile> opened) {
        return externalLogFile != null ? Optional.of(externalLogFile) : opened.map(LogFile::path);
    }
}
