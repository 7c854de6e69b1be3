package io.paddock.agent.core;

import static io.paddock.agent.core.AgentScript.command;
import static io.paddock.agent.core.AgentScript.custom;
import static io.paddock.agent.core.AgentScript.key;
import static io.paddock.agent.core.AgentScript.ready;
import static io.paddock.agent.core.AgentScript.uuid;
import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.proto.link.FromAgent;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.TaskStatus.Reason;
import io.paddock.proto.v1.executor.Event;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Executors that end, stay away or come back, and what becomes of their tasks. */
class ExecutorEndsTest {
    @Test
    void theExecutorIsForgottenWhenItEndedAndItsLastUpdateIsAcknowledged() {
        AgentScript agent = ready().running(command("t1"));
        agent.update("t1", "t1", TaskState.TASK_FINISHED, "end");
        agent.terminated("t1", Termination.exited(0));
        assertThat(agent.core.view().frameworks()).hasSize(1);
        assertThat(agent.did(AgentEffect.RetireSandbox.class)).isFalse();
        agent.acknowledge("t1", uuid("end"));
        assertThat(agent.core.view().frameworks()).isEmpty();
        assertThat(agent.did(AgentEffect.RetireSandbox.class)).isTrue();
        AgentView.FrameworkView history =
                agent.core.view().completedFrameworks().get(0);
        assertThat(history.completed().get(0).completedTasks().get(0).task().getState())
                .isEqualTo(TaskState.TASK_FINISHED);
        assertThat(agent.sent().stream().filter(FromAgent::hasExecutorTerminated))
                .isEmpty();
    }

    @Test
    void soManyEndedExecutorsAreRemembered() {
        AgentScript agent = ready();
        agent.running(command("kept"));
        for (int i = 0; i < 152; i++) {
            agent.running(command("t" + i));
            agent.update("t" + i, "t" + i, TaskState.TASK_FINISHED, "end" + i);
            agent.terminated("t" + i, Termination.exited(0));
            agent.acknowledge("t" + i, uuid("end" + i));
        }
        List<AgentView.ExecutorView> ended =
                agent.core.view().frameworks().get(0).completed();
        assertThat(ended).hasSize(agent.settings.maxCompletedExecutors());
        assertThat(ended.get(0).info().getExecutorId().getValue()).isEqualTo("t2");
    }

    /** How an executor's end becomes its task's state. */
    static Stream<EndCase> ends() {
        return Stream.of(
                new EndCase(
                        "ends by itself",
                        Termination.exited(256),
                        TaskState.TASK_FAILED,
                        Reason.REASON_EXECUTOR_TERMINATED),
                new EndCase(
                        "memory",
                        new Termination(
                                9, TaskState.TASK_FAILED, Reason.REASON_CONTAINER_LIMITATION_MEMORY, "too much", null),
                        TaskState.TASK_FAILED,
                        Reason.REASON_CONTAINER_LIMITATION_MEMORY),
                new EndCase(
                        "nobody saw it",
                        Termination.lost("gone"),
                        TaskState.TASK_FAILED,
                        Reason.REASON_EXECUTOR_TERMINATED));
    }

    record EndCase(String name, Termination termination, TaskState state, Reason reason) {}

    @ParameterizedTest
    @MethodSource("ends")
    void theEndOfAnExecutorEndsItsTasks(EndCase c) {
        AgentScript agent = ready().running(custom("t1", "e"));
        agent.terminated("e", c.termination());
        assertThat(agent.lastStatus().getState()).isEqualTo(c.state());
        assertThat(agent.lastStatus().getReason()).isEqualTo(c.reason());
        assertThat(agent.lastStatus().getSource()).isEqualTo(TaskStatus.Source.SOURCE_AGENT);
        assertThat(agent.sent().stream().filter(FromAgent::hasExecutorTerminated))
                .hasSize(1);
    }

