package io.paddock.platform.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * How long something took, the last thousand times, with the figures that Mesos publishes of a timer {@code X}: {@code X_ms}
 * is the last one; {@code X_ms/count}, {@code /min}, {@code /max}, {@code /p50} to {@code /p9999} are of those kept, {@code count}
 * of all. Thread safe.
 */
public final class Timings {
    private static final int KEPT = 1000;
    private static final double NANOS_PER_MILLI = 1e6;
    private static final Map<String, Double> PERCENTILES =
            new TreeMap<>(Map.of("p50", 0.5, "p90", 0.9, "p95", 0.95, "p99", 0.99, "p999", 0.999, "p9999", 0.9999));

    private final long[] nanos = new long[KEPT]; // guarded by this
    private long count; // guarded by this

    /** Of no registry: the figures are asked for. */
    public Timings() {}

    /** @param name without the suffix {@code _ms} */
    public Timings(MeterRegistry registry, String name) {
        gauge(registry, name + "_ms", Timings::last);
        gauge(registry, name + "_ms/count", Timings::count);
        gauge(registry, name + "_ms/min", timings -> timings.percentile(0));
        gauge(registry, name + "_ms/max", timings -> timings.percentile(1));
        PERCENTILES.forEach(
                (suffix, part) -> gauge(registry, name + "_ms/" + suffix, timings -> timings.percentile(part)));
    }

    private void gauge(MeterRegistry registry, String name, ToDoubleFunction<Timings> value) {
        Gauge.builder(name, this, value).strongReference(true).register(registry);
    }

    /**
     * The figures by name, as they would be registered; nothing but the count while there are none.
     *
     * @param name without the suffix {@code _ms}
     */
    public synchronized Map<String, Number> figures(String name) {
        Map<String, Number> figures = new TreeMap<>();
        figures.put(name + "_ms/count", count);
        if (count > 0) {
            figures.put(name + "_ms", last());
            figures.put(name + "_ms/min", percentile(0));
            figures.put(name + "_ms/max", percentile(1));
            PERCENTILES.forEach((suffix, part) -> figures.put(name + "_ms/" + suffix, percentile(part)));
        }
        return figures;
    }

    public synchronized void record(long tookNanos) {
        nanos[(int) (count++ % KEPT)] = tookNanos;
    }

    private synchronized double last() {
        return count == 0 ? Double.NaN : nanos[(int) ((count - 1) % KEPT)] / NANOS_PER_MILLI;
    }

    private synchronized double count() {
        return count;
    }

    private synchronized double percentile(double part) {
        if (count == 0) {
            return Double.NaN;
        }
        long[] sorted = Arrays.copyOf(nanos, (int) Math.min(count, KEPT));
        Arrays.sort(sorted);
        return sorted[(int) Math.ceil(part * (sorted.length - 1))] / NANOS_PER_MILLI;
    }
}
