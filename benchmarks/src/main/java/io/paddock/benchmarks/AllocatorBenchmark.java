package io.paddock.benchmarks;

import io.paddock.common.resources.Resources;
import io.paddock.master.core.allocator.AgentTraits;
import io.paddock.master.core.allocator.Allocation;
import io.paddock.master.core.allocator.Allocator;
import io.paddock.master.core.allocator.AllocatorOptions;
import io.paddock.master.core.allocator.Explanation;
import io.paddock.master.core.allocator.FrameworkTraits;
import io.paddock.master.core.allocator.OfferEnd;
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
import java.util.LinkedHashMap;
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
        plain(1000, 50, false, 15);
        plain(1000, 50, true, 15);
        System.out.println(
                "| work | agents | frameworks | roles | Mesos min / median ms | median ms | min | max | first |");
        System.out.println("|---|---|---|---|---|---|---|---|---|");
        if (all || what.equals("plain")) {
            plain(1000, 50, false, 15).print("26 / 43", "96", "26");
            plain(10_000, 200, false, 15).print("358 / 529", "994", "168");
            plain(10_000, 1000, false, 15).print("439 / 701", "865", "172");
            plain(10_000, 1000, true, 15).print("799 / 1141", "46848", "5749");
            plain(50_000, 200, false, 9).print("2580 / 3222", "9984", "800");
        }
        if (all || what.equals("freed")) {
            print("one agent freed, decision, wall, of 20000", 50_000, 1000, 1, "next 1 s tick", freed(50_000, 1000));
        }
        if (all || what.equals("declined")) {
            declined(1000, 50).print("153 / 205");
            declined(10_000, 200).print("6869 / 8930");
            declined(10_000, 1000).print("28999 / 29835");
            declined(50_000, 200).print("31734 / 37212");
        }
        if (all || what.equals("why")) {
            why(10_000, 1000);
            why(50_000, 1000);
            constrained(10_000, 1000);
        }
        if (all || what.equals("growth")) {
            growth();
        }
    }

    private static void print(String work, int agents, int frameworks, int roles, String mesos, Object samples) {
        System.out.println(
                "| " + work + " | " + agents + " | " + frameworks + " | " + roles + " | " + mesos + " | " + samples);
    }

    /** Every kind of work at growing numbers of agents; 200 frameworks, 1,000 for the roles, so that only agents grow. */
    private static void growth() {
        int[] sizes = {1000, 5000, 10_000, 50_000};
        Map<String, StringBuilder> rows = new LinkedHashMap<>();
        for (int n : sizes) {
            Plain one = plain(n, 200, false, 9);
            Plain many = plain(n, 1000, true, 9);
            Map<String, Long> medians = new LinkedHashMap<>();
            medians.put("plain cycle, one role", one.cycles.median());
            medians.put("plain cycle, 1,000 roles", many.cycles.median());
            medians.put("recover all offers", one.recovers.median());
            medians.put("add all agents, one role", one.adding);
            medians.put("add all agents, 1,000 roles", many.adding);
            medians.put("all declined for long", declined(n, 200).cycles.median());
            medians.forEach((row, nanos) -> rows.computeIfAbsent(row, r -> new StringBuilder("| " + r))
                    .append(String.format(Locale.ROOT, " | %s | %.2f", Samples.ms(nanos), nanos / 1e3 / n)));
            rows.computeIfAbsent("freed", r -> new StringBuilder("| one agent freed, µs"))
                    .append(String.format(
                            Locale.ROOT, " | %.1f |", freed(n, 200).median() / 1e3));
        }
        System.out.println();
        System.out.println("| work | 1,000 | each | 5,000 | each | 10,000 | each | 50,000 | each |");
        System.out.println("|---|---|---|---|---|---|---|---|---|");
        rows.values().forEach(row -> System.out.println(row.append(" |")));
    }

    /** {@code [31000],[31002],…,[31028],[31030-32000]}. */
    private static String usedPorts() {
        StringBuilder text = new StringBuilder("[");
        for (int port = 31_000; port < 31_030; port += 2) {
            text.append(port).append('-').append(port).append(',');
        }
        return text.append("31030-32000]").toString();
    }

    /** What plain cycles took, and what came before and after them. */
    private record Plain(
            AllocatorBenchmark benchmark, long adding, long heap, Samples cycles, Samples empties, Samples recovers) {
        void print(String mesosCycle, String mesosAdding, String mesosRss) {
            row("plain cycle", mesosCycle, cycles);
            row("empty cycle (skips: looks only at what changed)", "", empties);
            row("recover all offers", "", recovers);
            row("add the agents, wall for Mesos", mesosAdding, "**" + Samples.ms(adding) + "** | | | |");
            row("heap after that and GC, MB; RSS for Mesos", mesosRss, "**" + (heap >> 20) + "** | | | |");
        }

        private void row(String work, String mesos, Object samples) {
            int roles = benchmark.manyRoles ? benchmark.frameworks : 1;
            AllocatorBenchmark.print(work, benchmark.agents, benchmark.frameworks, roles, mesos, samples);
        }
    }

    private static Plain plain(int agents, int frameworks, boolean manyRoles, int rounds) {
        AllocatorBenchmark benchmark = new AllocatorBenchmark(agents, frameworks, manyRoles);
        benchmark.addFrameworks();
        long adding = cpu(benchmark::addAgents);
        Plain plain = new Plain(benchmark, adding, heapAfterGc(), new Samples(), new Samples(), new Samples());
        for (int round = 0; round < rounds; round++) {
            List<Allocation> offers = new ArrayList<>();
            plain.cycles.add(cpu(() -> offers.addAll(benchmark.allocator.allocate(NOW))));
            benchmark.requirePlain(offers);
            plain.empties.add(
                    cpu(() -> require(benchmark.allocator.allocate(NOW).isEmpty(), "no offer is left")));
            List<Allocation> returned = copies(offers);
            plain.recovers.add(cpu(() -> benchmark.recover(returned, OfferEnd.TAKEN_BACK, NOW, null)));
        }
        return plain;
    }

    /** What cycles took in which everybody has declined everything, and each of the declines before. */
    private record Declined(int agents, int frameworks, Samples cycles, long wayThere, long heap) {
        void print(String mesos) {
            AllocatorBenchmark.print(
                    "all declined for long (skips: one comparison for equal filters of an agent)",
                    agents,
                    frameworks,
                    1,
                    mesos,
                    cycles);
            AllocatorBenchmark.print(
                    "the way there, for each of " + agents * frameworks + " offers and declines",
                    agents,
                    frameworks,
                    1,
                    "",
                    String.format(
                            Locale.ROOT, "%.4f | | | heap %d MB |", wayThere / 1e6 / agents / frameworks, heap >> 20));
        }
    }

    /** Every framework declines every agent for a year, the natural way: F rounds of N offers; then nobody is offered anything. */
    private static Declined declined(int agents, int frameworks) {
        AllocatorBenchmark benchmark = new AllocatorBenchmark(agents, frameworks, false);
        benchmark.addFrameworks();
        benchmark.addAgents();
        long wayThere = 0;
        Instant now = NOW;
        for (int round = 0; round < frameworks; round++) {
            now = now.plusMillis(10);
            Instant made = now;
            List<Allocation> offers = new ArrayList<>();
            wayThere += cpu(() -> offers.addAll(benchmark.allocator.allocate(made)));
            require(offers.size() == agents, "round " + round + " makes " + offers.size() + " offers");
            List<Allocation> returned = copies(offers);
            wayThere += cpu(() -> benchmark.recover(returned, OfferEnd.DECLINED, made, IN_A_YEAR));
        }
        Instant end = now;
        Samples cycles = new Samples();
        cycles.add(cpu(() -> require(benchmark.allocator.allocate(end).isEmpty(), "all is refused")));
        for (int round = 0; round < 8; round++) {
            for (int i = 1; i <= agents; i++) {
                benchmark.allocator.updateAgent("agent" + i, AgentTraits.MODERN, benchmark.totals.get(i - 1));
            }
            cycles.add(cpu(() -> require(benchmark.allocator.allocate(end).isEmpty(), "all is refused")));
        }
        Declined declined = new Declined(agents, frameworks, cycles, wayThere, heapAfterGc());
        Reference.reachabilityFence(benchmark);
        return declined;
    }

    /** One agent's task ends while everything else is taken: from the event to the offer. */
    private static Samples freed(int agents, int frameworks) {
        AllocatorBenchmark benchmark = new AllocatorBenchmark(agents, frameworks, false);
        benchmark.addFrameworks();
        benchmark.addAgents();
        Map<String, Allocation> held = new HashMap<>();
        benchmark.allocator.allocate(NOW).forEach(offer -> held.put(offer.agentId(), offer));
        Samples decisions = new Samples();
        for (int i = 0; i < 20_000; i++) {
            List<Allocation> freed = copies(List.of(held.get("agent" + (1 + i * 7919L % agents))));
            List<Allocation> offers = new ArrayList<>();
            long start = System.nanoTime();
            benchmark.recover(freed, OfferEnd.TAKEN_BACK, NOW, null);
            offers.addAll(benchmark.allocator.allocate(NOW));
            decisions.add(System.nanoTime() - start);
            require(offers.size() == 1, "one agent, one offer");
            held.put(offers.get(0).agentId(), offers.get(0));
        }
        return decisions;
    }

    /** Half of the agents are offered to somebody, the others refused by all; each framework is explained once a round. */
    private static void why(int agents, int frameworks) {
        AllocatorBenchmark benchmark = new AllocatorBenchmark(agents, frameworks, false);
        benchmark.addFrameworks();
        benchmark.addAgents();
        List<Allocation> offers = copies(benchmark.allocator.allocate(NOW));
        benchmark.recover(offers.subList(0, agents / 2), OfferEnd.DECLINED, NOW, IN_A_YEAR);
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
        benchmark.addFrameworks();
        benchmark.addAgents();
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
            benchmark.recover(copies(offers), OfferEnd.TAKEN_BACK, NOW, null);
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

    private void addFrameworks() {
        for (int i = 1; i <= frameworks; i++) {
            allocator.addFramework("framework" + i, FrameworkTraits.of(role(i)), true);
        }
    }

    private void addAgents() {
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

    private void recover(List<Allocation> offers, OfferEnd end, Instant made, Instant refusedUntil) {
        for (Allocation offer : offers) {
            allocator.offerEnded(offer.frameworkId(), offer.role(), end, made, made);
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

        private long[] warm() {
            long[] warm = Arrays.copyOfRange(all, Math.min(2, size - 1), size);
            Arrays.sort(warm);
            return warm;
        }

        long median() {
            long[] warm = warm();
            return warm[warm.length / 2];
        }

        @Override
        public String toString() {
            long[] warm = warm();
            return String.format(
                    Locale.ROOT,
                    "**%s** | %s | %s | %s |",
                    ms(warm[warm.length / 2]),
                    ms(warm[0]),
                    ms(warm[warm.length - 1]),
                    ms(all[0]));
        }

        static String ms(long nanos) {
            return nanos < 1_000_000
                    ? String.format(Locale.ROOT, "%.3f", nanos / 1e6)
                    : String.format(Locale.ROOT, "%.1f", nanos / 1e6);
        }
    }
}
