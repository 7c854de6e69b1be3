package io.paddock.platform.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class VerbosityTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration SHORT = Duration.ofMillis(50);

    private final Logger ours = (Logger) LoggerFactory.getLogger("test.verbosity");
    private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    private final Level rootBefore = root.getLevel();
    private final Verbosity verbosity = new Verbosity("test.verbosity");

    @BeforeEach
    void atInfo() {
        ours.setLevel(Level.INFO);
    }

    @AfterEach
    void goesBack() {
        verbosity.set(Math.max(0, verbosity.level()), SHORT);
        await().untilAsserted(() -> assertThat(root.getLevel()).isEqualTo(rootBefore));
    }

    @Test
    void eachLevelLogsMore() {
        assertThat(verbosity.level()).isZero();
        assertThat(verbosity.set(1, LONG)).isEmpty();
        assertThat(ours.getLevel()).isEqualTo(Level.DEBUG);
        assertThat(root.getLevel()).isEqualTo(rootBefore);
        verbosity.set(2, LONG);
        assertThat(ours.getLevel()).isEqualTo(Level.TRACE);
        verbosity.set(3, LONG);
        assertThat(root.getLevel()).isEqualTo(Level.DEBUG);
        assertThat(verbosity.level()).isEqualTo(3);
        verbosity.set(0, LONG);
        assertThat(ours.getLevel()).isEqualTo(Level.INFO);
        assertThat(root.getLevel()).isEqualTo(rootBefore);
    }

    @Test
    void goesBackAfterItsTimeAndTheLastChangeCounts() {
        verbosity.set(2, SHORT);
        verbosity.set(1, LONG);
        verbosity.set(3, SHORT);
        await().until(() -> verbosity.level() == 0);
        assertThat(ours.getLevel()).isEqualTo(Level.INFO);
    }

    @Test
    void isNeverLessThanTheProcessWasStartedWith() {
        ours.setLevel(Level.DEBUG);
        assertThat(verbosity.level()).isEqualTo(1);
        assertThat(verbosity.set(0, LONG).orElseThrow().message()).contains("below the original level 1");
        assertThat(verbosity.set(-1, LONG)).isPresent();
        assertThat(verbosity.set(1, Duration.ofSeconds(-1)).orElseThrow().message())
                .contains("duration");
        assertThat(ours.getLevel()).isEqualTo(Level.DEBUG);
        ours.setLevel(Level.WARN);
        assertThat(verbosity.level()).isZero();
    }
}
