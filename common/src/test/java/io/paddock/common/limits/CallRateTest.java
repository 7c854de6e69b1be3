package io.paddock.common.limits;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CallRateTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void callsTakeTurnsAndThoseBeyondTheCapacityAreRefused() {
        CallRate rate = new CallRate(2, 3);

        assertThat(rate.admit(0)).isEqualTo(OptionalLong.of(0));
        assertThat(rate.admit(0)).isEqualTo(OptionalLong.of(SECOND / 2));
        assertThat(rate.admit(0)).isEqualTo(OptionalLong.of(SECOND));
        assertThat(rate.admit(0)).isEqualTo(OptionalLong.of(SECOND * 3 / 2));
        assertThat(rate.admit(0)).isEmpty();
        assertThat(rate.admit(SECOND / 2)).isEqualTo(OptionalLong.of(SECOND * 3 / 2));
        assertThat(rate.admit(SECOND * 60)).isEqualTo(OptionalLong.of(0));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void neverMoreThanTheRatePassesAndNeverMoreThanTheCapacityWaits(long seed) {
        Random random = new Random(seed);
        double perSecond = 1 + random.nextInt(100);
        int capacity = random.nextInt(20);
        CallRate rate = new CallRate(perSecond, capacity);
        long now = 0;
        long last = Long.MIN_VALUE / 2;
        for (int i = 0; i < 10_000; i++) {
            now += random.nextInt((int) (SECOND / perSecond));
            OptionalLong wait = rate.admit(now);
            if (wait.isPresent()) {
                long passes = now + wait.getAsLong();
                assertThat(passes - last).as("seed %d", seed).isGreaterThanOrEqualTo((long) (SECOND / perSecond) - 1);
                assertThat(wait.getAsLong() / (SECOND / perSecond))
                        .as("seed %d", seed)
                        .isLessThan(capacity + 1e-6);
                last = passes;
            }
        }
        assertThat(last).isPositive();
    }
}
