package io.paddock.platform.flags;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What every command has. */
@CommandLine.Command(mixinStandardHelpOptions = true, version = "Paddock 0.1.0")
final class StandardFlags {
    /** How much of our own is logged. */
    enum LogLevel {
        ERROR,
        WARN,
        /** Mesos' word for WARN. */
        WARNING,
        INFO,
        DEBUG,
        TRACE
    }

    @Spec(Spec.Target.MIXEE)
    @Nullable
    CommandSpec command;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Properties file with flags, one 'flag=value' a line.")
    @Nullable
    Path config;

    @Option(
            names = {"--log-level", "--logging-level", "--logging_level"},
            paramLabel = "LEVEL",
            description = "How much is logged: ${COMPLETION-CANDIDATES}.",
            defaultValue = "INFO")
    LogLevel logLevel = LogLevel.INFO;

    void applyLogLevel() {
        if (LoggerFactory.getLogger("io.paddock") instanceof Logger logger) {
            logger.setLevel(Level.toLevel((logLevel == LogLevel.WARNING ? LogLevel.WARN : logLevel).name()));
        }
    }
}
