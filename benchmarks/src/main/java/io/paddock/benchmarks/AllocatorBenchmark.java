package io.paddock.benchmarks;

import io.paddock.common.resources.Resources;
import io.paddock.master.core.allocator.AgentTraits;
import io.paddock.master.core.allocator.Allocation;
import io.paddock.master.core.allocator.Allocator;
import io.paddock.master.core.allocator.AllocatorOptions;
import io.paddock.master.core.allocator.Explanation;
import io.paddock.master.core.allocator.FrameworkTraits;
import io.paddock.master.core.constraints.ConstraintReader;
import io.paddock.master.core.constraints.RegexLimits;
import io.paddock.master.core.constraints.RoleConstraint;
import io.paddock.proto.v1.scheduler.AttributeConstraint;
import io.paddock.proto.v1.scheduler.OfferConstraints;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.ThreadMXBean;
import java.lang.ref.Reference;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The work of Mesos' own allocator benchmarks, next to what the real Mesos allocator (C++, -O2, tree of 2024-08) was measured
 * to need on a machine of the same kind.
 *
 * <p>Every agent has {@code cpus:24;mem:4096;disk:4096;ports:[31000-32000]}, of which frameworks hold {@code
 * cpus:16;mem:2014;disk:1024} and 16 ranges of ports, round robin. One thread; times are its CPU time, median of the rounds
 * after two rounds of warm-up. Each result is checked: N offers in a plain cycle, N/F for each framework, none when
 * everything is taken or refused.
 *
 * <p>Arguments: {@code all} (default), {@code plain}, {@code declined}, {@code freed}, {@code why} or {@code growth}. Wants {@code -Xmx3g}.
 */
public final class AllocatorBenchmark {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant IN_A_YEAR = NOW.plusSeconds(31_536_000);
    private static final String TOTAL = "cpus:24;mem:4096;disk:4096;ports:[31000-32000]";
    private static final String USED = "cpus:16;mem:2014;disk:1024;ports:" + usedPorts();
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final MemoryMXBean MEMORY = ManagementFactory.getMemoryMXBean();

    private final int agents;
    private final int frameworks;
    private final boolean manyRoles;
    /** Read for each agent anew, so that no two agents share objects. */
    private final List<Resources> totals = new ArrayList<>();

    private final List<Resources> used = new ArrayList<>();
    private final Allocator allocator = new Allocator(AllocatorOptions.defaults(1));

    private AllocatorBenchmark(int agents, int frameworks, boolean manyRoles) {
        this.agents = agents;
        this.frameworks = frameworks;
        this.manyRoles = manyRoles;
        for (int i = 0; i < agents; i++) {
            totals.add(Resources.parse(TOTAL));
            used.add(Resources.parse(USED));
        }
    }

    public static void main(String[] arguments) {
        String what = arguments.length == 0 ? "all" : arguments[0];
        boolean all = what.equals("all");
        plain(1000, 50, false, 15, "warm-up, not to be read", false);
        plain(1000, 50, true, 15, "warm-up, not to be read", false);
        System.out.println(
                "| work | agents | frameworks | roles | Mesos min / median ms | median ms | min | max | first |");
        System.out.println("|---|---|---|---|---|---|---|---|---|");
        if (all || what.equals("plain")) {
            plain(1000, 50, false, 15, "26 / 43", true);
            plain(10_000, 200, false, 15, "358 / 529", true);
            plain(10_000, 1000, false, 15, "439 / 701", true);
            plain(10_000, 1000, true, 15, "799 / 1141", true);
            plain(50_000, 200, false, 9, "2580 / 3222", true);
        }
        if (all || what.equals("freed")) {
            freed(50_000, 1000);
        }
        if (all || what.equals("why")) {
            why(10_000, 1000);
            why(50_000, 1000);
            constrained(10_000, 1000);
        }
        if (all || what.equals("declined")) {
            declined(1000, 50, "153 / 205");
            declined(10_000, 200, "6869 / 8930");
            declined(10_000, 1000, "28999 / 29835");
            declined(50_000, 200, "31734 / 37212");
        }
        if (all || what.equals("growth")) {
            System.out.println();
            System.out.println("Growth, 200 frameworks in one role, plain cycle and recover per agent:");
            for (int n : new int[] {1000, 5000, 10_000, 20_000, 50_000}) {
                plain(n, 200, false, 7, "", true);
            }
        }
    }

