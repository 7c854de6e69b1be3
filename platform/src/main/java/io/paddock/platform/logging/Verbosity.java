package io.paddock.platform.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.paddock.common.Rejection;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * How much this process logs, on the scale of Mesos: 0 is what it was started with or INFO, 1 DEBUG, 2 TRACE, 3 and above also
 * what libraries say at DEBUG. A change holds for a while and then goes back by itself; a later one replaces it.
 */
public final class Verbosity {
    private static final Verbosity PROCESS = new Verbosity("io.paddock");
    private static final int LIBRARIES = 3;

    private final String ours;
    private long changes;
    private @Nullable Started started;
    private int level;

    /** The levels to go back to. */
    private record Started(@Nullable Level ours, @Nullable Level libraries, int level) {}

    /** @param ours name of the logger whose level is changed; the root logger is that of libraries */
    Verbosity(String ours) {
        this.ours = ours;
    }

    /** That of this process. */
    public static Verbosity process() {
        return PROCESS;
    }

    /** What is set now. */
    public synchronized int level() {
        return started == null ? measured() : level;
    }

    private int measured() {
        Level now = logger(ours).getEffectiveLevel();
        if (!Level.DEBUG.isGreaterOrEqual(now)) {
            return 0;
        }
        return now.equals(Level.DEBUG) ? 1 : 2;
    }

    /**
     * Logs that much for that long.
     *
     * @return why not: the level is below what the process was started with, or the time is negative
     */
    public synchronized Optional<Rejection> set(long newLevel, Duration duration) {
        if (duration.isNegative()) {
            return Optional.of(Rejection.invalid("duration: must not be negative"));
        }
        Started before = started;
        if (before == null) {
            before = new Started(logger(ours).getLevel(), root().getLevel(), measured());
        }
        if (newLevel < before.level()) {
            return Optional.of(Rejection.invalid(
                    "level: " + newLevel + " is below the original level " + before.level() + " of this process"));
        }
        started = before;
        level = (int) Math.min(newLevel, Integer.MAX_VALUE);
        apply(before, level);
        long change = ++changes;
        CompletableFuture.delayedExecutor(duration.toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> end(change));
        return Optional.empty();
    }

    private synchronized void end(long change) {
        Started before = started;
        if (change == changes && before != null) {
            apply(before, before.level());
            started = null;
        }
    }

    private void apply(Started before, int newLevel) {
        if (newLevel == before.level()) {
            logger(ours).setLevel(before.ours());
        } else {
            logger(ours).setLevel(newLevel == 1 ? Level.DEBUG : Level.TRACE);
        }
        root().setLevel(newLevel >= LIBRARIES ? Level.DEBUG : before.libraries());
    }

    private static Logger root() {
        return logger(Logger.ROOT_LOGGER_NAME);
    }

    private static Logger logger(String name) {
        return (Logger) LoggerFactory.getLogger(name);
    }
}
