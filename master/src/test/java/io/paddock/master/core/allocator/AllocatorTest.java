package io.paddock.master.core.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.paddock.common.resources.Quantity.Scalar;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.allocator.Explanation.Reason;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.Value;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Scenarios with the expected shares between the steps. */
class AllocatorTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Resources SMALL = Resources.parse("cpus:3;mem:6000");

    private final Allocator allocator = new Allocator(AllocatorOptions.defaults(7));
    private Instant now = START;

    private static Resources r(String text) {
        return Resources.parse(text);
    }

    private void agent(String id, String total) {
        allocator.addAgent(id, AgentTraits.MODERN, r(total), List.of(), true);
    }

    private void framework(String id, String... roles) {
        allocator.addFramework(id, FrameworkTraits.of(roles), true);
    }

    /** The offers of one run as {@code framework/role <- agent: resources}. */
    private List<String> offers() {
        return allocator.allocate(now).stream()
                .map(a -> a.frameworkId() + "/" + a.role() + " <- " + a.agentId() + ": " + a.resources())
                .toList();
    }

    private Map<String, Long> offersByFramework() {
        return allocator.allocate(now).stream()
                .collect(Collectors.groupingBy(Allocation::frameworkId, Collectors.counting()));
    }

    private void decline(String framework, String role, String agent, String resources, int seconds) {
        allocator.recover(framework, role, agent, r(resources), seconds == 0 ? null : now.plusSeconds(seconds));
    }

    @Test
    void theExampleOfTheClassComment() {
        framework("A", "a");
        framework("B", "b");
        agent("1", "cpus:3;mem:6000");
        allocator.addAgent("2", AgentTraits.MODERN, SMALL, List.of(), false);
        allocator.addAgent("3", AgentTraits.MODERN, SMALL, List.of(), false);
        assertThat(offers()).as("both have nothing, A by name").containsExactly("A/a <- 1: cpus:3;mem:6000");
        assertThat(allocator.share("a")).isEqualTo(1 / 3.0);

        allocator.activateAgent("2");
        assertThat(offers()).as("A 1/3, B 0").containsExactly("B/b <- 2: cpus:3;mem:6000");
        decline("A", "a", "1", "cpus:2;mem:2000", 60);
        decline("B", "b", "2", "mem:5000", 60);
        allocator.suppress("A", List.of());
        allocator.suppress("B", List.of());
        assertThat(offers()).isEmpty();
        assertThat(allocator.share("a")).as("4 of 18 GB").isEqualTo(2 / 9.0);
        assertThat(allocator.share("b")).as("3 of 9 cpus").isEqualTo(1 / 3.0);

        allocator.suppress("A", List.of());
        agentlessRevive();
        allocator.activateAgent("3");
        assertThat(offers()).as("A 2/9, B 1/3").contains("A/a <- 3: cpus:3;mem:6000");
    }

    private void agentlessRevive() {
        allocator.updateFramework("A", FrameworkTraits.of("a"));
        allocator.updateFramework("B", FrameworkTraits.of("b"));
    }

    @Test
    void twoFrameworksOfOneRoleShareItsAgents() {
        framework("A", "*");
        framework("B", "*");
        for (int i = 0; i < 10; i++) {
            agent("agent" + i, "cpus:3;mem:6000");
        }
        assertThat(offersByFramework()).containsExactlyInAnyOrderEntriesOf(Map.of("A", 5L, "B", 5L));
        assertThat(allocator.share("*")).isEqualTo(1.0);
        assertThat(offers()).as("nothing is left").isEmpty();
    }

    @Test
    void weightsAreSharesAmongSiblings() {
        allocator.setWeight("heavy", 3);
        framework("A", "heavy");
        framework("B", "light");
        for (int i = 0; i < 40; i++) {
            agent("agent" + i, "cpus:3;mem:6000");
        }
        assertThat(offersByFramework()).containsExactlyInAnyOrderEntriesOf(Map.of("A", 30L, "B", 10L));
        assertThat(allocator.share("heavy")).isCloseTo(0.75, within(1e-9));
    }

    @Test
    void aNestedRoleSharesWithItsSiblingsWhatTheirParentGets() {
        framework("A", "eng/web");
        framework("B", "eng/data");
        framework("C", "ops");
        framework("D", "eng");
        for (int i = 0; i < 12; i++) {
            agent("agent" + i, "cpus:3;mem:6000");
        }
        assertThat(offersByFramework())
                .as("half to ops; of the other half a third each to eng itself and the roles below it")
                .containsExactlyInAnyOrderEntriesOf(Map.of("A", 2L, "B", 2L, "C", 6L, "D", 2L));
        assertThat(allocator.share("eng")).isEqualTo(0.5);
        assertThat(allocator.share("eng/web")).isEqualTo(2 / 12.0);
    }

    @Test
    void sharesStepByStepAsAClusterGrows() {
        allocator.setWeight("eng", 2);
        framework("W", "eng/web");
        framework("O", "ops");

        agent("1", "cpus:10;mem:10000");
        assertThat(offersByFramework()).as("nobody has anything, eng by name").containsOnlyKeys("W");
        assertShares(1, 0);
        agent("2", "cpus:10;mem:10000");
        assertThat(offersByFramework()).as("eng 1/2 : 2, ops 0").containsOnlyKeys("O");
        assertShares(1 / 2.0, 1 / 2.0);
        agent("3", "cpus:10;mem:10000");
        assertThat(offersByFramework()).as("eng 1/3 : 2, ops 1/3").containsOnlyKeys("W");
        assertShares(2 / 3.0, 1 / 3.0);

        framework("D", "eng/data");
        agent("4", "cpus:10;mem:10000");
        assertThat(offersByFramework())
                .as("eng 2/4 : 2, ops 1/4: equal, and ops was offered something less often")
                .containsOnlyKeys("O");
        assertShares(2 / 4.0, 2 / 4.0);
        agent("5", "cpus:10;mem:10000");
        assertThat(offersByFramework())
                .as("eng 2/5 : 2, ops 2/5; in eng web 2/5, data 0")
                .containsOnlyKeys("D");
        agent("6", "cpus:10;mem:10000");
        assertThat(offersByFramework())
                .as("eng 3/6 : 2, ops 2/6; in eng web 2/6, data 1/6")
                .containsOnlyKeys("D");
        assertShares(4 / 6.0, 2 / 6.0);
        assertThat(allocator.share("eng/data")).isEqualTo(2 / 6.0);

        allocator.removeFramework("D");
        decline("D", "eng/data", "5", "cpus:10;mem:10000", 0);
        decline("D", "eng/data", "6", "cpus:10;mem:10000", 0);
        assertShares(2 / 6.0, 2 / 6.0);
        assertThat(offersByFramework())
                .as("eng 2/6 : 2 against ops 2/6, then eng 3/6 : 2 against ops 2/6: both to eng")
                .containsExactly(Map.entry("W", 2L));
        assertShares(4 / 6.0, 2 / 6.0);
    }

    private void assertShares(double eng, double ops) {
        assertThat(allocator.share("eng")).isEqualTo(eng);
        assertThat(allocator.share("ops")).isEqualTo(ops);
    }

    @Test
    void declinedResourcesGoToTheOthersAtOnceAndBackWhenTheFilterEnds() {
        framework("A", "*");
        framework("B", "*");
        agent("1", "cpus:4;mem:1000;ports:[31000-31009]");
        String all = "cpus:4;mem:1000;ports:[31000-31009]";
        assertThat(offers()).containsExactly("A/* <- 1: " + all);
        decline("A", "*", "1", all, 5);
        assertThat(allocator.hasWork()).isTrue();
        assertThat(offers()).containsExactly("B/* <- 1: " + all);
        decline("B", "*", "1", all, 60);
        assertThat(offers()).as("both refused").isEmpty();
        assertThat(allocator.nextDeadline()).contains(START.plusSeconds(5));
        now = START.plus(Duration.ofMillis(4999));
        assertThat(offers()).isEmpty();
        now = START.plusSeconds(5);
        assertThat(offers()).as("A's filter ended").containsExactly("A/* <- 1: " + all);
    }

    @Test
    void aFilterHidesSubsetsOnly() {
        framework("A", "*");
        agent("1", "cpus:4;mem:1000");
        offers();
        decline("A", "*", "1", "cpus:2;mem:500", 60);
        assertThat(offers()).as("just what was refused").isEmpty();
        decline("A", "*", "1", "cpus:1", 0);
        assertThat(offers()).as("a cpu more than was refused").containsExactly("A/* <- 1: cpus:3;mem:500");
        decline("A", "*", "1", "cpus:2", 0);
        assertThat(offers())
                .as("less than was refused, the filter is still there")
                .isEmpty();
    }

    @Test
    void reviveEndsFiltersAndSuppression() {
        framework("A", "x", "y");
        agent("1", "cpus:4;mem:1000");
        assertThat(offers()).containsExactly("A/x <- 1: cpus:4;mem:1000");
        decline("A", "x", "1", "cpus:4;mem:1000", 600);
        assertThat(offers()).containsExactly("A/y <- 1: cpus:4;mem:1000");
        decline("A", "y", "1", "cpus:4;mem:1000", 600);
        assertThat(offers()).isEmpty();
        allocator.revive("A", List.of("x"));
        assertThat(offers()).containsExactly("A/x <- 1: cpus:4;mem:1000");
        decline("A", "x", "1", "cpus:4;mem:1000", 0);
        allocator.suppress("A", List.of());
        assertThat(offers()).as("suppressed in all roles").isEmpty();
        assertThat(allocator.hasWork()).isFalse();
        allocator.revive("A", List.of());
        assertThat(offers()).hasSize(1);
    }

    @Test
    void aDisconnectedFrameworkKeepsWhatItHoldsAndLosesItsFilters() {
        framework("A", "*");
        agent("1", "cpus:4;mem:1000");
        offers();
        decline("A", "*", "1", "cpus:3;mem:1000", 600);
        allocator.deactivateFramework("A");
        assertThat(offers()).isEmpty();
        assertThat(allocator.held("A", "*", "1")).isEqualTo(r("cpus:1"));
        allocator.activateFramework("A");
        assertThat(offers()).containsExactly("A/* <- 1: cpus:3;mem:1000");
    }

    @Test
    void whatARemovedFrameworkHoldsStaysTakenUntilRecovered() {
        framework("A", "*");
        agent("1", "cpus:4;mem:1000");
        offers();
        allocator.removeFramework("A");
        assertThat(allocator.hasFramework("A")).isFalse();
        framework("B", "*");
        assertThat(offers()).isEmpty();
        decline("A", "*", "1", "cpus:4;mem:1000", 0);
        assertThat(offers()).containsExactly("B/* <- 1: cpus:4;mem:1000");
    }

    @Test
    void reservedResourcesGoToTheirRoleAndTheRolesBelowIt() {
        framework("A", "eng/web");
        framework("B", "ops");
        agent("1", "cpus(eng):2;cpus(eng/data):1;cpus:1;mem(ops):64");
        List<Allocation> offers = allocator.allocate(now);
        assertThat(offers).hasSize(2);
        Resources all = offers.stream().map(Allocation::resources).reduce(Resources.EMPTY, Resources::plus);
        assertThat(all).isEqualTo(r("cpus(eng):2;cpus:1;mem(ops):64"));
        assertThat(allocator.free("1")).as("nobody is there for it").isEqualTo(r("cpus(eng/data):1"));
        framework("C", "eng/data");
        assertThat(offers()).containsExactly("C/eng/data <- 1: cpus(eng/data):1");
    }

    @Test
    void reservingMovesAmountsFromTheCommonToTheRole() {
        framework("A", "ops");
        framework("B", "web");
        agent("1", "cpus:4;mem:1000");
        offers();
        allocator.convert("A", "ops", "1", r("cpus:3"), r("cpus(ops):3"));
        assertThat(allocator.held("A", "ops", "1")).isEqualTo(r("cpus(ops):3;cpus:1;mem:1000"));
        allocator.recover("A", "ops", "1", r("cpus(ops):3;cpus:1;mem:1000"), now.plusSeconds(60));
        assertThat(offers()).as("B must not see the reserved cpus").containsExactly("B/web <- 1: cpus:1;mem:1000");
        assertThat(allocator.convertFree("1", r("cpus:1"), r("cpus(x):1")))
                .as("offered to B")
                .isFalse();
        assertThat(allocator.convertFree("1", r("cpus(ops):3"), r("cpus:3"))).isTrue();
        assertThat(offers()).hasSize(1);
    }

    @Test
    void offersBelowTheMinimumAreNotMade() {
        framework("A", "*");
        allocator.addFramework(
                "Big",
                new FrameworkTraits(
                        Set.of("big"), Set.of(), Set.of(), Map.of("big", List.of(r("cpus:2;mem:100"), r("mem:5000")))),
                true);
        allocator.addFramework(
                "Any", new FrameworkTraits(Set.of("any"), Set.of(), Set.of(), Map.of("any", List.of())), true);
        agent("ports", "ports:[1-2];mem:31");
        assertThat(offers()).containsExactly("Any/any <- ports: mem:31;ports:[1-2]");
        allocator.suppress("Any", List.of());
        agent("small", "cpus:1;mem:200");
        assertThat(offers()).containsExactly("A/* <- small: cpus:1;mem:200");
        agent("large", "cpus:2;mem:200");
        assertThat(offers()).as("Big has nothing yet").containsExactly("Big/big <- large: cpus:2;mem:200");
    }

    @Test
    void agentsWithGpusAreForFrameworksThatKnowThem() {
        framework("A", "*");
        agent("1", "cpus:4;mem:1000;gpus:2");
        assertThat(offers()).isEmpty();
        assertThat(allocator.why("A", "*", now).findings().get(0).reason()).isEqualTo(Reason.GPU);
        allocator.updateFramework(
                "A",
                new FrameworkTraits(Set.of("*"), Set.of(), Set.of(FrameworkTraits.Capability.GPU_RESOURCES), Map.of()));
        assertThat(offers()).containsExactly("A/* <- 1: cpus:4;gpus:2;mem:1000");
    }

    @Test
    void revocableResourcesGoToThoseWhoCanLoseThem() {
        Resources revocable = ResourceMessages.fromMessages(List.of(Resource.newBuilder()
                .setName("cpus")
                .setType(Value.Type.SCALAR)
                .setScalar(Value.Scalar.newBuilder().setValue(2))
                .setRevocable(Resource.RevocableInfo.getDefaultInstance())
                .build()));
        Resources lasting = Resources.parse("cpus:4;mem:1000");
        framework("A", "*");
        allocator.addAgent("1", AgentTraits.MODERN, lasting.plus(revocable), List.of(), true);
        assertThat(allocator.allocate(now)).extracting(Allocation::resources).containsExactly(lasting);

        allocator.addFramework(
                "B",
                new FrameworkTraits(
                        Set.of("*"), Set.of(), Set.of(FrameworkTraits.Capability.REVOCABLE_RESOURCES), Map.of()),
                true);
        assertThat(allocator.allocate(now))
                .as("what A could not have")
                .containsExactly(new Allocation("B", "*", "1", revocable));
        assertThat(allocator.free("1").isEmpty()).isTrue();
    }

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

    private static AgentTraits named(String hostname) {
        return new AgentTraits(AgentTraits.MODERN.capabilities(), null, null, hostname, Map.of());
    }

    private static FrameworkTraits constrained(AgentConstraint constraint) {
        return new FrameworkTraits(Set.of("*"), Set.of(), Set.of(), Map.of(), Map.of("*", constraint));
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
    void anAgentComesWithWhatRunsOnIt() {
        framework("A", "*");
        framework("B", "*");
        allocator.addAgent(
                "1",
                AgentTraits.MODERN,
                r("cpus:4;mem:1000;ports:[1-9]"),
                List.of(
                        new Allocation("A", "*", "1", r("cpus:1;ports:[3-4]")),
                        new Allocation("A", "old-role", "1", r("mem:100"))),
                true);
        assertThat(allocator.share("*")).isEqualTo(0.25);
        assertThat(offers()).containsExactly("B/* <- 1: cpus:3;mem:900;ports:[1-2, 5-9]");
        decline("A", "*", "1", "cpus:1;ports:[3-4]", 0);
        assertThat(offers()).as("A holds nothing in * now, B 3/4").containsExactly("A/* <- 1: cpus:1;ports:[3-4]");
        decline("A", "old-role", "1", "mem:100", 0);
        assertThatThrownBy(() -> allocator.recover("B", "*", "1", r("cpus:4"), null))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("framework B cannot give back cpus:4 in role * on agent 1: it holds cpus:3");
    }

    @Test
    void totalsThatChangeAreSeenAndInactiveAgentsAreNotOffered() {
        framework("A", "*");
        agent("1", "cpus:4;mem:1000");
        offers();
        allocator.updateAgent("1", AgentTraits.MODERN, r("cpus:6;mem:1000"));
        assertThat(offers()).containsExactly("A/* <- 1: cpus:2");
        allocator.deactivateAgent("1");
        decline("A", "*", "1", "cpus:6;mem:1000", 0);
        assertThat(offers()).isEmpty();
        allocator.updateAgent("1", AgentTraits.MODERN, r("cpus:1;mem:1000"));
        allocator.activateAgent("1");
        assertThat(offers()).containsExactly("A/* <- 1: cpus:1;mem:1000");
        allocator.updateAgent("1", AgentTraits.MODERN, r("mem:1000"));
        assertThat(allocator.free("1")).as("less than is held").isEqualTo(Resources.EMPTY);
        allocator.removeAgent("1");
        assertThat(allocator.share("*")).isZero();
        decline("A", "*", "1", "cpus:1;mem:1000", 5);
        assertThat(allocator.hasAgent("1")).isFalse();
    }

    @Test
    void aLimitIsNeverExceededAndCountsTheRolesBelow() {
        allocator.setQuota("eng", new Quota(Map.of(), Map.of("cpus", Scalar.of(5), "mem", Scalar.of(4000))));
        framework("A", "eng/web");
        framework("B", "eng/data");
        for (int i = 0; i < 4; i++) {
            agent("agent" + i, "cpus:3;mem:1000");
        }
        Resources given =
                allocator.allocate(now).stream().map(Allocation::resources).reduce(Resources.EMPTY, Resources::plus);
        assertThat(given.scalar("cpus")).isEqualTo(5);
        assertThat(given.scalar("mem")).isEqualTo(4000);
        assertThat(allocator.why("A", "eng/web", now).findings())
                .extracting(Explanation.Finding::reason)
                .containsOnly(Reason.QUOTA_LIMIT, Reason.NOTHING_FREE);
        Resources held = allocator.held("A", "eng/web", "agent0").plus(allocator.held("B", "eng/data", "agent0"));
        String holder = allocator.held("A", "eng/web", "agent0").isEmpty() ? "B" : "A";
        allocator.recover(holder, holder.equals("A") ? "eng/web" : "eng/data", "agent0", held, null);
        assertThat(allocator.allocate(now)).as("below the limit again").isNotEmpty();
    }

    @Test
    void whatIsLackingToAGuaranteeIsKeptFree() {
        allocator.setQuota("prod", new Quota(Map.of("cpus", Scalar.of(6)), Map.of()));
        framework("A", "dev");
        for (int i = 0; i < 4; i++) {
            agent("agent" + i, "cpus:3;mem:1000");
        }
        double given = allocator.allocate(now).stream()
                .mapToDouble(a -> a.resources().scalar("cpus"))
                .sum();
        assertThat(given).as("12 cpus less the 6 owed to prod").isEqualTo(6);
        framework("P", "prod");
        given = allocator.allocate(now).stream()
                .filter(a -> a.frameworkId().equals("P"))
                .mapToDouble(a -> a.resources().scalar("cpus"))
                .sum();
        assertThat(given).isEqualTo(6);
    }

    @Test
    void explainsWithCountsAndTimes() {
        framework("A", "*");
        framework("B", "*");
        agent("1", "cpus:4;mem:1000");
        agent("2", "cpus:4;mem:1000");
        offers();
        allocator.suppress("B", List.of());
        allocator.deactivateAgent("2");
        String onOne = allocator.held("A", "*", "1").isEmpty() ? "B" : "A";
        decline(onOne, "*", "1", "cpus:4;mem:1000", 30);
        assertThat(allocator.why("B", "*", now).findings())
                .extracting(Explanation.Finding::reason)
                .containsExactly(Reason.SUPPRESSED);
        allocator.revive("B", List.of());
        offers();
        assertThat(allocator.why("nobody", "*", now).findings())
                .extracting(Explanation.Finding::reason)
                .containsExactly(Reason.UNKNOWN_FRAMEWORK);
        assertThat(allocator.why("A", "x", now).findings())
                .extracting(Explanation.Finding::reason)
                .containsExactly(Reason.NOT_SUBSCRIBED);
        assertThat(allocator.why("A", "*", now).findings())
                .extracting(Explanation.Finding::reason)
                .contains(Reason.AGENT_DEACTIVATED, Reason.NOTHING_FREE);
    }

    @Test
    void aRunLooksOnlyAtWhatChanged() {
        framework("A", "*");
        for (int i = 0; i < 100; i++) {
            agent("agent" + i, "cpus:3;mem:6000");
        }
        offers();
        long before = allocator.agentsVisited();
        assertThat(offers()).isEmpty();
        assertThat(allocator.agentsVisited() - before).as("nothing happened").isZero();
        decline("A", "*", "agent50", "cpus:1", 0);
        assertThat(offers()).containsExactly("A/* <- agent50: cpus:1");
        assertThat(allocator.agentsVisited() - before).as("one agent freed").isEqualTo(1);
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

    @Test
    void whatEventsMissedALookAtEverythingFinds() {
        Books books = new Books(AllocatorOptions.defaults(1));
        Pass pass = new Pass(books);
        Framework framework = new Framework("A", FrameworkTraits.of("*"));
        framework.active = true;
        Client client = books.client(framework, "*");
        client.subscribed = true;
        books.refreshActive(client);
        Agent agent = books.newAgent("1");
        books.setTotal(agent, books.names.bag(SMALL));
        books.setFree(agent, books.names.bag(SMALL));
        books.setAgentActive(agent, true);
        books.clients.woken.clear();
        assertThat(pass.run(0))
                .as("nobody noted that the agent has something free")
                .isEmpty();
        books.wakeAll();
        assertThat(pass.run(0)).hasSize(1);
        books.wakeAll();
        assertThat(pass.run(0)).isEmpty();
    }
}