    @Test
    void anExecutorThatDoesNotSubscribeIsDestroyed() {
        AgentScript agent = ready();
        agent.run(custom("t1", "e"));
        agent.on(new AgentEvent.ExecutorLaunched(key("e"), agent.container("e"), null));
        agent.pass(Duration.ofSeconds(59));
        assertThat(agent.did(AgentEffect.DestroyExecutor.class)).isFalse();
        agent.pass(Duration.ofSeconds(2));
        assertThat(agent.did(AgentEffect.DestroyExecutor.class)).isTrue();
        agent.terminated("e", Termination.exited(9));
        assertThat(agent.lastStatus().getReason()).isEqualTo(Reason.REASON_EXECUTOR_REGISTRATION_TIMEOUT);
        assertThat(agent.lastStatus().getState()).isEqualTo(TaskState.TASK_FAILED);
    }

    @Test
    void aResubscribingExecutorReplacesItsConnectionAndLosesNothing() {
        AgentScript agent = ready().running(custom("t1", "e"));
        agent.run(custom("t2", "e"));
        agent.effects.clear();
        // t2 was handed over, the executor did not get it
        agent.subscribe(50, "e", custom("t1", "e"));
        assertThat(agent.toExecutor("e")).containsExactly(Event.Type.SUBSCRIBED);
        assertThat(agent.lastStatus().getTaskId().getValue()).isEqualTo("t2");
        assertThat(agent.lastStatus().getState()).isEqualTo(TaskState.TASK_DROPPED);
        assertThat(agent.lastStatus().getReason()).isEqualTo(Reason.REASON_AGENT_RESTARTED);
        // the end of the old connection is of no interest
        agent.on(new AgentEvent.ExecutorDisconnected(key("e"), 1));
        agent.run(custom("t3", "e"));
        assertThat(agent.toExecutor("e")).endsWith(Event.Type.LAUNCH);
    }

    @Test
    void afterARestartTasksGoOnAndUpdatesArrive() {
        AgentScript agent = ready().running(command("t1")).running(custom("t2", "e"));
        agent.update("t1", "t1", TaskState.TASK_FINISHED, "end");
        agent.restarted();
        assertThat(agent.effects(AgentEffect.LaunchExecutor.class))
                .singleElement()
                .satisfies(l -> {
                    assertThat(l.launch().recovered()).isTrue();
                    assertThat(l.launch().key()).isEqualTo(key("e"));
                    assertThat(l.launch().tasks())
                            .extracting(t -> t.task().getTaskId().getValue())
                            .containsExactly("t2");
                });
        // the command task is over: what is left of its executor goes
        assertThat(agent.effects(AgentEffect.DestroyExecutor.class))
                .singleElement()
                .satisfies(d -> assertThat(d.executor()).isEqualTo(key("t1")));
        agent.admitted();
        assertThat(agent.sentUpdates())
                .singleElement()
                .satisfies(u -> assertThat(u.getStatus().getUuid()).isEqualTo(uuid("end")));
    }

    @Test
    void aCustomExecutorThatDoesNotComeBackIsDestroyed() {
        AgentScript agent = ready().running(custom("t1", "e"));
        agent.restarted().registered();
        agent.on(new AgentEvent.ExecutorLaunched(key("e"), agent.container("e"), null));
        agent.pass(Duration.ofSeconds(16));
        assertThat(agent.did(AgentEffect.DestroyExecutor.class)).isTrue();
        agent.terminated("e", Termination.exited(9));
        assertThat(agent.lastStatus().getState()).isEqualTo(TaskState.TASK_GONE);
        assertThat(agent.lastStatus().getReason()).isEqualTo(Reason.REASON_EXECUTOR_REREGISTRATION_TIMEOUT);
    }

    @Test
    void anEndThatCameBetweenTheRegistrationAndItsAnswerIsTold() {
        AgentScript agent = AgentScript.ready().running(AgentScript.custom("t1", "e"));
        agent.on(new AgentEvent.LinkClosed("gone"));
        agent.on(new AgentEvent.LinkOpened());
        assertThat(agent.sent().get(0).getReregister().getExecutorsList()).hasSize(1);
        agent.terminated("e", Termination.lost("gone"));
        assertThat(agent.sent()).noneMatch(FromAgent::hasExecutorTerminated);
        agent.effects.clear();
        agent.answered();
        assertThat(agent.sent()).filteredOn(FromAgent::hasExecutorTerminated).hasSize(1);
        agent.on(new AgentEvent.LinkClosed("gone"));
        agent.effects.clear();
        agent.admitted();
        assertThat(agent.sent()).noneMatch(FromAgent::hasExecutorTerminated);
    }
}
