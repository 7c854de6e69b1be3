package io.paddock.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.agent.server.AgentOptions;
import io.paddock.master.server.MasterOptions;
import io.paddock.master.server.MasterServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who tries maintenance in the local cluster does not lose it: its agent comes back when the master takes it. */
class SupervisedAgentTest {
    private static final String MACHINE = "{\"hostname\":\"127.0.0.1\"}";

    @TempDir
    private Path directory;

    private final List<String> told = new CopyOnWriteArrayList<>();
    private ActorSystem<Void> system;
    private MasterServer master;
    private SupervisedAgent agent;

    @BeforeEach
    void start() throws Exception {
        system = ActorSystem.create(Behaviors.empty(), "supervised-agent-test");
        MasterOptions masterOptions = new MasterOptions();
        masterOptions.listen.port = 0;
        master = MasterServer.start(system, masterOptions).toCompletableFuture().get();
        AgentOptions options = new AgentOptions();
        options.master = "127.0.0.1:" + master.port();
        options.listen.port = 5051 + LocalCluster.freeOffset();
        options.workDir = directory;
        options.resources = "cpus:1;mem:128;disk:128;ports:[31000-31001]";
        agent = SupervisedAgent.start(system, options, false, Duration.ofMillis(50), told::add);
    }

    @AfterEach
    void stop() throws Exception {
        agent.close();
        master.close();
        system.terminate();
    }

    private String masterUrl() {
        return "http://127.0.0.1:" + master.port();
    }

    /** The id of the only active agent; empty while there is none. */
    private String active() {
        for (JsonNode each : Http.get(masterUrl() + "/slaves").json().path("slaves")) {
            if (each.path("active").asBoolean()) {
                return each.path("id").asText();
            }
        }
        return "";
    }

    private String awaitActiveOtherThan(String former) {
        await().until(() -> !active().isEmpty() && !active().equals(former));
        return active();
    }

    @Test
    void itComesBackAfterMaintenanceAndAfterItWasMarkedGone() {
        String first = awaitActiveOtherThan("");
        Http.post(
                masterUrl() + "/maintenance/schedule",
                "{\"windows\":[{\"machine_ids\":[" + MACHINE
                        + "],\"unavailability\":{\"start\":{\"nanoseconds\":1}}}]}");
        assertThat(Http.post(masterUrl() + "/machine/down", "[" + MACHINE + "]").status())
                .isEqualTo(200);
        await().until(() -> told.size() == 2);
        assertThat(told.get(0)).startsWith("The master said: ").contains("down for maintenance");
        assertThat(told.get(1)).startsWith("The master refused this agent: ").contains("down for maintenance");
        assertThat(active()).isEmpty();
        assertThat(Http.post(masterUrl() + "/machine/up", "[" + MACHINE + "]").status())
                .isEqualTo(200);
        String second = awaitActiveOtherThan(first);
        assertThat(told).hasSize(2);

        assertThat(Http.post(
                                masterUrl() + "/api/v1",
                                "{\"type\":\"MARK_AGENT_GONE\",\"mark_agent_gone\":{\"agent_id\":{\"value\":\"" + second
                                        + "\"}}}")
                        .status())
                .isEqualTo(200);
        awaitActiveOtherThan(second);
        assertThat(told).anyMatch(reason -> reason.contains("marked gone by an operator"));
    }
}
