package io.paddock.master.core;

import static io.paddock.master.core.MasterHarness.frameworkInfo;
import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.TransitionTable;
import io.paddock.common.TransitionTable.Edge;
import io.paddock.master.core.snapshot.AgentView;
import io.paddock.master.core.snapshot.FrameworkView;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.Leaving;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.scheduler.Call;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Frameworks and agents go through every transition they declare; the diagrams in the documentation are those of the code
 * ({@code -Dgolden.update} writes them anew).
 */
class LifecycleTest {
    private static final String TOTAL = "cpus:1;mem:100";

    private final MasterHarness master = new MasterHarness();
    private final Set<Edge<Framework.State>> frameworkEdges = new HashSet<>();
    private final Set<Edge<Agent.State>> agentEdges = new HashSet<>();
    private final Map<String, FrameworkView> frameworks = new HashMap<>();
    private final Map<String, AgentView> agents = new HashMap<>();

    @Test
    void everyTransitionOfAFrameworkIsVisited() {
        master.trace = (event, effects) -> lookAtFrameworks();
        String torn = master.subscribed("s1", frameworkInfo("torn", "web"));
        master.subscribed("s2", known("torn", torn));
        master.feed(new MasterEvent.SchedulerStreamClosed("s2"));
        master.subscribed("s3", known("torn", torn));
        master.call("s3", MasterHarness.call(torn, Call.Type.TEARDOWN));
        master.subscribed("s4", frameworkInfo("lost", "web"));
        master.feed(new MasterEvent.SchedulerStreamClosed("s4"));
        master.advance(Duration.ofMinutes(2));
        String back = master.subscribed("s5", frameworkInfo("back", "web"));
        master.subscribed("s6", frameworkInfo("away", "web"));
        frameworks.clear();
        master.failOver("m2");
        master.subscribed("s7", known("back", back));
        master.advance(Duration.ofMinutes(11));
        assertThat(frameworkEdges).containsExactlyInAnyOrderElementsOf(Framework.LIFECYCLE.edges());
    }

    private static FrameworkInfo.Builder known(String name, String id) {
        return frameworkInfo(name, "web").setId(FrameworkID.newBuilder().setValue(id));
    }

    private void lookAtFrameworks() {
        Map<String, FrameworkView> now = new HashMap<>();
        master.snapshot().frameworks().forEach(f -> now.put(f.id(), f));
        frameworks.forEach((id, before) -> {
            FrameworkView after = now.get(id);
            Framework.State to = after == null ? Framework.State.REMOVED : state(after);
            if (to != state(before) || resubscribed(before, after)) {
                frameworkEdges.add(new Edge<>(state(before), to));
            }
        });
        frameworks.clear();
        frameworks.putAll(now);
    }

    private static Framework.State state(FrameworkView view) {
        if (view.recovered()) {
            return Framework.State.RECOVERED;
        }
        return view.connected() ? Framework.State.CONNECTED : Framework.State.DISCONNECTED;
    }

    private static boolean resubscribed(FrameworkView before, FrameworkView after) {
        Instant at = after.reregisteredAt();
        return at != null && before.reregisteredAt() == null;
    }

    @Test
    void everyTransitionOfAnAgentIsVisited() {
        master.trace = (event, effects) -> lookAtAgents();
        String leaves = master.register("l1", TOTAL);
        master.spoke("l2", FromAgent.newBuilder().setReregister(master.reregister("host-l1", TOTAL, leaves)));
        master.feed(new MasterEvent.AgentLinkClosed("l2"));
        master.spoke("l3", FromAgent.newBuilder().setReregister(master.reregister("host-l1", TOTAL, leaves)));
        master.spoke("l3", FromAgent.newBuilder().setLeaving(Leaving.getDefaultInstance()));
        master.register("l4", TOTAL);
        master.feed(new MasterEvent.AgentLinkClosed("l4"));
        master.advance(Duration.ofMinutes(11));
        assertThat(agentEdges).containsExactlyInAnyOrderElementsOf(Agent.LIFECYCLE.edges());
    }

    private void lookAtAgents() {
        Map<String, AgentView> now = new HashMap<>();
        master.snapshot().agents().forEach(a -> now.put(a.id(), a));
        agents.forEach((id, before) -> {
            AgentView after = now.get(id);
            Agent.State to = after == null ? Agent.State.REMOVED : state(after);
            boolean again = after != null && after.reregisteredAt() != null && before.reregisteredAt() == null;
            if (to != state(before) || again) {
                agentEdges.add(new Edge<>(state(before), to));
            }
        });
        agents.clear();
        agents.putAll(now);
    }

    private static Agent.State state(AgentView view) {
        return view.connected() ? Agent.State.CONNECTED : Agent.State.DISCONNECTED;
    }

    @Test
    void theDocumentedLifecyclesAreTheDeclaredOnes() throws IOException {
        check("master-framework.mmd", Framework.LIFECYCLE);
        check("master-agent.mmd", Agent.LIFECYCLE);
    }

    private static void check(String file, TransitionTable<?> declared) throws IOException {
        Path diagram = Path.of("..", "docs", "lifecycles", file);
        if (System.getProperty("golden.update") != null) {
            Files.writeString(diagram, declared.toMermaid());
        }
        assertThat(diagram).hasContent(declared.toMermaid().strip());
    }
}