    /** {@code [31000],[31002],…,[31028],[31030-32000]}. */
    private static String usedPorts() {
        StringBuilder text = new StringBuilder("[");
        for (int port = 31_000; port < 31_030; port += 2) {
            text.append(port).append('-').append(port).append(',');
        }
        return text.append("31030-32000]").toString();
    }

    private static void plain(int agents, int frameworks, boolean manyRoles, int rounds, String mesos, boolean print) {
        AllocatorBenchmark benchmark = new AllocatorBenchmark(agents, frameworks, manyRoles);
        long adding = cpu(benchmark::addAll);
        long heap = print ? heapAfterGc() : 0;
        Samples cycles = new Samples();
        Samples empties = new Samples();
        Samples recovers = new Samples();
        for (int round = 0; round < rounds; round++) {
            List<Allocation> offers = new ArrayList<>();
            cycles.add(cpu(() -> offers.addAll(benchmark.allocator.allocate(NOW))));
            benchmark.requirePlain(offers);
            empties.add(cpu(() -> require(benchmark.allocator.allocate(NOW).isEmpty(), "no offer is left")));
            List<Allocation> returned = copies(offers);
            recovers.add(cpu(() -> benchmark.recover(returned, null)));
        }
        if (print) {
            String place = " | " + agents + " | " + frameworks + " | " + (manyRoles ? frameworks : 1) + " | ";
            System.out.println("| plain cycle" + place + mesos + " | " + cycles);
            System.out.println("| empty cycle (looks only at what changed)" + place + "| " + empties);
            System.out.println("| recover all offers" + place + "| " + recovers);
            System.out.println(String.format(
                    Locale.ROOT,
                    "| add frameworks and agents (heap then: %d MB)%s | **%.0f** | | | |",
                    heap >> 20,
                    place,
                    adding / 1e6));
        }
    }

    /** Every framework declines every agent for a year, the natural way: F rounds of N offers; then nobody is offered anything. */
    private static void declined(int agents, int frameworks, String mesos) {
        AllocatorBenchmark benchmark = new AllocatorBenchmark(agents, frameworks, false);
        benchmark.addAll();
        long[] wayThere = {0};
        for (int round = 0; round < frameworks; round++) {
            List<Allocation> offers = new ArrayList<>();
            wayThere[0] += cpu(() -> offers.addAll(benchmark.allocator.allocate(NOW)));
            require(offers.size() == agents, "round " + round + " makes " + offers.size() + " offers");
            List<Allocation> returned = copies(offers);
            wayThere[0] += cpu(() -> benchmark.recover(returned, IN_A_YEAR));
        }
        Samples cycles = new Samples();
        cycles.add(cpu(() -> require(benchmark.allocator.allocate(NOW).isEmpty(), "all is refused")));
        for (int round = 0; round < 8; round++) {
            for (int i = 1; i <= agents; i++) {
                benchmark.allocator.updateAgent("agent" + i, AgentTraits.MODERN, benchmark.totals.get(i - 1));
            }
            cycles.add(cpu(() -> require(benchmark.allocator.allocate(NOW).isEmpty(), "all is refused")));
        }
        String place = " | " + agents + " | " + frameworks + " | 1 | ";
        System.out.println("| all declined for long, each filter compared again" + place + mesos + " | " + cycles);
        System.out.println(String.format(
                Locale.ROOT,
                "| the way there, for each of %d offers and declines%s| %.4f | | | heap %d MB |",
                agents * frameworks,
                place,
                wayThere[0] / 1e6 / agents / frameworks,
                heapAfterGc() >> 20));
        Reference.reachabilityFence(benchmark);
    }

