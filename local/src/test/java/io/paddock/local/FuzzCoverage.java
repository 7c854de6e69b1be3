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

    /**
     * How many must be accepted and refused among 20,000 calls; about a third of what is usual. What comes
     * only about three times is not counted on: which ids are alive when is not the seed's doing alone.
     */
    private static final String LEAST = """
            250 50 scheduler ACCEPT
            20 10 scheduler ACKNOWLEDGE
            25 8 scheduler ACKNOWLEDGE_OPERATION_STATUS
            30 3 scheduler DECLINE
            2 0 scheduler ACCEPT_INVERSE_OFFERS
            2 0 scheduler DECLINE_INVERSE_OFFERS
            25 6 scheduler KILL
            20 8 scheduler MESSAGE
            30 10 scheduler RECONCILE
            30 8 scheduler RECONCILE_OPERATIONS
            30 5 scheduler REQUEST
            100 30 scheduler REVIVE
            20 8 scheduler SHUTDOWN
            1 0 scheduler SUBSCRIBE
            25 5 scheduler SUPPRESS
            25 10 scheduler UPDATE_FRAMEWORK
            10 30 executor UPDATE
            6 6 executor MESSAGE
            6 4 executor HEARTBEAT
            5 3 master RESERVE_RESOURCES
            5 3 master UNRESERVE_RESOURCES
            4 3 master CREATE_VOLUMES
            3 4 master DESTROY_VOLUMES
            0 3 master GROW_VOLUME
            3 3 master SHRINK_VOLUME
            8 0 master UPDATE_MAINTENANCE_SCHEDULE
            8 0 master UPDATE_QUOTA
            5 2 master UPDATE_WEIGHTS
            3 5 agent LAUNCH_CONTAINER
            0 3 agent KILL_CONTAINER
            0 3 agent WAIT_CONTAINER
            3 0 form POST /unreserve
            10 8 files /files/read
            60 0 effect of RESERVE: OPERATION_FINISHED
            12 0 effect of UNRESERVE: OPERATION_FINISHED
            20 0 effect of CREATE: OPERATION_FINISHED
            12 0 effect of DESTROY: OPERATION_FINISHED
            3 0 effect of GROW_VOLUME: OPERATION_FINISHED
            5 0 effect of RESERVE: OPERATION_ERROR
            3 0 effect of LAUNCH: TASK_RUNNING
            5 0 effect of LAUNCH: TASK_ERROR
            2 0 effect of LAUNCH_GROUP: TASK_RUNNING
            2 0 effect of LAUNCH_GROUP: TASK_ERROR
            """;

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

    /**
     * What is below the least that every check asks for, in words.
     *
     * @param made how many calls were made of those of every check; of fewer less than their share is asked, as it is chance that
     *     rules them
     */
    List<String> shortOf(double made) {
        double share = Math.min(made, made * made);
        List<String> missing = new ArrayList<>();
        LEAST.lines().forEach(line -> {
            String[] words = line.split(" ", 3);
            double leastGood = Math.floor(Integer.parseInt(words[0]) * share);
            double leastBad = Math.floor(Integer.parseInt(words[1]) * share);
            int good = accepted.getOrDefault(words[2], 0);
            int bad = refused.getOrDefault(words[2], 0);
            if (good < leastGood || bad < leastBad) {
                missing.add("%s: %d accepted and %d refused, expected at least %.0f and %.0f"
                        .formatted(words[2], good, bad, leastGood, leastBad));
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
