package io.paddock.platform.timers;

import java.time.Duration;
import java.util.function.Function;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * A single timer of an actor, any time ahead. The actor system's clock refuses more than 248 days with an exception, which would
 * end the actor, and users do ask for more: filters of a year, frameworks that may be away for ten. What is further ahead is
 * reached in steps.
 *
 * @param key as in {@link TimerScheduler}: another timer with it replaces this one
 * @param command what the actor is told in the end
 * @param delay from now; negative is now
 */
public record FarTimer<C>(Object key, C command, Duration delay) {
    static final Duration STEP = Duration.ofDays(200);

    /**
     * Starts it.
     *
     * @param later makes the command that tells the actor after a step to start the rest
     */
    public void start(TimerScheduler<C> timers, Function<FarTimer<C>, C> later) {
        if (delay.compareTo(STEP) > 0) {
            timers.startSingleTimer(key, later.apply(new FarTimer<>(key, command, delay.minus(STEP))), STEP);
        } else {
            timers.startSingleTimer(key, command, delay.isNegative() ? Duration.ZERO : delay);
        }
    }
}
