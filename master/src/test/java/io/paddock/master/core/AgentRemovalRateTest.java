package io.paddock.master.core;

import static io.paddock.master.core.MasterHarness.frameworkInfo;
import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.master.core.MasterConfig.Removals;
import io.paddock.master.core.allocator.Explanation;
import io.paddock.master.core.snapshot.Count;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.Heartbeat;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.master.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Agents are not given up faster than an operator wants, one that answers in time stays, and after an election not too many. */
class AgentRemovalRateTest {
    private static final String TOTAL = "cpus:1;mem:64";
    private static final Duration PAUSE = Duration.ofMinutes(10);
    private static final Duration PATIENCE = Duration.ofSeconds(100);

    private static MasterHarness master(@Nullable Duration pause, double recoveryLimit) {
        return new MasterHarness(MasterHarness.config(
                MasterConfig.Memory.DEFAULT, new Removals(pause, recoveryLimit), MasterConfig.Admissions.DEFAULT));
    }

    private static List<String> silent(MasterHarness master, String... links) {
        List<String> agents = new ArrayList<>();
        for (String link : links) {
            agents.add(master.register(link, TOTAL));
            master.silent.add(link);
        }
        return agents;
    }

    private static void answer(MasterHarness master, String link) {
        master.silent.remove(link);
        master.spoke(link, FromAgent.newBuilder().setHeartbeat(Heartbeat.getDefaultInstance()));
    }

    private static void assertCounts(MasterHarness master, long scheduled, long completed, long canceled) {
        assertThat(List.of(
                        master.snapshot().tally().of(Count.SLAVE_UNREACHABLE_SCHEDULED),
                        master.snapshot().tally().of(Count.SLAVE_UNREACHABLE_COMPLETED),
                        master.snapshot().tally().of(Count.SLAVE_UNREACHABLE_CANCELED)))
                .isEqualTo(List.of(scheduled, completed, canceled))
                .isEqualTo(List.of(
                        master.snapshot().tally().of(Count.SLAVE_SHUTDOWNS_SCHEDULED),
                        master.snapshot().tally().of(Count.SLAVE_SHUTDOWNS_COMPLETED),
                        master.snapshot().tally().of(Count.SLAVE_SHUTDOWNS_CANCELED)));
        assertThat(scheduled - completed - canceled)
                .isEqualTo(master.snapshot().pendingRemovals().size());
    }

    @Test
    void oneAfterTheOtherIsMarkedUnreachable() {
        MasterHarness master = master(PAUSE, 1);
        List<String> agents = silent(master, "a", "b", "c");
        master.advance(PATIENCE);
        assertThat(master.snapshot().unreachableAgents()).containsOnlyKeys(agents.get(0));
        assertThat(master.snapshot().pendingRemovals().keySet()).containsExactly(agents.get(1), agents.get(2));
        assertThat(master.snapshot().pendingRemovals().get(agents.get(1)).text())
                .startsWith("it did not answer for PT1M15S; it waits until --agent-removal-rate-limit");
        assertCounts(master, 3, 1, 0);
        master.advance(PAUSE);
        assertThat(master.snapshot().unreachableAgents()).containsOnlyKeys(agents.get(0), agents.get(1));
        assertCounts(master, 3, 2, 0);
        master.advance(PAUSE);
        assertThat(master.snapshot().unreachableAgents()).containsOnlyKeys(agents);
        assertCounts(master, 3, 3, 0);
    }

    @Test
    void withoutALimitAllGoAtOnce() {
        MasterHarness master = master(null, 1);
        List<String> agents = silent(master, "a", "b", "c");
        master.advance(PATIENCE);
        assertThat(master.snapshot().unreachableAgents()).containsOnlyKeys(agents);
        assertCounts(master, 3, 3, 0);
    }

    @Test
    void oneThatAnswersWhileItWaitsStaysAndIsOfferedAgain() {
        MasterHarness master = master(PAUSE, 1);
        String id = master.subscribed("s", frameworkInfo("f", "web"));
        List<String> agents = silent(master, "a", "b");
        master.settle();
        assertThat(master.offers("s")).hasSize(2);
        master.advance(PATIENCE);
        assertThat(master.agent(agents.get(1)).active()).isFalse();
        assertThat(master.events("s", Event.Type.RESCIND)).hasSize(2);
        assertThat(master.core().why(master.now, id, "web").findings())
                .extracting(Explanation.Finding::reason)
                .containsExactly(Explanation.Reason.AGENT_SILENT);
        answer(master, "b");
        assertThat(master.agent(agents.get(1)).active()).isTrue();
        assertCounts(master, 2, 1, 1);
        master.advance(Duration.ofSeconds(10));
        assertThat(master.offers("s")).hasSize(3);
        master.advance(PAUSE.multipliedBy(3));
        assertThat(master.agent(agents.get(1)).connected()).isTrue();
    }

