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
import io.paddock.proto.v1.scheduler.AttributeConstraint;
import io.paddock.proto.v1.scheduler.OfferConstraints;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What it costs the allocator to say why nothing is offered, and to heed offer constraints. One thread, its CPU time; all
 * frameworks in one role, agents in ten racks.
 */
public final class ExplanationBenchmark {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant IN_A_YEAR = NOW.plusSeconds(31_536_000);
    private static final Resources TOTAL = Resources.parse("cpus:24;mem:4096;disk:4096;ports:[31000-32000]");
    private static final int RACKS = 10;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final int agents;
    private final int frameworks;
    private final Allocator allocator = new Allocator(AllocatorOptions.defaults(1));

    private ExplanationBenchmark(int agents, int frameworks) {
        this.agents = agents;
        this.frameworks = frameworks;
        for (int i = 0; i < frameworks; i++) {
            allocator.addFramework("framework" + i, FrameworkTraits.of("*"), true);
        }
        for (int i = 0; i < agents; i++) {
            AgentTraits traits = new AgentTraits(
                    AgentTraits.MODERN.capabilities(),
                    null,
                    null,
                    "host" + i,
                    Map.of("rack", Optional.of("rack-" + i % RACKS)));
            allocator.addAgent("agent" + i, traits, TOTAL, List.of(), true);
        }
    }

    public static void main(String[] arguments) {
        new ExplanationBenchmark(1000, 50).explain();
        System.out.println("| work | agents | frameworks | median ms | min | max |");
        System.out.println("|---|---|---|---|---|---|");
        for (int[] size : new int[][] {{10_000, 1000}, {50_000, 1000}}) {
            row(
                    "why nothing is offered, one framework of all",
                    size,
                    new ExplanationBenchmark(size[0], size[1]).explain());
        }
        int[] size = {10_000, 1000};
        ExplanationBenchmark constrained = new ExplanationBenchmark(size[0], size[1]);
        row("plain cycle without constraints", size, constrained.cycles());
        row("asking all agents about a new constraint of one framework", size, constrained.constrain());
        row("plain cycle with constraints of all", size, constrained.cycles());
    }

    private static void row(String work, int[] size, List<Long> nanos) {
        long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
        System.out.println(String.format(
                Locale.ROOT,
                "| %s | %d | %d | **%.2f** | %.2f | %.2f |",
                work,
                size[0],
                size[1],
                sorted[sorted.length / 2] / 1e6,
                sorted[0] / 1e6,
                sorted[sorted.length - 1] / 1e6));
    }

    /** Half of the agents are refused by those they were offered to, the others are taken; each framework is explained once. */
    private List<Long> explain() {
        List<Allocation> offers = allocator.allocate(NOW);
        giveBack(offers.subList(0, agents / 2), IN_A_YEAR);
        allocator.allocate(NOW);
        List<Long> took = new ArrayList<>();
        for (int i = 0; i < frameworks; i++) {
            long start = THREADS.getCurrentThreadCpuTime();
            Explanation answer = allocator.why("framework" + i, "*", NOW);
            took.add(THREADS.getCurrentThreadCpuTime() - start);
            require(
                    answer.findings().stream()
                                    .mapToInt(Explanation.Finding::agents)
                                    .sum()
                            == agents,
                    "all explained");
        }
        return took;
    }

    private List<Long> cycles() {
        List<Long> took = new ArrayList<>();
        for (int round = 0; round < 11; round++) {
            long start = THREADS.getCurrentThreadCpuTime();
            List<Allocation> offers = allocator.allocate(NOW);
            long end = THREADS.getCurrentThreadCpuTime();
            require(offers.size() == agents, "every agent is offered");
            giveBack(offers, null);
            if (round > 1) {
                took.add(end - start);
            }
        }
        return took;
    }

    /** Every framework wants nine racks of ten, by a regular expression. */
    private List<Long> constrain() {
        List<Long> took = new ArrayList<>();
        for (int i = 0; i < frameworks; i++) {
            String framework = "framework" + i;
            FrameworkTraits traits = notIn("rack-" + i % RACKS);
            allocator.allocate(NOW);
            long start = THREADS.getCurrentThreadCpuTime();
            allocator.updateFramework(framework, traits);
            while (allocator.hasWork()) {
                allocator.allocate(NOW);
            }
            took.add(THREADS.getCurrentThreadCpuTime() - start);
        }
        for (int i = 0; i < agents; i++) {
            for (int f = 0; f < frameworks; f++) {
                Resources held = allocator.held("framework" + f, "*", "agent" + i);
                if (!held.isEmpty()) {
                    allocator.recover("framework" + f, "*", "agent" + i, held, null);
                }
            }
        }
        return took;
    }

    private static FrameworkTraits notIn(String rack) {
        AttributeConstraint constraint = AttributeConstraint.newBuilder()
                .setSelector(AttributeConstraint.Selector.newBuilder().setAttributeName("rack"))
                .setPredicate(AttributeConstraint.Predicate.newBuilder()
                        .setTextNotMatches(AttributeConstraint.Predicate.TextNotMatches.newBuilder()
                                .setRegex(rack)))
                .build();
        OfferConstraints constraints = OfferConstraints.newBuilder()
                .putRoleConstraints(
                        "*",
                        OfferConstraints.RoleConstraints.newBuilder()
                                .addGroups(OfferConstraints.RoleConstraints.Group.newBuilder()
                                        .addAttributeConstraints(constraint))
                                .build())
                .build();
        return new FrameworkTraits(
                Set.of("*"),
                Set.of(),
                Set.of(),
                Map.of(),
                ConstraintReader.read("constraints", constraints, List.of("*"), RegexLimits.DEFAULT));
    }

    private void giveBack(List<Allocation> offers, Instant refusedUntil) {
        for (Allocation offer : offers) {
            Resources same = Resources.of(offer.resources().amounts());
            allocator.recover(offer.frameworkId(), offer.role(), offer.agentId(), same, refusedUntil);
        }
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            throw new IllegalStateException("wrong result: " + what);
        }
    }
}
