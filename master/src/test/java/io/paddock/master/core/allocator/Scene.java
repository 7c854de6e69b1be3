package io.paddock.master.core.allocator;

import io.paddock.common.resources.Resources;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** An allocator with a clock that only moves when told, and short words for what happens to it. */
final class Scene {
    final Allocator allocator;
    Instant now = Instant.parse("2026-01-01T00:00:00Z");

    Scene(String... packedRoles) {
        AllocatorOptions defaults = AllocatorOptions.defaults(7);
        allocator = new Allocator(new AllocatorOptions(
                defaults.minAllocatable(),
                true,
                Set.of(),
                null,
                defaults.largeOfferPatience(),
                Set.of(packedRoles),
                defaults.seed()));
    }

    Scene(Allocator allocator) {
        this.allocator = allocator;
    }

    void pass(Duration time) {
        now = now.plus(time);
    }

    void framework(String id, String... roles) {
        allocator.addFramework(id, FrameworkTraits.of(roles), true);
    }

    /** A framework that only takes offers with at least this. */
    void choosy(String id, String role, String minimum) {
        allocator.addFramework(
                id,
                new FrameworkTraits(
                        Set.of(role),
                        Set.of(),
                        Set.of(FrameworkTraits.Capability.MULTI_ROLE),
                        Map.of(role, List.of(Resources.parse(minimum)))),
                true);
    }

    void agent(String id, String total) {
        allocator.addAgent(id, AgentTraits.MODERN, Resources.parse(total), List.of(), true);
    }

    void agents(int count, String total) {
        for (int i = 0; i < count; i++) {
            agent(String.format("agent%03d", i), total);
        }
    }

    List<Allocation> offers() {
        return allocator.allocate(now);
    }

    List<Allocation> offersTo(String framework) {
        return offers().stream()
                .filter(offer -> offer.frameworkId().equals(framework))
                .toList();
    }

    /** The offer was made just now; it ended like this and all of it comes back. */
    void end(Allocation offer, OfferEnd end, int filterSeconds) {
        end(offer, end, now, filterSeconds);
    }

    void end(Allocation offer, OfferEnd end, Instant madeAt, int filterSeconds) {
        allocator.offerEnded(offer.frameworkId(), offer.role(), end, madeAt, now);
        giveBack(offer, offer.resources(), filterSeconds);
    }

    void endAll(List<Allocation> offers, OfferEnd end, int filterSeconds) {
        offers.forEach(offer -> end(offer, end, filterSeconds));
    }

    /** Something of the offer is used; the rest comes back. */
    void use(Allocation offer, String used, int filterSeconds) {
        allocator.offerEnded(offer.frameworkId(), offer.role(), OfferEnd.ACCEPTED, now, now);
        giveBack(offer, offer.resources().minus(Resources.parse(used)), filterSeconds);
    }

    void giveBack(Allocation from, Resources resources, int filterSeconds) {
        allocator.recover(
                from.frameworkId(),
                from.role(),
                from.agentId(),
                resources,
                filterSeconds == 0 ? null : now.plusSeconds(filterSeconds));
    }
}
