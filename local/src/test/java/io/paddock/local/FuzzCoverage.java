package io.paddock.local;

import io.paddock.local.FuzzRequests.Answer;
import io.paddock.local.FuzzRequests.Sent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** How far the calls got: per API and type how many were accepted, and why the others were refused. */
final class FuzzCoverage {
    private static final int REASON_CHARS = 60;
    private static final int REASONS_SHOWN = 6;
    /** What is another in every call: ids, numbers, texts that were sent. */
    private static final Pattern PARTICULAR = Pattern.compile("'[^']*'|\"[^\"]*\"|[0-9a-f]{8}-[-0-9a-fSO]+|\\d+");

    private final Map<String, Integer> accepted = new TreeMap<>();
    private final Map<String, Integer> refused = new TreeMap<>();
    private final Map<String, Map<String, Integer>> reasons = new TreeMap<>();

    void count(Sent sent, Answer answer) {
        String call = sent.api() + " " + sent.type();
        boolean good = answer.status() / 100 == 2 || answer.status() / 100 == 3;
        (good ? accepted : refused).merge(call, 1, Integer::sum);
        if (!good) {
            String why = PARTICULAR.matcher(answer.body()).replaceAll("…").replaceAll("\\s+", " ");
            reasons.computeIfAbsent(call, c -> new TreeMap<>())
                    .merge(
                            answer.status() + " " + why.substring(0, Math.min(REASON_CHARS, why.length())),
                            1,
                            Integer::sum);
        }
    }

    /** What came of one task or operation. */
    void countEffect(String kind, String outcome) {
        accepted.merge("effect of " + kind + ": " + outcome, 1, Integer::sum);
    }

    /** What is below the least that was asked for, in words. */
    List<String> shortOf(Map<String, int[]> least, double share) {
        List<String> missing = new ArrayList<>();
        least.forEach((call, counts) -> {
            int good = accepted.getOrDefault(call, 0);
            int bad = refused.getOrDefault(call, 0);
            if (good < Math.floor(counts[0] * share) || bad < Math.floor(counts[1] * share)) {
                missing.add("%s: %d accepted and %d refused, expected at least %.0f and %.0f"
                        .formatted(call, good, bad, Math.floor(counts[0] * share), Math.floor(counts[1] * share)));
            }
        });
        return missing;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        Map<String, Integer> all = new TreeMap<>(accepted);
        refused.forEach((call, count) -> all.putIfAbsent(call, 0));
        all.forEach((call, count) -> {
            text.append(String.format("%6d %5d  %s%n", count, refused.getOrDefault(call, 0), call));
            reasons.getOrDefault(call, Map.of()).entrySet().stream()
                    .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                    .limit(REASONS_SHOWN)
                    .forEach(e -> text.append(String.format("       %5d      %s%n", e.getValue(), e.getKey())));
        });
        return text.toString();
    }
}
