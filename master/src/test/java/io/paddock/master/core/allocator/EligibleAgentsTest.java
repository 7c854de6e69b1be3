package io.paddock.master.core.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.master.core.allocator.Explanation.Reason;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which agents a framework can be offered at all: constraints, capabilities, regions, the whitelist. */
class EligibleAgentsTest extends AllocatorScenario {
    @Test
    void constraintsSayWhichAgentsAreOffered() {
        allocator.addAgent("x1", named("x1"), SMALL, List.of(), true);
        allocator.addFramework("A", constrained(agent -> agent.hostname().startsWith("x")), true);
        allocator.addAgent("y1", named("y1"), SMALL, List.of(), true);
        assertThat(offers()).containsExactly("A/* <- x1: cpus:3;mem:6000");
        assertThat(allocator.why("A", "*", now).findings())
                .extracting(Explanation.Finding::reason)
                .containsExactlyInAnyOrder(Reason.CONSTRAINT, Reason.NOTHING_FREE);

        allocator.updateFramework("A", constrained(agent -> agent.hostname().startsWith("y")));
        assertThat(offers()).containsExactly("A/* <- y1: cpus:3;mem:6000");
        decline("A", "*", "y1", "cpus:3;mem:6000", 60);
        decline("A", "*", "x1", "cpus:3;mem:6000", 0);
        assertThat(offers()).as("x1 does not meet the new constraint").isEmpty();
        allocator.updateAgent("x1", named("y2"), SMALL);
        assertThat(offers()).as("x1 has become y2").containsExactly("A/* <- x1: cpus:3;mem:6000");
        allocator.updateAgent("y1", named("y3"), SMALL);
        assertThat(offers())
                .as("a changed agent is a new one to who refused it")
                .hasSize(1);

        allocator.removeFramework("A");
        allocator.recover("A", "*", "x1", SMALL, null);
        allocator.recover("A", "*", "y1", SMALL, null);
        framework("B", "*");
        assertThat(offers()).as("nothing is left of A's constraint").hasSize(2);
    }

    @Test
    void costlyConstraintsAreAskedAboutInSeveralRuns() {
        AgentConstraint costly = new AgentConstraint() {
            @Override
            public boolean test(AgentTraits agent) {
                return !agent.hostname().endsWith("0");
            }

            @Override
            public int cost() {
                return 5000;
            }
        };
        for (int i = 0; i < 50; i++) {
            allocator.addAgent("agent" + i, named("h" + i), SMALL, List.of(), true);
        }
        allocator.addFramework("A", constrained(costly), true);
        assertThat(offers())
                .as("20 agents are asked in a run, 2 of them end with 0")
                .hasSize(18);
        assertThat(allocator.hasWork()).isTrue();
        assertThat(offers()).hasSize(18);
        assertThat(offers()).hasSize(9);
        assertThat(allocator.hasWork()).isFalse();
        assertThat(allocator.why("A", "*", now).findings())
                .anyMatch(finding -> finding.reason() == Reason.CONSTRAINT && finding.agents() == 5);
    }

    @Test
    void oldAgentsAreForThoseWhoAskForNothingNew() {
        framework("A", "eng/web");
        allocator.addAgent("old", new AgentTraits(Set.of(), null), SMALL, List.of(), true);
        assertThat(offers()).isEmpty();
        assertThat(allocator.why("A", "eng/web", now).findings().get(0).reason())
                .isEqualTo(Reason.AGENT_CAPABILITY);
        allocator.addFramework("Old", new FrameworkTraits(Set.of("*"), Set.of(), Set.of(), Map.of()), true);
        assertThat(offers()).containsExactly("Old/* <- old: cpus:3;mem:6000");
    }

    @Test
    void otherRegionsAreForThoseWhoAreAwareOfThem() {
        AllocatorOptions usual = AllocatorOptions.defaults(7);
        Allocator home = new Allocator(new AllocatorOptions(
                usual.minAllocatable(),
                usual.filterGpuResources(),
                usual.fairSharingExcluded(),
                "home",
                usual.largeOfferPatience(),
                usual.packedRoles(),
                usual.seed()));
        AgentTraits far = new AgentTraits(AgentTraits.MODERN.capabilities(), "elsewhere");
        home.addAgent("far", far, SMALL, List.of(), true);
        home.addAgent("near", new AgentTraits(far.capabilities(), "home"), SMALL, List.of(), true);
        home.addAgent("somewhere", AgentTraits.MODERN, SMALL, List.of(), true);
        home.addFramework("A", FrameworkTraits.of("*"), true);
        assertThat(home.allocate(now)).extracting(Allocation::agentId).containsExactlyInAnyOrder("near", "somewhere");
        assertThat(home.why("A", "*", now).findings())
                .extracting(Explanation.Finding::reason)
                .contains(Reason.REGION);
        allocator.addAgent("far", far, SMALL, List.of(), true);
        framework("B", "*");
        assertThat(offers()).as("a master without a region has no other ones").hasSize(1);
    }

    @Test
    void onlyListedHostsAreOffered() {
        framework("A", "*");
        for (String host : List.of("one", "two")) {
            AgentTraits traits = new AgentTraits(AgentTraits.MODERN.capabilities(), null, null, host, Map.of());
            allocator.addAgent("agent-" + host, traits, SMALL, List.of(), true);
        }
        allocator.setWhitelist(Set.of("two"));
        assertThat(offers()).containsExactly("A/* <- agent-two: cpus:3;mem:6000");
        assertThat(allocator.why("A", "*", now).findings())
                .extracting(Explanation.Finding::reason)
                .containsExactlyInAnyOrder(Reason.NOT_WHITELISTED, Reason.NOTHING_FREE);
        allocator.setWhitelist(Set.of());
        decline("A", "*", "agent-two", "cpus:3;mem:6000", 0);
        assertThat(offers()).as("nothing is listed; what was offered came back").isEmpty();
        allocator.setWhitelist(null);
        assertThat(offers()).as("no whitelist: all").hasSize(2);
        allocator.setWhitelist(Set.of("one"));
        assertThat(allocator.held("A", "*", "agent-two")).as("an offer stays").isEqualTo(SMALL);
        allocator.deactivateAgent("agent-one");
        decline("A", "*", "agent-one", "cpus:3;mem:6000", 0);
        assertThat(offers()).as("listed, but not there").isEmpty();
        allocator.activateAgent("agent-one");
        assertThat(offers()).containsExactly("A/* <- agent-one: cpus:3;mem:6000");
    }

    private static AgentTraits named(String hostname) {
        return new AgentTraits(AgentTraits.MODERN.capabilities(), null, null, hostname, Map.of());
    }

    private static FrameworkTraits constrained(AgentConstraint constraint) {
        return new FrameworkTraits(Set.of("*"), Set.of(), Set.of(), Map.of(), Map.of("*", constraint));
    }
}
