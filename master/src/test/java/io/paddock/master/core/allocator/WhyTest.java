package io.paddock.master.core.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.resources.Quantity.Scalar;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.allocator.Explanation.AgentClass;
import io.paddock.master.core.allocator.Explanation.Finding;
import io.paddock.master.core.allocator.Explanation.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is said of agents that are not offered: the reason, how many, until when, and the numbers in the sentence. */
class WhyTest {
    private final Scene scene = new Scene();

    private List<Finding> why(String framework, String role) {
        return scene.allocator.why(framework, role, scene.now).findings();
    }

    private Finding only(String framework, String role, Reason reason) {
        List<Finding> findings = why(framework, role);
        assertThat(findings).extracting(Finding::reason).containsExactly(reason);
        return findings.get(0);
    }

    @Test
    void whatIsTakenIsCountedByWhoHasIt() {
        scene.framework("A", "a");
        scene.framework("B", "b");
        scene.agents(4, "cpus:2;mem:1000");
        assertThat(scene.offersTo("A")).hasSize(2);
        Finding finding = only("A", "a", Reason.NOTHING_FREE);
        assertThat(finding.agents()).isEqualTo(4);
        assertThat(finding.detail())
                .contains("of cpus:8;mem:4000 framework A holds cpus:4;mem:2000, tasks and offers of others");
        assertThat(finding.classes()).containsExactly(new AgentClass("cpus:2;mem:1000", 4));
        Explanation.Standing standing = scene.allocator.why("B", "b", scene.now).standing();
        assertThat(standing).isEqualTo(new Explanation.Standing(0.5, 0.5, 1, 1, 2));
    }

    @Test
    void refusalsEndAtDifferentTimes() {
        scene.framework("A", "a");
        scene.agents(3, "cpus:2;mem:1000");
        List<Allocation> offers = scene.offers();
        for (int i = 0; i < 3; i++) {
            scene.giveBack(offers.get(i), offers.get(i).resources(), 60 * (i + 1));
        }
        Finding finding = only("A", "a", Reason.REFUSED);
        assertThat(finding.until()).isEqualTo(scene.now.plusSeconds(60));
        assertThat(finding.detail())
                .contains("together cpus:6;mem:3000; the last refusal ends at " + scene.now.plusSeconds(180));
        scene.pass(Duration.ofSeconds(61));
        assertThat(scene.offers()).hasSize(1);
        assertThat(why("A", "a"))
                .extracting(Finding::reason, Finding::agents)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(Reason.REFUSED, 2),
                        org.assertj.core.groups.Tuple.tuple(Reason.NOTHING_FREE, 1));
    }

    @Test
    void aRefusalOfAMachineWithPlannedMaintenanceSaysSo() {
        scene.framework("A", "a");
        AgentTraits planned = new AgentTraits(
                AgentTraits.MODERN.capabilities(), null, null, "h", Map.of(), scene.now.plusSeconds(3600));
        scene.allocator.addAgent("m", planned, Resources.parse("cpus:2;mem:1000"), List.of(), true);
        Allocation offer = scene.offers().get(0);
        scene.giveBack(offer, offer.resources(), 60);
        Finding finding = only("A", "a", Reason.MAINTENANCE);
        assertThat(finding.until()).isEqualTo(scene.now.plusSeconds(60));
        assertThat(finding.detail()).contains("is planned for " + scene.now.plusSeconds(3600));
    }

    @Test
    void aMinimumIsNamed() {
        scene.choosy("A", "a", "cpus:4;mem:100");
        scene.agents(2, "cpus:2;mem:1000");
        scene.offers();
        assertThat(only("A", "a", Reason.BELOW_MINIMUM).detail())
                .contains("takes (cpus:4;mem:100); together cpus:4;mem:2000, for example agent agent000 with cpus:2");
    }

    @Test
    void aLimitIsNamedWithTheRoleThatHasIt() {
        scene.framework("A", "eng/web");
        scene.allocator.setQuota("eng", new Quota(Map.of(), Map.of("cpus", Scalar.of(1), "mem", Scalar.of(500))));
        scene.agents(2, "cpus:2;mem:1000");
        assertThat(scene.offers()).hasSize(1);
        Finding limit = why("A", "eng/web").get(0);
        assertThat(limit.reason()).isEqualTo(Reason.QUOTA_LIMIT);
        assertThat(limit.agents()).isEqualTo(2);
        assertThat(limit.detail())
                .contains("role eng may have cpus:1;mem:500 and has cpus:1;mem:500; free there are cpus:3;mem:1500");
    }

    @Test
    void headroomIsNamedWithWhoItIsKeptFor() {
        scene.framework("A", "a");
        scene.allocator.setQuota("vip", new Quota(Map.of("cpus", Scalar.of(4), "mem", Scalar.of(2000)), Map.of()));
        scene.agents(2, "cpus:2;mem:1000");
        assertThat(scene.offers()).isEmpty();
        assertThat(only("A", "a", Reason.HEADROOM).detail())
                .contains("role vip lacks cpus:4;mem:2000; free and unreserved are cpus:4;mem:2000");
    }

    @Test
    void inactiveAgentsAreWhatTheMasterKnowsOfThem() {
        scene.framework("A", "a");
        scene.agents(2, "cpus:2;mem:1000");
        scene.allocator.addAgent(
                "other",
                new AgentTraits(AgentTraits.MODERN.capabilities(), null, null, "other", Map.of()),
                Resources.parse("cpus:2;mem:1000"),
                List.of(),
                true);
        scene.allocator.deactivateAgent("agent000");
        scene.allocator.deactivateAgent("agent001");
        scene.allocator.setWhitelist(Set.of(AgentTraits.MODERN.hostname()));
        Explanation why = scene.allocator.why(
                "A", "a", scene.now, id -> id.equals("agent000") ? Reason.AGENT_DRAINING : Reason.AGENT_DISCONNECTED);
        assertThat(why.findings())
                .extracting(Finding::reason)
                .containsExactlyInAnyOrder(Reason.AGENT_DRAINING, Reason.AGENT_DISCONNECTED, Reason.NOT_WHITELISTED);
    }

    @Test
    void agentsOfOneKindAreCountedTogether() {
        scene.allocator.addFramework(
                "A", new FrameworkTraits(Set.of("a"), Set.of(), Set.of(), Map.of(), Map.of("a", agent -> false)), true);
        for (int i = 0; i < 8; i++) {
            AgentTraits traits = new AgentTraits(
                    AgentTraits.MODERN.capabilities(),
                    "eu",
                    "eu-1",
                    "h" + i,
                    Map.of("rack", Optional.of("r" + i / 3), "ssd", Optional.empty()));
            scene.allocator.addAgent("agent" + i, traits, Resources.parse("cpus:4;mem:100"), List.of(), true);
        }
        assertThat(only("A", "a", Reason.CONSTRAINT).classes())
                .containsExactly(
                        new AgentClass("cpus:4;mem:100 rack=r0 ssd region eu zone eu-1", 3),
                        new AgentClass("cpus:4;mem:100 rack=r1 ssd region eu zone eu-1", 3),
                        new AgentClass("cpus:4;mem:100 rack=r2 ssd region eu zone eu-1", 2));
    }
}
