package io.paddock.master.core.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.resources.Quantity.Scalar;
import io.paddock.common.resources.Resources;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/**
 * Random clusters in which everybody takes all it is offered, judged by {@link Outcomes}. A failure names the seed. Each judge
 * is shown to find an outcome that is wrong.
 */
class FairnessPropertiesTest {
    private static final int SEEDS = 100;
    private static final List<String> ROLES =
            List.of("*", "eng", "eng/web", "eng/data", "eng/data/etl", "ops", "ops/ci");

    /** A cluster as data, so that it can be built in any order. */
    private record Cluster(
            long seed,
            TreeMap<String, Resources> agents,
            TreeMap<String, String> roleOfFramework,
            TreeMap<String, Double> weights,
            TreeMap<String, Quota> quotas) {

        static Cluster random(long seed) {
            Random random = new Random(seed);
            Cluster cluster = new Cluster(seed, new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
            int agents = 20 + random.nextInt(100);
            for (int i = 0; i < agents; i++) {
                cluster.agents.put(
                        "agent" + i,
                        Resources.parse(
                                "cpus:" + (1 + random.nextInt(16)) + ";mem:" + (500 + 100 * random.nextInt(100))));
            }
            int frameworks = 2 + random.nextInt(12);
            for (int i = 0; i < frameworks; i++) {
                cluster.roleOfFramework.put("framework" + i, ROLES.get(random.nextInt(ROLES.size())));
            }
            for (String role : ROLES) {
                if (random.nextBoolean()) {
                    cluster.weights.put(role, 0.5 + random.nextInt(8) / 2.0);
                }
            }
            return cluster;
        }

        double weight(String role) {
            return weights.getOrDefault(role, 1.0);
        }

        /** Events in the order that a random source gives. */
        List<Allocation> offers(Random order) {
            Allocator allocator = new Allocator(AllocatorOptions.defaults(seed));
            List<Runnable> events = new ArrayList<>();
            agents.forEach((id, total) ->
                    events.add(() -> allocator.addAgent(id, AgentTraits.MODERN, total, List.of(), true)));
            roleOfFramework.forEach(
                    (id, role) -> events.add(() -> allocator.addFramework(id, FrameworkTraits.of(role), true)));
            weights.forEach((role, weight) -> events.add(() -> allocator.setWeight(role, weight)));
            quotas.forEach((role, quota) -> events.add(() -> allocator.setQuota(role, quota)));
            Collections.shuffle(events, order);
            events.forEach(Runnable::run);
            return allocator.allocate(Instant.EPOCH);
        }

        /** The share of the cluster that the largest agent is. */
        double oneAgent() {
            return agents.values().stream()
                    .mapToDouble(agent -> Outcomes.dominantShare(List.of(agent), Outcomes.whole(agents.values())))
                    .max()
                    .orElseThrow();
        }

        /** Children of a role between which something is divided, with what each of them has: 0 for those with nothing. */
        Map<String, Double> siblings(String parent, List<Allocation> held) {
            Map<String, Double> shares = new TreeMap<>();
            List<Allocation> everybody = new ArrayList<>();
            roleOfFramework.forEach((id, role) -> everybody.add(new Allocation(id, role, "none", Resources.EMPTY)));
            Outcomes.sharesBelow(parent, everybody, agents.values()).forEach((child, none) -> shares.put(child, 0.0));
            shares.putAll(Outcomes.sharesBelow(parent, held, agents.values()));
            return shares;
        }

        /** The frameworks of a role itself are a sibling of the roles below it, of weight 1. */
        ToDoubleFunction<String> weightsBelow(String parent) {
            return child -> child.equals(".") ? 1 : weight(parent.isEmpty() ? child : parent + "/" + child);
        }

        List<String> unfair(List<Allocation> held) {
            List<String> unfair = new ArrayList<>();
            for (String parent : List.of("", "eng", "eng/data", "ops")) {
                Map<String, Double> shares = siblings(parent, held);
                ToDoubleFunction<String> weight = weightsBelow(parent);
                unfair.addAll(Outcomes.envy(shares, weight, oneAgent()));
                unfair.addAll(Outcomes.worseOffThanAlone(shares, weight, oneAgent()));
            }
            for (String role : ROLES) {
                Map<String, Double> shares = new TreeMap<>();
                roleOfFramework.forEach((id, of) -> {
                    if (of.equals(role)) {
                        shares.put(id, 0.0);
                    }
                });
                shares.putAll(Outcomes.sharesOfFrameworks(role, held, agents.values()));
                unfair.addAll(Outcomes.envy(shares, id -> 1, oneAgent()));
                unfair.addAll(Outcomes.worseOffThanAlone(shares, id -> 1, oneAgent()));
            }
            return unfair;
        }
    }

    @Test
    void nobodyEnviesAnotherMoreThanOneAgentAndAllHaveTheirPart() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            Cluster cluster = Cluster.random(seed);
            List<Allocation> offers = cluster.offers(new Random(seed));
            assertThat(offers).as("seed %d: all agents are given out", seed).hasSameSizeAs(cluster.agents.keySet());
            assertThat(cluster.unfair(offers)).as("seed %d, %s", seed, cluster).isEmpty();
        }
    }

    @Test
    void anUnfairOutcomeIsFound() {
        int found = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            Cluster cluster = Cluster.random(seed);
            List<Allocation> offers = cluster.offers(new Random(seed));
            // Whoever has most gets everything that the one with least had.
            Map<String, List<Allocation>> of = new TreeMap<>();
            offers.forEach(offer -> of.computeIfAbsent(offer.frameworkId(), id -> new ArrayList<>())
                    .add(offer));
            String rich = Collections.max(
                    of.keySet(), (a, b) -> of.get(a).size() - of.get(b).size());
            List<Allocation> unfair = offers.stream()
                    .map(offer ->
                            new Allocation(rich, cluster.roleOfFramework.get(rich), offer.agentId(), offer.resources()))
                    .toList();
            found += cluster.unfair(unfair).isEmpty() ? 0 : 1;
        }
        assertThat(found).as("one framework has everything").isEqualTo(SEEDS);
    }

    @Test
    void aShareThatIgnoresTheWeightsIsFound() {
        Map<String, Double> equal = Map.of("a", 0.5, "b", 0.5);
        ToDoubleFunction<String> threeToOne = role -> role.equals("a") ? 3 : 1;
        assertThat(Outcomes.envy(equal, threeToOne, 0.01)).containsExactly("a with 0.5 envies b with 0.5");
        assertThat(Outcomes.worseOffThanAlone(equal, threeToOne, 0.01)).containsExactly("a has 0.5 of its part 0.75");
        Map<String, Double> right = Map.of("a", 0.75, "b", 0.25);
        assertThat(Outcomes.envy(right, threeToOne, 0.01)).isEmpty();
        assertThat(Outcomes.worseOffThanAlone(right, threeToOne, 0.01)).isEmpty();
    }

    private static Quota quota(Random random, Resources whole, double most, boolean guarantee, boolean limit) {
        Map<String, Scalar> amounts = Map.of(
                "cpus", Scalar.of(Math.floor(whole.scalar("cpus") * most * random.nextDouble())),
                "mem", Scalar.of(Math.floor(whole.scalar("mem") * most * random.nextDouble())));
        return new Quota(guarantee ? amounts : Map.of(), limit ? amounts : Map.of());
    }

    @Test
    void limitsHoldOnEveryLevelOfTheTree() {
        int bound = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            Cluster cluster = Cluster.random(seed);
            Random random = new Random(seed);
            Resources whole = Outcomes.whole(cluster.agents.values());
            for (String role : ROLES) {
                if (random.nextInt(3) > 0) {
                    cluster.quotas.put(role, quota(random, whole, 0.5, false, true));
                }
            }
            List<Allocation> offers = cluster.offers(random);
            assertThat(Outcomes.limitsBroken(cluster.quotas, offers, offers, cluster.agents.values()))
                    .as("seed %d, %s", seed, cluster)
                    .isEmpty();
            // The same cluster without quotas: what the limits kept from happening, and the judge finds.
            List<Allocation> unlimited = new Cluster(
                            seed, cluster.agents, cluster.roleOfFramework, cluster.weights, new TreeMap<>())
                    .offers(random);
            bound += Outcomes.limitsBroken(cluster.quotas, unlimited, unlimited, cluster.agents.values())
                            .isEmpty()
                    ? 0
                    : 1;
        }
        assertThat(bound).as("clusters in which the limits mattered").isGreaterThan(SEEDS / 2);
    }

    /** Guarantees that fit into the cluster together and, below a parent with one, into the parent's. */
    private static void guarantee(Cluster cluster, Random random) {
        Resources whole = Outcomes.whole(cluster.agents.values());
        cluster.quotas.put("eng", quota(random, whole, 0.3, true, false));
        cluster.quotas.put("ops", quota(random, whole, 0.3, true, false));
        cluster.quotas.put("*", quota(random, whole, 0.2, true, false));
        Map<String, Scalar> part = new HashMap<>();
        cluster.quotas
                .get("eng")
                .guarantees()
                .forEach((name, amount) -> part.put(name, new Scalar(amount.thousandths() / 2)));
        cluster.quotas.put("eng/data", new Quota(part, Map.of()));
    }

    @Test
    void guaranteesAreMetWhereThereIsDemandWhoeverElseWantsWhat() {
        int mattered = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            Cluster cluster = Cluster.random(seed);
            Random random = new Random(seed);
            guarantee(cluster, random);
            for (String role : List.of("eng/web", "eng/data", "ops", "*")) {
                cluster.roleOfFramework.put("of-" + role.replace('/', '-'), role);
            }
            for (int i = 0; i < 10; i++) {
                cluster.roleOfFramework.put("greedy" + i, "greedy" + i);
            }
            List<Allocation> offers = cluster.offers(random);
            assertThat(Outcomes.guaranteesUnmet(cluster.quotas, offers, cluster.agents.values()))
                    .as("seed %d, %s", seed, cluster)
                    .isEmpty();
            List<Allocation> without = new Cluster(
                            seed, cluster.agents, cluster.roleOfFramework, cluster.weights, new TreeMap<>())
                    .offers(random);
            mattered += Outcomes.guaranteesUnmet(cluster.quotas, without, cluster.agents.values())
                            .isEmpty()
                    ? 0
                    : 1;
        }
        assertThat(mattered)
                .as("clusters in which fair shares alone fell short")
                .isGreaterThan(SEEDS / 4);
    }

    @Test
    void aGuaranteeIsKeptForWhoComesLater() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            Cluster cluster = Cluster.random(seed);
            Random random = new Random(seed);
            guarantee(cluster, random);
            // A rest below the smallest offer would not be offered: here nothing is too small.
            Allocator allocator =
                    new Allocator(new AllocatorOptions(List.of(), true, Set.of(), null, Duration.ZERO, Set.of(), seed));
            cluster.quotas.forEach(allocator::setQuota);
            cluster.agents.forEach((id, total) -> allocator.addAgent(id, AgentTraits.MODERN, total, List.of(), true));
            allocator.addFramework("greedy", FrameworkTraits.of("greedy"), true);
            List<Allocation> held = new ArrayList<>(allocator.allocate(Instant.EPOCH));
            for (String role : List.of("eng/data", "*", "ops", "eng/web")) {
                allocator.addFramework("of-" + role, FrameworkTraits.of(role), true);
                held.addAll(allocator.allocate(Instant.EPOCH));
            }
            assertThat(Outcomes.guaranteesUnmet(cluster.quotas, held, cluster.agents.values()))
                    .as("seed %d, greedy came first; %s", seed, cluster)
                    .isEmpty();
        }
    }

    @Test
    void theOrderOfEventsBeforeARunDoesNotMatter() {
        int different = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            Cluster cluster = Cluster.random(seed);
            Random random = new Random(seed);
            if (seed % 2 == 0) {
                guarantee(cluster, random);
                cluster.quotas.put("eng/web", quota(random, Outcomes.whole(cluster.agents.values()), 0.2, false, true));
            }
            List<Allocation> first = cluster.offers(new Random(seed));
            assertThat(cluster.offers(new Random(seed + 1_000_000)))
                    .as("seed %d", seed)
                    .isEqualTo(first);
            Cluster other =
                    new Cluster(seed + 1, cluster.agents, cluster.roleOfFramework, cluster.weights, cluster.quotas);
            different += other.offers(new Random(seed)).equals(first) ? 0 : 1;
        }
        assertThat(different)
                .as("another seed of the allocator gives other offers")
                .isGreaterThan(SEEDS / 2);
    }
}
