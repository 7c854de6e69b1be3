package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.common.resources.Ranges;
import io.paddock.common.resources.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** Whether any agent has a port among its resources, so that a task must be offered it before it may use it. */
final class ManagedPorts implements IntPredicate {
    private final ClusterFlags cluster;
    private @Nullable Ranges all;

    ManagedPorts(ClusterFlags cluster) {
        this.cluster = cluster;
    }

    /** Asks the master when it is first called. */
    @Override
    public boolean test(int port) {
        Ranges known = all;
        if (known == null) {
            known = ask();
            all = known;
        }
        return known.contains(port);
    }

    private Ranges ask() {
        List<Ranges.Range> found = new ArrayList<>();
        for (JsonNode agent : ClusterView.of(cluster.master()).agents()) {
            String text = agent.path("resources").path("ports").asText();
            if (!text.isEmpty()) {
                found.addAll(Resources.parse("ports:" + text).ranges("ports").ranges());
            }
        }
        return Ranges.of(found);
    }
}
