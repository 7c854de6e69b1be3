package io.paddock.agent.core;

import static io.paddock.agent.core.AgentScript.command;
import static io.paddock.agent.core.AgentScript.custom;
import static io.paddock.agent.core.AgentScript.uuid;
import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.TransitionTable;
import io.paddock.common.TransitionTable.Edge;
import io.paddock.proto.link.Refused;
import io.paddock.proto.link.ShutdownExecutor;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.TaskState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Executors, tasks and the registration go through every transition they declare; the diagrams in the documentation are
 * those of the code ({@code -Dgolden.update} writes them anew).
 */
class LifecycleTest {
    private final AgentScript agent = new AgentScript();
    private final Set<Edge<?>> edges = new HashSet<>();
    private Map<String, Enum<?>> before = new HashMap<>();

    /** Compares with the last look: what changed is a transition, or several when one event made several. */
    private void look() {
        AgentView view = agent.core.view();
        Map<String, Enum<?>> now = new HashMap<>();
        now.put("registration", view.standing());
        view.frameworks().forEach(f -> note(f, now));
        view.completedFrameworks().forEach(f -> note(f, now));
        now.forEach((what, state) -> {
            Enum<?> old = before.get(what);
            if (old != null && old != state) {
                edges.add(new Edge<>(old, state));
            }
        });
        before = now;
    }

    private static void note(AgentView.FrameworkView framework, Map<String, Enum<?>> now) {
        framework.executors().forEach(e -> {
            now.put("executor " + e.container().getValue(), e.phase());
            e.tasks().forEach(t -> now.put("task " + t.info().getTaskId().getValue(), t.stage()));
            e.completedTasks()
                    .forEach(t -> now.put("task " + t.info().getTaskId().getValue(), t.stage()));
        });
        framework
                .completed()
                .forEach(e -> e.completedTasks()
                        .forEach(t -> now.put("task " + t.info().getTaskId().getValue(), t.stage())));
    }

    @Test
    void everyTransitionIsVisited() {
        agent.watcher = this::look;
        agent.started();
        agent.on(new AgentEvent.LinkOpened());
        agent.on(new AgentEvent.LinkClosed("no answer"));
        agent.registered();
        agent.on(new AgentEvent.LinkClosed("broken"));
        agent.registered();
        agent.running(command("ends"));
        agent.update("ends", "ends", TaskState.TASK_FINISHED, "u1");
        agent.terminated("ends", Termination.exited(0));
        agent.acknowledge("ends", uuid("u1"));
        agent.run(custom("killed", "early"));
        agent.kill("killed");
        agent.running(custom("shut", "e"));
        agent.master(ToAgent.newBuilder()
                .setShutdownExecutor(ShutdownExecutor.newBuilder()
                        .setFrameworkId(AgentScript.FRAMEWORK)
                        .setExecutorId(ExecutorID.newBuilder().setValue("e"))));
        agent.terminated("e", Termination.exited(0));
        refuse();
        agent.on(new AgentEvent.LinkClosed("refused"));
        agent.restarted();
        agent.on(new AgentEvent.LinkOpened());
        refuse();
        assertThat(edges).containsAll(ExecutorPhase.LIFECYCLE.edges());
        assertThat(edges).containsAll(TaskStage.LIFECYCLE.edges());
        assertThat(edges).containsAll(Registration.Phase.LIFECYCLE.edges());
    }

    private void refuse() {
        agent.master(ToAgent.newBuilder()
                .setRefused(Refused.newBuilder().setMessage("not wanted").setShutdown(true)));
    }

    @Test
    void theDocumentedLifecyclesAreTheDeclaredOnes() throws IOException {
        check("agent-executor.mmd", ExecutorPhase.LIFECYCLE);
        check("agent-task.mmd", TaskStage.LIFECYCLE);
        check("agent-registration.mmd", Registration.Phase.LIFECYCLE);
    }

    private static void check(String file, TransitionTable<?> declared) throws IOException {
        Path diagram = Path.of("..", "docs", "lifecycles", file);
        if (System.getProperty("golden.update") != null) {
            Files.writeString(diagram, declared.toMermaid());
        }
        assertThat(diagram).hasContent(declared.toMermaid().strip());
    }
}
