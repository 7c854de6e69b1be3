package io.paddock.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.master.core.MasterConfig.Memory;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.master.Call;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Agents that are unreachable or gone are remembered for a time, also over a change of master, and not more than so many. */
class RegistryGcTest {
    private static final String TOTAL = "cpus:1;mem:64";
    private static final Duration INTERVAL = Duration.ofMinutes(15);

    private static MasterHarness master(Duration maxAge, int maxAgents) {
        return new MasterHarness(MasterHarness.config(
                new Memory(INTERVAL, maxAge, maxAgents),
                MasterConfig.Removals.DEFAULT,
                MasterConfig.Admissions.DEFAULT));
    }

    /** @return its id */
    private static String unreachable(MasterHarness master, String link) {
        String agent = master.register(link, TOTAL);
        master.feed(new MasterEvent.AgentLinkClosed(link));
        master.advance(MasterConfig.defaults().agentReregisterTimeout());
        assertThat(master.snapshot().unreachableAgents()).containsKey(agent);
        return agent;
    }

    private static String gone(MasterHarness master, String link) {
        String agent = master.register(link, TOTAL);
        master.operate(Call.newBuilder()
                .setType(Call.Type.MARK_AGENT_GONE)
                .setMarkAgentGone(Call.MarkAgentGone.newBuilder()
                        .setAgentId(AgentID.newBuilder().setValue(agent))));
        assertThat(master.snapshot().goneAgents()).containsKey(agent);
        return agent;
    }

    @Test
    void whatDepartedLongAgoIsForgotten() {
        MasterHarness master = master(Duration.ofHours(2), 100);
        String agent = unreachable(master, "a");
        String gone = gone(master, "b");
        String present = master.register("c", TOTAL);
        master.advance(Duration.ofMinutes(100));
        assertThat(master.store.keySet()).contains("agents/" + agent, "agents/" + gone);
        master.advance(Duration.ofMinutes(45));
        assertThat(master.store.keySet()).containsExactly("agents/" + present);
        assertThat(master.snapshot().unreachableAgents()).isEmpty();
        assertThat(master.snapshot().goneAgents()).isEmpty();
    }

    @Test
    void theAgeIsCountedFromTheDepartureAlsoByTheNextMaster() {
        MasterHarness master = master(Duration.ofHours(2), 100);
        String agent = unreachable(master, "a");
        master.advance(Duration.ofMinutes(80));
        master.failOver("m2");
        master.advance(Duration.ofMinutes(30));
        assertThat(master.snapshot().unreachableAgents()).containsKey(agent);
        master.advance(Duration.ofMinutes(20));
        assertThat(master.snapshot().unreachableAgents()).isEmpty();
        assertThat(master.store).isEmpty();
    }

    @Test
    void ofTooManyTheOldestAreForgotten() {
        MasterHarness master = master(Duration.ofDays(14), 2);
        List<String> unreachable = new ArrayList<>();
        List<String> gone = new ArrayList<>();
        for (String link : List.of("a", "b", "c", "d")) {
            unreachable.add(unreachable(master, link));
            gone.add(gone(master, "g" + link));
            master.advance(Duration.ofSeconds(1));
        }
        master.advance(INTERVAL);
        assertThat(master.snapshot().unreachableAgents()).containsOnlyKeys(unreachable.subList(2, 4));
        assertThat(master.snapshot().goneAgents()).containsOnlyKeys(gone.subList(2, 4));
    }

    @Test
    void manyAreForgottenInWritesThatFit() {
        MasterHarness master = master(Duration.ofDays(14), 1);
        for (int i = 0; i < 2 * RegistryGc.BATCH + 2; i++) {
            gone(master, "l" + i);
        }
        List<Integer> writes = new ArrayList<>();
        master.trace = (event, effects) -> effects.forEach(effect -> {
            if (effect instanceof MasterEffect.Persist persist) {
                writes.add(persist.writes().size());
            }
        });
        master.advance(INTERVAL);
        assertThat(writes).containsExactly(RegistryGc.BATCH, RegistryGc.BATCH, 1);
        assertThat(master.store).hasSize(1);
    }

    @Test
    void anAgentThatWasForgottenIsTakenInAgain() {
        MasterHarness master = master(Duration.ofHours(1), 100);
        String agent = unreachable(master, "a");
        master.advance(Duration.ofHours(2));
        assertThat(master.store).isEmpty();
        master.spoke("a2", FromAgent.newBuilder().setReregister(master.reregister("host-a", TOTAL, agent)));
        assertThat(master.sent("a2", ToAgent.MessageCase.REGISTERED)).hasSize(1);
        master.advance(Duration.ofHours(3));
        assertThat(master.store.keySet()).containsExactly("agents/" + agent);
    }

    @Test
    void anAgentThatCameBackIsNotForgotten() {
        MasterHarness master = master(Duration.ofHours(1), 100);
        String agent = unreachable(master, "a");
        master.spoke("a2", FromAgent.newBuilder().setReregister(master.reregister("host-a", TOTAL, agent)));
        master.advance(Duration.ofHours(3));
        assertThat(master.store.keySet()).containsExactly("agents/" + agent);
        assertThat(master.agent(agent).connected()).isTrue();
    }
}
