package io.paddock.master.server.read;

import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.master.core.snapshot.FrameworkTally;
import io.paddock.master.core.snapshot.FrameworkView;
import io.paddock.master.core.snapshot.MasterFigures;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/**
 * {@code frameworks/<principal>/messages_received} and {@code …_processed}: calls of the frameworks of a principal that are
 * there, as Mesos tells them for those whose rate it limits. What was received and not processed waits for its turn or was refused.
 */
final class PrincipalMetrics {
    private final ToLongFunction<String> heldBack;

    /** @param heldBack how many calls of a principal were received and not processed */
    PrincipalMetrics(ToLongFunction<String> heldBack) {
        this.heldBack = heldBack;
    }

    void add(ClusterSnapshot snapshot, MasterFigures figures, SortedMap<String, Double> values) {
        Map<String, Long> processed = new TreeMap<>();
        for (FrameworkView framework : snapshot.frameworks()) {
            FrameworkTally tally = figures.frameworks().get(framework.id());
            if (tally != null && framework.info().hasPrincipal()) {
                long calls = tally.calls().values().stream()
                        .mapToLong(Long::longValue)
                        .sum();
                processed.merge(framework.info().getPrincipal(), calls, Long::sum);
            }
        }
        processed.forEach((principal, calls) -> {
            String prefix = "frameworks/" + principal + "/messages_";
            values.put(prefix + "processed", (double) calls);
            values.put(prefix + "received", (double) (calls + heldBack.applyAsLong(principal)));
        });
    }
}
