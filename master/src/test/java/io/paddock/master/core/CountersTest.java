package io.paddock.master.core;

import static io.paddock.master.core.MasterHarness.frameworkInfo;
import static io.paddock.master.core.MasterHarness.launch;
import static io.paddock.master.core.MasterHarness.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.master.core.snapshot.Count;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.Leaving;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the metrics count, over the life of a task and the ends of agents. */
class CountersTest {
    private final MasterHarness master = new MasterHarness();

    private Map<Count, Long> counted() {
        Map<Count, Long> counted = new EnumMap<>(Count.class);
        for (Count count : Count.values()) {
            if (master.snapshot().tally().of(count) > 0) {
                counted.put(count, master.snapshot().tally().of(count));
            }
        }
        return counted;
    }

    @Test
    void aTasksLife() {
        String agent = master.register("l", "cpus:4;mem:1024");
        String framework = master.subscribed("s", frameworkInfo("f", "web"));
        master.settle();
        Offer offer = master.lastOffer("s");
        master.accept(
                "s", framework, offer, launch(task("t", offer, "cpus:1;mem:32").build()));
        TaskStatus running = master.status("t", TaskState.TASK_RUNNING);
        master.update("l", framework, running);
        master.acknowledge("s", framework, agent, running);
        master.acknowledge("s", framework, "nobody", running);
        master.update("l", "nobody", running);
        master.update("stranger", framework, running);

        assertThat(counted())
                .containsOnly(
                        Map.entry(Count.MESSAGES_REGISTER_SLAVE, 1L),
                        Map.entry(Count.SLAVE_REGISTRATIONS, 1L),
                        Map.entry(Count.MESSAGES_REGISTER_FRAMEWORK, 1L),
                        Map.entry(Count.MESSAGES_LAUNCH_TASKS, 1L),
                        Map.entry(Count.MESSAGES_STATUS_UPDATE, 3L),
                        Map.entry(Count.VALID_STATUS_UPDATES, 1L),
                        Map.entry(Count.INVALID_STATUS_UPDATES, 1L),
                        Map.entry(Count.DROPPED_MESSAGES, 1L),
                        Map.entry(Count.MESSAGES_STATUS_UPDATE_ACKNOWLEDGEMENT, 2L),
                        Map.entry(Count.VALID_STATUS_UPDATE_ACKNOWLEDGEMENTS, 1L),
                        Map.entry(Count.INVALID_STATUS_UPDATE_ACKNOWLEDGEMENTS, 1L));
    }

    @Test
    void agentsGoForDifferentReasons() {
        master.register("leaves", "cpus:1");
        master.register("silent", "cpus:1");
        master.register("returns", "cpus:1");
        master.silent.add("silent");
        master.spoke("leaves", FromAgent.newBuilder().setLeaving(Leaving.getDefaultInstance()));
        master.advance(Duration.ofMinutes(5));
        master.feed(new MasterEvent.AgentLinkClosed("returns"));
        master.spoke(
                "returns2",
                FromAgent.newBuilder()
                        .setRegister(io.paddock.proto.link.Register.newBuilder()
                                .setAgent(MasterHarness.agentInfo("host-returns", "cpus:1"))
                                .setVersion("0.1.0")));

        assertThat(counted())
                .contains(
                        Map.entry(Count.SLAVE_REGISTRATIONS, 4L),
                        Map.entry(Count.SLAVE_REMOVALS, 3L),
                        Map.entry(Count.SLAVE_REMOVALS_UNREGISTERED, 1L),
                        Map.entry(Count.SLAVE_REMOVALS_UNHEALTHY, 1L),
                        Map.entry(Count.SLAVE_REMOVALS_REGISTERED, 1L),
                        Map.entry(Count.SLAVE_UNREACHABLE_SCHEDULED, 1L),
                        Map.entry(Count.SLAVE_UNREACHABLE_COMPLETED, 1L));
    }

    @Test
    void agentsThatDoNotComeBackToTheNextMaster() {
        master.register("l", "cpus:1");
        master.failOver("m2");
        assertThat(counted()).as("each master counts for itself").isEmpty();
        master.advance(Duration.ofMinutes(30));
        assertThat(counted())
                .containsOnly(
                        Map.entry(Count.RECOVERY_SLAVE_REMOVALS, 1L),
                        Map.entry(Count.SLAVE_UNREACHABLE_SCHEDULED, 1L),
                        Map.entry(Count.SLAVE_UNREACHABLE_COMPLETED, 1L),
                        Map.entry(Count.SLAVE_SHUTDOWNS_SCHEDULED, 1L),
                        Map.entry(Count.SLAVE_SHUTDOWNS_COMPLETED, 1L),
                        Map.entry(Count.SLAVE_REMOVALS, 1L),
                        Map.entry(Count.SLAVE_REMOVALS_UNHEALTHY, 1L));
    }
}