    /** One agent's task ends while everything else is taken: from the event to the offer. */
    private static void freed(int agents, int frameworks) {
        AllocatorBenchmark benchmark = new AllocatorBenchmark(agents, frameworks, false);
        benchmark.addAll();
        Map<String, Allocation> held = new HashMap<>();
        benchmark.allocator.allocate(NOW).forEach(offer -> held.put(offer.agentId(), offer));
        Samples decisions = new Samples();
        for (int i = 0; i < 20_000; i++) {
            List<Allocation> freed = copies(List.of(held.get("agent" + (1 + i * 7919L % agents))));
            List<Allocation> offers = new ArrayList<>();
            long start = System.nanoTime();
            benchmark.recover(freed, null);
            offers.addAll(benchmark.allocator.allocate(NOW));
            decisions.add(System.nanoTime() - start);
            require(offers.size() == 1, "one agent, one offer");
            held.put(offers.get(0).agentId(), offers.get(0));
        }
        System.out.println("| one agent freed, decision, wall, of 20000 | " + agents + " | " + frameworks
                + " | 1 | next 1 s tick | " + decisions);
    }

    /** Half of the agents are offered to somebody, the others refused by all; each framework is explained once a round. */
    private static void why(int agents, int frameworks) {
        AllocatorBenchmark benchmark = new AllocatorBenchmark(agents, frameworks, false);
        benchmark.addAll();
        List<Allocation> offers = copies(benchmark.allocator.allocate(NOW));
        benchmark.recover(offers.subList(0, agents / 2), IN_A_YEAR);
        benchmark.allocator.allocate(NOW);
        Samples questions = new Samples();
        for (int i = 0; i < frameworks; i++) {
            String framework = "framework" + (1 + i);
            questions.add(cpu(() -> {
                Explanation answer = benchmark.allocator.why(framework, "*", NOW);
                int explained = answer.findings().stream()
                        .mapToInt(Explanation.Finding::agents)
                        .sum();
                require(explained == agents, "every agent is explained");
            }));
        }
        System.out.println("| why nothing is offered, one framework of all | " + agents + " | " + frameworks
                + " | 1 | | " + questions);
    }

    /** A plain cycle where each framework may have nine agents of ten, by a regular expression over an attribute. */
    private static void constrained(int agents, int frameworks) {
        AllocatorBenchmark benchmark = new AllocatorBenchmark(agents, frameworks, false);
        benchmark.addAll();
        long asking = cpu(() -> {
            for (int i = 1; i <= frameworks; i++) {
                benchmark.allocator.updateFramework("framework" + i, notRack(i % 10));
            }
            for (int i = 1; i <= agents; i++) {
                benchmark.allocator.updateAgent("agent" + i, inRack(i % 10), benchmark.totals.get(i - 1));
            }
        });
        Samples cycles = new Samples();
        for (int round = 0; round < 9; round++) {
            List<Allocation> offers = new ArrayList<>();
            cycles.add(cpu(() -> offers.addAll(benchmark.allocator.allocate(NOW))));
            require(offers.size() == agents, "every agent is offered");
            benchmark.recover(copies(offers), null);
        }
        String place = " | " + agents + " | " + frameworks + " | 1 | ";
        System.out.println("| plain cycle with offer constraints" + place + "| " + cycles);
        System.out.println(String.format(
                Locale.ROOT,
                "| asking every agent about every constraint, twice%s| **%.0f** | | | |",
                place,
                asking / 1e6));
    }

    private static AgentTraits inRack(int rack) {
        return new AgentTraits(
                AgentTraits.MODERN.capabilities(), null, null, "", Map.of("rack", Optional.of("rack-" + rack)));
    }

