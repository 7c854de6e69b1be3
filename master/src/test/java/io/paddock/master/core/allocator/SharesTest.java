package io.paddock.master.core.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who gets what by dominant shares, weights and the tree of roles, with the expected shares between the steps. */
class SharesTest extends AllocatorScenario {
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
}
