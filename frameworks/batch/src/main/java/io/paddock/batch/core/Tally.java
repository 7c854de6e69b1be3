package io.paddock.batch.core;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Why the offers that came since did not do for a waiting run, counted by reason. */
final class Tally {
    /** Longer waits than this mean that there is nothing to offer. */
    private static final Duration USUAL_WAIT = Duration.ofSeconds(5);

    /** How much there was at most of a resource of which there was too little. */
    private static final class Shortage {
        private int offers;
        private double most;
    }

    private final Instant since;
    private int offers;
    private final Map<String, Shortage> shortages = new TreeMap<>();
    private final Map<String, Integer> constraints = new TreeMap<>();
    private final Map<String, Double> needs = new TreeMap<>();

    Tally(Instant since) {
        this.since = since.truncatedTo(ChronoUnit.SECONDS);
    }

    void offer() {
        offers++;
    }

    void tooLittle(String resource, double needed, double offered) {
        Shortage shortage = shortages.computeIfAbsent(resource, r -> new Shortage());
        shortage.offers++;
        shortage.most = Math.max(shortage.most, offered);
        needs.put(resource, needed);
    }

    void unmet(String constraint) {
        constraints.merge(constraint, 1, Integer::sum);
    }

    String describe(Instant now) {
        if (offers == 0) {
            String why =
                    since.plus(USUAL_WAIT).isBefore(now) ? ": the cluster has nothing free for this framework" : "";
            return "no offer has come since " + since + why;
        }
        List<String> parts = new ArrayList<>();
        shortages.forEach((resource, shortage) -> parts.add(shortage.offers + " had too little " + resource + " ("
                + number(needs.getOrDefault(resource, 0.0)) + " needed, at most " + number(shortage.most)
                + " offered)"));
        constraints.forEach((constraint, count) -> parts.add(count + " did not satisfy constraint " + constraint));
        return "of " + offers + " offers since " + since + ", "
                + (parts.isEmpty() ? "all went to runs that waited longer" : String.join(", ", parts));
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