    private static FrameworkTraits notRack(int rack) {
        Map<String, RoleConstraint> constraints = ConstraintReader.read(
                "constraints",
                OfferConstraints.newBuilder()
                        .putRoleConstraints(
                                "*",
                                OfferConstraints.RoleConstraints.newBuilder()
                                        .addGroups(OfferConstraints.RoleConstraints.Group.newBuilder()
                                                .addAttributeConstraints(notMatching("rack", "rack-" + rack)))
                                        .build())
                        .build(),
                List.of("*"),
                RegexLimits.DEFAULT);
        return new FrameworkTraits(Set.of("*"), Set.of(), Set.of(), Map.of(), constraints);
    }

    private static AttributeConstraint notMatching(String attribute, String regex) {
        return AttributeConstraint.newBuilder()
                .setSelector(AttributeConstraint.Selector.newBuilder().setAttributeName(attribute))
                .setPredicate(AttributeConstraint.Predicate.newBuilder()
                        .setTextNotMatches(AttributeConstraint.Predicate.TextNotMatches.newBuilder()
                                .setRegex(regex)))
                .build();
    }

    private String role(int framework) {
        return manyRoles ? "role" + framework : "*";
    }

    private void addAll() {
        for (int i = 1; i <= frameworks; i++) {
            allocator.addFramework("framework" + i, FrameworkTraits.of(role(i)), true);
        }
        for (int i = 1; i <= agents; i++) {
            int framework = (i - 1) % frameworks + 1;
            String id = "agent" + i;
            allocator.addAgent(
                    id,
                    AgentTraits.MODERN,
                    totals.get(i - 1),
                    List.of(new Allocation("framework" + framework, role(framework), id, used.get(i - 1))),
                    true);
        }
    }

    private void recover(List<Allocation> offers, Instant refusedUntil) {
        for (Allocation offer : offers) {
            allocator.recover(offer.frameworkId(), offer.role(), offer.agentId(), offer.resources(), refusedUntil);
        }
    }

    /** What comes back from outside is equal to what was offered, not the same objects. */
    private static List<Allocation> copies(List<Allocation> offers) {
        return offers.stream()
                .map(offer -> new Allocation(
                        offer.frameworkId(),
                        offer.role(),
                        offer.agentId(),
                        Resources.of(offer.resources().amounts())))
                .toList();
    }

    private void requirePlain(List<Allocation> offers) {
        require(offers.size() == agents, agents + " agents but " + offers.size() + " offers");
        Map<String, Integer> perFramework = new HashMap<>();
        offers.forEach(offer -> perFramework.merge(offer.frameworkId(), 1, Integer::sum));
        perFramework.forEach((id, count) -> require(count == agents / frameworks, id + " got " + count));
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            throw new IllegalStateException("wrong result: " + what);
        }
    }

    private static long cpu(Runnable work) {
        long start = THREADS.getCurrentThreadCpuTime();
        work.run();
        return THREADS.getCurrentThreadCpuTime() - start;
    }

    private static long heapAfterGc() {
        System.gc();
        return MEMORY.getHeapMemoryUsage().getUsed();
    }

    /** Times in nanoseconds; printed in milliseconds, without the first two except as "first". */
    private static final class Samples {
        private long[] all = new long[16];
        private int size;

        void add(long nanos) {
            if (size == all.length) {
                all = Arrays.copyOf(all, size * 2);
            }
            all[size++] = nanos;
        }

        @Override
        public String toString() {
            long[] warm = Arrays.copyOfRange(all, Math.min(2, size - 1), size);
            Arrays.sort(warm);
            return String.format(
                    Locale.ROOT,
                    "**%s** | %s | %s | %s |",
                    ms(warm[warm.length / 2]),
                    ms(warm[0]),
                    ms(warm[warm.length - 1]),
                    ms(all[0]));
        }

        private static String ms(long nanos) {
            return nanos < 1_000_000
                    ? String.format(Locale.ROOT, "%.3f", nanos / 1e6)
                    : String.format(Locale.ROOT, "%.1f", nanos / 1e6);
        }
    }
}
