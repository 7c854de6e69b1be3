package io.paddock.marathon.core.launch;

import io.paddock.proto.v1.Offer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What happened to the offers looked at for one app since its instances began to wait: the answer to "why does it wait?".
 * Keeps the last refused offer of each agent, at most {@value #MAX_AGENTS}.
 */
public final class LaunchLog {
    private static final int MAX_AGENTS = 1000;

    /** An offer that was not used, and why. */
    public record Refused(Offer offer, Set<Mismatch> why, Instant at) {}

    /**
     * One level of the funnel.
     *
     * @param processed offers that came as far as this reason
     * @param declined offers refused for it
     */
    public record Level(Mismatch reason, int declined, int processed) {}

    /** All of it at one moment. */
    public record Summary(
            int processed,
            int unused,
            @Nullable Instant lastUnused,
            @Nullable Instant lastUsed,
            List<Level> lastOffers,
            List<Level> sinceStart,
            List<Refused> refused) {}

    private final Map<Mismatch, Integer> declined = new EnumMap<>(Mismatch.class);
    private final LinkedHashMap<String, Refused> byAgent = new LinkedHashMap<>();
    private int processed;
    private int unused;
    private @Nullable Instant lastUnused;
    private @Nullable Instant lastUsed;

    /** Forgets everything: waiting begins anew. */
    public void restart() {
        declined.clear();
        byAgent.clear();
        processed = 0;
        unused = 0;
        lastUnused = null;
        lastUsed = null;
    }

    public void used(Instant now) {
        processed++;
        lastUsed = now;
    }

    public void refused(Offer offer, Set<Mismatch> why, Instant now) {
        processed++;
        unused++;
        lastUnused = now;
        declined.merge(first(why), 1, Integer::sum);
        String agent = offer.getAgentId().getValue();
        byAgent.remove(agent);
        byAgent.put(agent, new Refused(offer, why, now));
        if (byAgent.size() > MAX_AGENTS) {
            byAgent.remove(byAgent.keySet().iterator().next());
        }
    }

    public Summary summary() {
        Map<Mismatch, Integer> last = new EnumMap<>(Mismatch.class);
        byAgent.values().forEach(r -> last.merge(first(r.why()), 1, Integer::sum));
        return new Summary(
                processed,
                unused,
                lastUnused,
                lastUsed,
                funnel(last, byAgent.size()),
                funnel(declined, processed),
                List.copyOf(byAgent.values()));
    }

    private static List<Level> funnel(Map<Mismatch, Integer> declined, int all) {
        List<Level> levels = new ArrayList<>();
        int left = all;
        for (Mismatch reason : Mismatch.values()) {
            int here = declined.getOrDefault(reason, 0);
            levels.add(new Level(reason, here, left));
            left -= here;
        }
        return levels;
    }

    private static Mismatch first(Collection<Mismatch> why) {
        return why.stream().min(Enum::compareTo).orElseThrow();
    }
}
