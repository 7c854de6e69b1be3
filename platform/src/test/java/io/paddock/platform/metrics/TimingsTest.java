package io.paddock.platform.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TimingsTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Timings timings = new Timings(registry, "registrar/state_store");

    private double value(String suffix) {
        return registry.get("registrar/state_store_ms" + suffix).gauge().value();
    }

    @Test
    void hasNoFiguresBeforeTheFirst() {
        assertThat(value("")).isNaN();
        assertThat(value("/p50")).isNaN();
        assertThat(value("/count")).isZero();
    }

    @Test
    void givesTheFiguresOfTheLastThousand() {
        for (int ms = 5001; ms <= 6000; ms++) {
            timings.record(TimeUnit.MILLISECONDS.toNanos(ms));
        }
        for (int ms = 1000; ms >= 1; ms--) {
            timings.record(TimeUnit.MILLISECONDS.toNanos(ms));
        }
        assertThat(value("/count")).isEqualTo(2000);
        assertThat(value("")).isEqualTo(1);
        assertThat(value("/min")).isEqualTo(1);
        assertThat(value("/max")).isEqualTo(1000);
        assertThat(value("/p50")).isEqualTo(501);
        assertThat(value("/p99")).isEqualTo(991);
        assertThat(value("/p9999")).isEqualTo(1000);
    }
}
