package io.paddock.master.core.allocator;

import io.paddock.common.resources.Resources;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** An allocator, a clock, and offers as text: what the allocator's scenarios share. */
abstract class AllocatorScenario {
    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    static final Resources SMALL = Resources.parse("cpus:3;mem:6000");

    final Allocator allocator = new Allocator(AllocatorOptions.defaults(7));

    Instant now = START;

    static Resources r(String text) {
        return Resources.parse(text);
    }

    void agent(String id, String total) {
        allocator.addAgent(id, AgentTraits.MODERN, r(total), List.of(), true);
    }

    void framework(String id, String... roles) {
        allocator.addFramework(id, FrameworkTraits.of(roles), true);
    }

    /** The offers of one run as {@code framework/role <- agent: resources}. */
    List<String> offers() {
        return allocator.allocate(now).stream()
                .map(a -> a.frameworkId() + "/" + a.role() + " <- " + a.agentId() + ": " + a.resources())
                .toList();
    }

    Map<String, Long> offersByFramework() {
        return allocator.allocate(now).stream()
                .collect(Collectors.groupingBy(Allocation::frameworkId, Collectors.counting()));
    }

    void decline(String framework, String role, String agent, String resources, int seconds) {
        allocator.recover(framework, role, agent, r(resources), seconds == 0 ? null : now.plusSeconds(seconds));
    }
}
