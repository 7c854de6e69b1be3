package io.paddock.master.core.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.common.resources.Quantity.Scalar;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.allocator.Explanation.Reason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random histories against what must hold after every step. A failure names the seed and the step. */
class AllocatorPropertiesTest {
    private static final List<String> ROLES = List.of("*", "eng", "eng/web", "eng/data", "ops");

    /** The world the allocator serves, kept in the plainest way. */
    private static final class World {
        /** @param madeAt when it was offered; null when it is no open offer but in use */
        record Held(Allocation allocation, @Nullable Instant madeAt) {}

        final Random random;
        final Allocator allocator;
        final Map<String, Resources> totals = new TreeMap<>();
        final Map<String, Set<String>> frameworks = new TreeMap<>();
        final List<Held> held = new ArrayList<>();
        final Map<String, Quota> quotaOf = new TreeMap<>();
        final boolean quotas;
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        int ids;

        World(long seed, boolean quotas) {
            this.random = new Random(seed);
            AllocatorOptions defaults = AllocatorOptions.defaults(seed);
            this.allocator = new Allocator(new AllocatorOptions(
                    defaults.minAllocatable(),
                    true,
                    Set.of(),
                    null,
                    defaults.largeOfferPatience(),
                    seed % 2 == 0 ? Set.of("ops") : Set.of(),
                    seed));
            this.quotas = quotas;
        }

        <T> T any(List<T> list) {
            return list.get(random.nextInt(list.size()));
        }

        void step() {
            now = now.plusMillis(random.nextInt(2000));
            int dice = random.nextInt(100);
            if (dice < 8) {
                addAgent();
            } else if (dice < 11 && !totals.isEmpty()) {
                removeAgent(any(List.copyOf(totals.keySet())));
            } else if (dice < 16) {
                addFramework();
            } else if (dice < 18 && !frameworks.isEmpty()) {
                String id = any(List.copyOf(frameworks.keySet()));
                frameworks.remove(id);
                allocator.removeFramework(id);
            } else if (dice < 30 && !frameworks.isEmpty()) {
                disturbFramework(any(List.copyOf(frameworks.keySet())));
            } else if (dice < 36 && !totals.isEmpty()) {
                String id = any(List.copyOf(totals.keySet()));
                if (random.nextBoolean()) {
                    allocator.deactivateAgent(id);
                } else {
                    allocator.activateAgent(id);
                }
            } else if (dice < 39) {
                allocator.setWeight(any(ROLES), 1 + random.nextInt(4));
            } else if (dice < 42 && quotas) {
                String role = any(ROLES);
                quotaOf.put(role, randomQuota());
                allocator.setQuota(role, quotaOf.get(role));
            } else {
                for (int i = random.nextInt(4); i >= 0 && !held.isEmpty(); i--) {
                    giveBack(held.remove(random.nextInt(held.size())));
                }
            }
        }

        private Quota randomQuota() {
            Map<String, Scalar> some =
                    Map.of("cpus", Scalar.of(random.nextInt(20)), "mem", Scalar.of(random.nextInt(4000)));
            switch (random.nextInt(4)) {
                case 0:
                    return new Quota(some, Map.of());
                case 1:
                    return new Quota(Map.of(), some);
                case 2:
                    return new Quota(some, some);
                default:
                    return Quota.NONE;
            }
        }

        private void addAgent() {
            String id = "agent" + ids++;
            Resources total = Resources.parse("cpus:" + (1 + random.nextInt(8)) + ";mem:" + (100 + random.nextInt(2000))
                    + ";ports:[31000-31019]");
            if (random.nextInt(3) == 0) {
                total = total.plus(
                        Resources.parse("cpus(" + any(ROLES.subList(1, 5)) + "):" + (1 + random.nextInt(3))));
            }
            if (random.nextInt(5) == 0) {
                total = total.plus(Resources.parse("gpus:1"));
            }
            List<Allocation> used = new ArrayList<>();
            if (!frameworks.isEmpty() && random.nextBoolean()) {
                String framework = any(List.copyOf(frameworks.keySet()));
                used.add(new Allocation(framework, any(ROLES), id, Resources.parse("cpus:0.5;ports:[31005-31006]")));
            }
            totals.put(id, total);
            used.forEach(allocation -> held.add(new Held(allocation, null)));
            allocator.addAgent(id, AgentTraits.MODERN, total, used, random.nextInt(5) > 0);
        }

        private void removeAgent(String id) {
            totals.remove(id);
            held.removeIf(h -> h.allocation().agentId().equals(id));
            allocator.removeAgent(id);
        }

        private void addFramework() {
            String id = "framework" + ids++;
            frameworks.put(id, new TreeSet<>());
            allocator.addFramework(id, randomTraits(), random.nextInt(5) > 0);
        }

