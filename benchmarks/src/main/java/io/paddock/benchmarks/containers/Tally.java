package io.paddock.benchmarks.containers;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What a contestant has done so far: single containers, and rounds of many at once. Wall times are medians, so that what
 * else happens on the machine counts little; CPU times are means.
 */
public final class Tally {
    private static final int ROUND = 100;
    private static final double NANOS_PER_MILLI = 1e6;

    private final Contestant contestant;
    private final Around around;
    private final List<Double> singles = new ArrayList<>();
    private final List<Double> rates = new ArrayList<>();
    private final ExecutorService one;
    private final ExecutorService many;
    private long singleCpu;
    private long togetherCpu;
    private long aroundCpu;
    private int together;

    /** CPU time of those a contestant works for, so far. */
    public interface Around {
        long nanos() throws Exception;
    }

    public Tally(Contestant contestant) {
        this(contestant, () -> 0);
    }

    /** @param around is told as well for rounds */
    public Tally(Contestant contestant, Around around) {
        this.contestant = contestant;
        this.around = around;
        this.one = Executors.newSingleThreadExecutor(contestant::thread);
        this.many = Executors.newFixedThreadPool(contestant.parallel(), contestant::thread);
    }

    public Contestant contestant() {
        return contestant;
    }

    /** One container, from its launch to its end. */
    public void single(String name) throws Exception {
        long cpu = contestant.cpuNanos();
        long wall = System.nanoTime();
        one.submit(() -> {
                    contestant.launch(name);
                    contestant.destroy(name);
                    return name;
                })
                .get();
        singles.add((System.nanoTime() - wall) / NANOS_PER_MILLI);
        singleCpu += contestant.cpuNanos() - cpu;
    }

    /** So many at once: all are launched, and when all run all are destroyed. */
    public void round(String prefix, int count) throws Exception {
        long cpu = contestant.cpuNanos();
        long cpuAround = around.nanos();
        long wall = System.nanoTime();
        launch(prefix, count);
        destroy(prefix, count);
        rates.add(count / ((System.nanoTime() - wall) / 1e9));
        togetherCpu += contestant.cpuNanos() - cpu;
        aroundCpu += around.nanos() - cpuAround;
        together += count;
    }

    /** Rounds that do not count. */
    public void warmUp() throws Exception {
        for (int left = contestant.warmUp(); left > 0; left -= ROUND) {
            launch("w", Math.min(ROUND, left));
            destroy("w", Math.min(ROUND, left));
        }
    }

    public void launch(String prefix, int count) throws Exception {
        each(prefix, count, true);
    }

    public void destroy(String prefix, int count) throws Exception {
        each(prefix, count, false);
    }

    /** As many at once as suits the contestant. */
    private void each(String prefix, int count, boolean launching) throws Exception {
        List<Future<?>> done = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String name = prefix + i;
            done.add(many.submit(() -> {
                if (launching) {
                    contestant.launch(name);
                } else {
                    contestant.destroy(name);
                }
                return name;
            }));
        }
        for (Future<?> each : done) {
            each.get();
        }
    }

    public static String heading() {
        return String.format(
                "%-10s %14s %14s %16s %16s %24s",
                "", "1: wall ms", "1: CPU ms", "containers/s", "all: CPU ms each", "around it: CPU ms each");
    }

    /** The line below the heading; ends the tally. */
    public String line() {
        one.shutdown();
        many.shutdown();
        return String.format(
                Locale.ROOT,
                "%-10s %14.1f %14.1f %16.1f %16.1f %24.1f",
                contestant.name(),
                median(singles),
                singleCpu / NANOS_PER_MILLI / singles.size(),
                median(rates),
                togetherCpu / NANOS_PER_MILLI / together,
                aroundCpu / NANOS_PER_MILLI / together);
    }

    private static double median(List<Double> values) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
