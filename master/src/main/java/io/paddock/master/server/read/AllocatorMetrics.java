package io.paddock.master.server.read;

import io.paddock.common.resources.Resources;
import io.paddock.master.core.allocator.AllocatorFigures;
import java.util.List;
import java.util.SortedMap;

/** The allocator's metrics under the names Mesos gave them; {@code allocator/paddock/…} are ours. */
final class AllocatorMetrics {
    private static final List<String> SCALARS = List.of("cpus", "mem", "disk");

    private AllocatorMetrics() {}

    static void resources(Resources total, Resources offeredOrAllocated, SortedMap<String, Double> values) {
        for (String name : SCALARS) {
            String prefix = "allocator/mesos/resources/" + name;
            values.put(prefix + "/total", total.scalar(name));
            values.put(prefix + "/offered_or_allocated", offeredOrAllocated.scalar(name));
        }
    }

    static void figures(AllocatorFigures figures, SortedMap<String, Double> values) {
        values.put("allocator/mesos/allocation_runs", (double) figures.runs());
        double queued = figures.workWaits() ? 1 : 0;
        values.put("allocator/event_queue_dispatches", queued);
        values.put("allocator/mesos/event_queue_dispatches", queued);
        values.put("allocator/paddock/agents_visited", (double) figures.agentsVisited());
        values.put("allocator/paddock/agents_held", (double) figures.agentsHeld());
        figures.roles().forEach((role, of) -> {
            values.put("allocator/mesos/roles/" + role + "/shares/dominant", of.share());
            values.put("allocator/mesos/offer_filters/roles/" + role + "/active", (double) of.refusals());
        });
    }
}