    @Test
    void theNextPermitIsForWhoeverIsNextThen() {
        MasterHarness master = master(PAUSE, 1);
        List<String> agents = silent(master, "a", "b", "c");
        master.advance(PATIENCE);
        answer(master, "b");
        master.advance(PAUSE);
        assertThat(master.snapshot().unreachableAgents()).containsOnlyKeys(agents.get(0), agents.get(2));
        silent(master, "d", "b");
        master.advance(PAUSE.minus(PATIENCE));
        assertThat(master.snapshot().unreachableAgents()).hasSize(2);
        assertThat(master.snapshot().pendingRemovals()).hasSize(2);
        master.advance(PATIENCE);
        assertThat(master.snapshot().unreachableAgents()).hasSize(3);
    }

    @Test
    void oneThatComesBackOverANewLinkStays() {
        MasterHarness master = master(PAUSE, 1);
        List<String> agents = silent(master, "a", "b");
        master.feed(new MasterEvent.AgentLinkClosed("a"));
        master.feed(new MasterEvent.AgentLinkClosed("b"));
        master.advance(MasterConfig.defaults().agentReregisterTimeout());
        assertThat(master.snapshot().pendingRemovals()).containsOnlyKeys(agents.get(1));
        master.spoke("b2", FromAgent.newBuilder().setReregister(master.reregister("host-b", TOTAL, agents.get(1))));
        assertCounts(master, 2, 1, 1);
        assertThat(master.agent(agents.get(1)).active()).isTrue();
    }

    @Test
    void anOperatorNeedNotWait() {
        MasterHarness master = master(PAUSE, 1);
        List<String> agents = silent(master, "a", "b");
        master.advance(PATIENCE);
        master.operate(Call.newBuilder()
                .setType(Call.Type.MARK_AGENT_GONE)
                .setMarkAgentGone(Call.MarkAgentGone.newBuilder()
                        .setAgentId(AgentID.newBuilder().setValue(agents.get(1)))));
        assertThat(master.snapshot().goneAgents()).containsOnlyKeys(agents.get(1));
        assertThat(master.snapshot().agents()).isEmpty();
        assertCounts(master, 2, 1, 1);
        master.advance(PAUSE.multipliedBy(2));
        assertThat(master.snapshot().goneAgents()).containsOnlyKeys(agents.get(1));
    }

    @Test
    void thoseThatDoNotComeBackAfterAnElectionWaitToo() {
        MasterHarness master = master(PAUSE, 1);
        List<String> agents = silent(master, "a", "b", "c");
        master.failOver("m2");
        master.advance(MasterConfig.defaults().agentReregisterTimeout());
        assertThat(master.snapshot().unreachableAgents()).containsOnlyKeys(agents.get(0));
        assertThat(master.snapshot().recoveredAgents()).hasSize(2);
        assertThat(master.snapshot().pendingRemovals().get(agents.get(1)).why())
                .isEqualTo("it did not come back within PT10M after the change of master");
        master.spoke("b2", FromAgent.newBuilder().setReregister(master.reregister("host-b", TOTAL, agents.get(1))));
        master.advance(PAUSE);
        assertThat(master.snapshot().unreachableAgents()).containsOnlyKeys(agents.get(0), agents.get(2));
        assertThat(master.snapshot().tally().of(Count.RECOVERY_SLAVE_REMOVALS)).isEqualTo(2);
        assertCounts(master, 3, 2, 1);
    }

    @Test
    void withMoreMissingThanTheLimitTheMasterGivesUpAndRemovesNone() {
        MasterHarness master = master(null, 0.5);
        List<String> agents = silent(master, "a", "b", "c", "d");
        master.failOver("m2");
        master.spoke("a2", FromAgent.newBuilder().setReregister(master.reregister("host-a", TOTAL, agents.get(0))));
        master.advance(MasterConfig.defaults().agentReregisterTimeout());
        assertThat(master.gaveUp).startsWith("3 of 4 agents").contains("--recovery-agent-removal-limit=50%");
        assertThat(master.snapshot().unreachableAgents()).isEmpty();
    }

    @Test
    void upToTheLimitTheyAreRemoved() {
        MasterHarness master = master(null, 0.5);
        List<String> agents = silent(master, "a", "b", "c", "d");
        master.failOver("m2");
        for (String back : List.of("a", "b")) {
            String agent = agents.get(back.equals("a") ? 0 : 1);
            master.spoke(
                    back + "2", FromAgent.newBuilder().setReregister(master.reregister("host-" + back, TOTAL, agent)));
        }
        master.advance(MasterConfig.defaults().agentReregisterTimeout());
        assertThat(master.gaveUp).isNull();
        assertThat(master.snapshot().unreachableAgents()).containsOnlyKeys(agents.get(2), agents.get(3));
    }
}
