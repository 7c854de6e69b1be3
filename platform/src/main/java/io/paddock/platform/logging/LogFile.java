package io.paddock.platform.logging;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.FileSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/** A file into which this process logs besides stderr: 10 MB, and the five before it compressed beside it. */
public final class LogFile implements AutoCloseable {
    private static final String PATTERN = "%d{yyyy-MM-dd HH:mm:ss.SSS} %-5level [%thread] %logger{0}: %msg%n%rEx{full}";
    private static final FileSize MAX_SIZE = new FileSize(10 * FileSize.MB_COEFFICIENT);
    private static final int KEPT = 5;

    private final RollingFileAppender<ILoggingEvent> appender = new RollingFileAppender<>();
    private final Path path;

    private LogFile(Path path) {
        this.path = path;
    }

    /** @throws IllegalArgumentException when the file cannot be written */
    public static LogFile open(Path path) {
        try {
            Files.createDirectories(path.toAbsolutePath().getParent());
        } catch (IOException e) {
            throw new IllegalArgumentException("--log-dir: " + path + " cannot be written: " + e, e);
        }
        LogFile file = new LogFile(path);
        file.start((LoggerContext) LoggerFactory.getILoggerFactory());
        return file;
    }

    /** From now on nothing is logged to stderr. */
    public static void noStderr() {
        root((LoggerContext) LoggerFactory.getILoggerFactory()).detachAppender("STDERR");
    }

    private void start(LoggerContext context) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(PATTERN);
        encoder.start();
        FixedWindowRollingPolicy window = new FixedWindowRollingPolicy();
        window.setContext(context);
        window.setParent(appender);
        window.setFileNamePattern(path + ".%i.gz");
        window.setMinIndex(1);
        window.setMaxIndex(KEPT);
        SizeBasedTriggeringPolicy<ILoggingEvent> size = new SizeBasedTriggeringPolicy<>();
        size.setContext(context);
        size.setMaxFileSize(MAX_SIZE);
        appender.setContext(context);
        appender.setName(path.toString());
        appender.setFile(path.toString());
        appender.setEncoder(encoder);
        appender.setRollingPolicy(window);
        appender.setTriggeringPolicy(size);
        window.start();
        size.start();
        appender.start();
        if (!appender.isStarted()) {
            throw new IllegalArgumentException("--log-dir: " + path + " cannot be written");
        }
        root(context).addAppender(appender);
    }

    private static Logger root(LoggerContext context) {
        return context.getLogger(Logger.ROOT_LOGGER_NAME);
    }

    public Path path() {
        return path;
    }

    @Override
    public void close() {
        root((LoggerContext) LoggerFactory.getILoggerFactory()).detachAppender(appender);
        appender.stop();
    }
}