        private FrameworkTraits randomTraits() {
            Set<String> roles = new TreeSet<>(List.of(any(ROLES), any(ROLES)));
            Set<FrameworkTraits.Capability> capabilities = random.nextBoolean()
                    ? Set.of(FrameworkTraits.Capability.MULTI_ROLE)
                    : Set.of(FrameworkTraits.Capability.GPU_RESOURCES);
            Map<String, List<Resources>> minimum = random.nextInt(4) == 0
                    ? Map.of(roles.iterator().next(), List.of(Resources.parse("cpus:3")))
                    : Map.of();
            return new FrameworkTraits(
                    roles, random.nextInt(4) == 0 ? Set.of(any(ROLES)) : Set.of(), capabilities, minimum);
        }

        private void disturbFramework(String id) {
            switch (random.nextInt(5)) {
                case 0:
                    allocator.suppress(id, random.nextBoolean() ? List.of() : List.of(any(ROLES)));
                    break;
                case 1:
                    allocator.deactivateFramework(id);
                    break;
                case 2:
                    allocator.activateFramework(id);
                    break;
                case 3:
                    allocator.updateFramework(id, randomTraits());
                    break;
                default:
                    allocator.revive(id, random.nextBoolean() ? List.of() : List.of(any(ROLES)));
            }
        }

        private void giveBack(Held h) {
            Allocation a = h.allocation();
            if (h.madeAt() != null) {
                OfferEnd end = OfferEnd.values()[random.nextInt(OfferEnd.values().length)];
                allocator.offerEnded(a.frameworkId(), a.role(), end, h.madeAt(), now);
            }
            Resources part = a.resources();
            if (random.nextInt(3) == 0
                    && part.thousandths("cpus") > 500
                    && part.unreserved().thousandths("cpus") > 500) {
                part = Resources.parse("cpus:0.5");
                held.add(new Held(
                        new Allocation(
                                a.frameworkId(),
                                a.role(),
                                a.agentId(),
                                a.resources().minus(part)),
                        null));
            }
            Instant until = random.nextBoolean() ? null : now.plusMillis(random.nextInt(20_000));
            allocator.recover(a.frameworkId(), a.role(), a.agentId(), part, until);
        }

