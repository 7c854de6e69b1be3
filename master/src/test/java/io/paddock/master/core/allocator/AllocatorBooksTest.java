package io.paddock.master.core.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.common.resources.Resources;
import io.paddock.master.core.allocator.Explanation.Reason;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Agents that come with tasks, change and are away; how little a run looks at, and what it can explain. */
class AllocatorBooksTest extends AllocatorScenario {
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