        void check(String at) {
            List<Allocation> offers = allocator.allocate(now);
            offers.forEach(offer -> held.add(new Held(offer, now)));
            Map<String, Resources> heldOn = new HashMap<>();
            held.forEach(
                    h -> heldOn.merge(h.allocation().agentId(), h.allocation().resources(), Resources::plus));
            totals.forEach((id, total) -> {
                Resources taken = heldOn.getOrDefault(id, Resources.EMPTY);
                assertThat(allocator.free(id).plus(taken))
                        .as("%s: free + held of %s", at, id)
                        .isEqualTo(total);
            });
            assertThat(Outcomes.givenTwice(
                            totals, held.stream().map(Held::allocation).toList()))
                    .as("%s: given twice", at)
                    .isEmpty();
            assertThat(Outcomes.offeredToOthers(offers))
                    .as("%s: reserved for others", at)
                    .isEmpty();
            for (String framework : frameworks.keySet()) {
                for (String role : ROLES) {
                    assertThat(allocator.why(framework, role, now).findings())
                            .as("%s: %s may have something in %s and was not offered it", at, framework, role)
                            .noneMatch(finding -> finding.reason() == Reason.NEXT_RUN);
                }
            }
            assertThat(allocator.hasWork()).as("%s: work left", at).isFalse();
            assertThat(Outcomes.limitsBroken(
                            quotaOf, offers, held.stream().map(Held::allocation).toList(), totals.values()))
                    .as("%s: limits", at)
                    .isEmpty();
            if (random.nextInt(4) == 0) {
                allocator.lookAtEverything();
                assertThat(allocator.allocate(now))
                        .as("%s: found only by a look at everything", at)
                        .isEmpty();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nothingIsGivenTwiceAndNothingUsableStaysUnoffered(boolean quotas) {
        for (long seed = 1; seed <= Integer.getInteger("paddock.seeds", 60); seed++) {
            World world = new World(seed, quotas);
            for (int step = 0; step < 150; step++) {
                world.step();
                world.check("seed " + seed + ", quotas " + quotas + ", step " + step);
            }
        }
    }

    /** The property can fail: an allocator that takes back what is still out gives it out again, and both books and outcome show it. */
    @ParameterizedTest
    @ValueSource(strings = {"cpus:1", "ports:[31000-31000]"})
    void aUnitThatIsGivenTwiceIsFound(String unit) {
        for (long seed = 1; seed <= 10; seed++) {
            World world = new World(seed, false);
            world.totals.put("agent", Resources.parse("cpus:2;mem:512;ports:[31000-31001]"));
            world.allocator.addAgent("agent", AgentTraits.MODERN, world.totals.get("agent"), List.of(), true);
            for (String id : List.of("A", "B")) {
                world.frameworks.put(id, new TreeSet<>());
                world.allocator.addFramework(id, FrameworkTraits.of("*"), true);
            }
            world.check("before");
            Allocation out = world.held.get(0).allocation();
            Resources again = Resources.parse(unit + ";mem:32");
            world.allocator.recover(out.frameworkId(), out.role(), out.agentId(), again, null);
            assertThatThrownBy(() -> world.check("after"))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("after: ");
            List<Allocation> held =
                    world.held.stream().map(World.Held::allocation).toList();
            assertThat(held).hasSize(2);
            assertThat(Outcomes.givenTwice(world.totals, held))
                    .singleElement(InstanceOfAssertFactories.STRING)
                    .contains(again.toString());
        }
    }

    @Test
    void whatIsReservedForOthersIsFound() {
        Allocation offer = new Allocation("A", "ops", "agent", Resources.parse("cpus(eng):1"));
        assertThat(Outcomes.offeredToOthers(List.of(offer))).containsExactly("cpus(eng):1 to ops");
    }

    @Test
    void theSameHistoryGivesTheSameOffers() {
        for (long seed = 1; seed <= 10; seed++) {
            assertThat(history(seed)).as("seed %d", seed).isEqualTo(history(seed));
        }
    }

    private static List<Allocation> history(long seed) {
        World world = new World(seed, true);
        List<Allocation> offers = new ArrayList<>();
        for (int step = 0; step < 150; step++) {
            world.step();
            List<Allocation> made = world.allocator.allocate(world.now);
            made.forEach(offer -> world.held.add(new World.Held(offer, world.now)));
            offers.addAll(made);
        }
        return offers;
    }

    @Test
    void theOrderOfArrivalDoesNotMatter() {
        for (long seed = 1; seed <= 20; seed++) {
            List<Allocation> first = arrival(new Random(seed));
            List<Allocation> second = arrival(new Random(seed + 1000));
            assertThat(second).as("seed %d", seed).isEqualTo(first);
        }
    }

    private static List<Allocation> arrival(Random random) {
        Allocator allocator = new Allocator(AllocatorOptions.defaults(42));
        List<Integer> agents = new ArrayList<>();
        List<Integer> frameworks = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            agents.add(i);
            frameworks.add(i % 10);
        }
        Collections.shuffle(agents, random);
        Collections.shuffle(frameworks, random);
        for (int i : new LinkedHashSet<>(frameworks)) {
            allocator.addFramework("framework" + i, FrameworkTraits.of(ROLES.get(i % 5)), true);
        }
        for (int i : agents) {
            allocator.addAgent(
                    "agent" + i,
                    AgentTraits.MODERN,
                    Resources.parse("cpus:" + (1 + i % 7) + ";mem:" + (100 + i * 37)),
                    List.of(),
                    true);
        }
        return allocator.allocate(Instant.EPOCH);
    }

    @Test
    void equalFrameworksThatDeclineEverythingAllSeeEveryAgent() {
        Allocator allocator = new Allocator(AllocatorOptions.defaults(3));
        int frameworks = 20;
        int agents = 30;
        for (int i = 0; i < frameworks; i++) {
            allocator.addFramework("framework" + i, FrameworkTraits.of("*"), true);
        }
        for (int i = 0; i < agents; i++) {
            allocator.addAgent("agent" + i, AgentTraits.MODERN, Resources.parse("cpus:4;mem:1000"), List.of(), true);
        }
        Map<String, Set<String>> seen = new TreeMap<>();
        for (int round = 0; round < frameworks; round++) {
            List<Allocation> offers = allocator.allocate(Instant.EPOCH);
            assertThat(offers).as("round %d", round).hasSize(agents);
            for (Allocation offer : offers) {
                assertThat(seen.computeIfAbsent(offer.frameworkId(), f -> new TreeSet<>())
                                .add(offer.agentId()))
                        .as("round %d: %s sees %s once", round, offer.frameworkId(), offer.agentId())
                        .isTrue();
                allocator.recover(
                        offer.frameworkId(),
                        "*",
                        offer.agentId(),
                        offer.resources(),
                        Instant.EPOCH.plusSeconds(31_536_000));
            }
        }
        assertThat(seen)
                .hasSize(frameworks)
                .allSatisfy((id, all) -> assertThat(all).hasSize(agents));
        assertThat(allocator.allocate(Instant.EPOCH)).isEmpty();
    }

    @Test
    void sharesFollowWeightsWhenEverybodyTakesEverything() {
        for (long seed = 1; seed <= 20; seed++) {
            Random random = new Random(seed);
            Allocator allocator = new Allocator(AllocatorOptions.defaults(seed));
            double sum = 0;
            Map<String, Integer> weights = new TreeMap<>();
            for (int i = 0; i < 5; i++) {
                weights.put("role" + i, 1 + random.nextInt(5));
                sum += weights.get("role" + i);
                allocator.setWeight("role" + i, weights.get("role" + i));
                allocator.addFramework("framework" + i, FrameworkTraits.of("role" + i), true);
            }
            for (int i = 0; i < 400; i++) {
                allocator.addAgent(
                        "agent" + i, AgentTraits.MODERN, Resources.parse("cpus:4;mem:1000"), List.of(), true);
            }
            allocator.allocate(Instant.EPOCH);
            for (Map.Entry<String, Integer> e : weights.entrySet()) {
                assertThat(allocator.share(e.getKey()))
                        .as("seed %d: %s of weight %d among %s", seed, e.getKey(), e.getValue(), weights)
                        .isBetween(e.getValue() / sum - 2 / 400.0, e.getValue() / sum + 2 / 400.0);
            }
        }
    }
}
