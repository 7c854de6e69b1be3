package io.paddock.master.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.platform.flags.Flags;
import io.paddock.platform.http.WireFormat;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.master.Call;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Flags that bound what a master remembers, gives up, serves and shows, as operators see them. */
class MasterFlagsTest {
    @RegisterExtension
    static final MasterFixture MASTERS = new MasterFixture();

    private static MasterOptions parsed(String... args) {
        MasterCommand command = new MasterCommand();
        CommandLine line = Flags.commandLine(command, Map.of());
        line.parseArgs(args);
        return command.options;
    }

    @Test
    void theFlagsAboutAgentsThatGoAreThoseOfMesos() {
        MasterOptions options = parsed(
                "--agent_removal_rate_limit=2/10mins",
                "--recovery_agent_removal_limit=12.5%",
                "--registry_gc_interval=1mins",
                "--registry_max_agent_age=3days",
                "--registry_max_agent_count=7");
        assertThat(options.config().removals().pause()).isEqualTo(Duration.ofMinutes(5));
        assertThat(options.config().removals().recoveryLimit()).isEqualTo(0.125);
        assertThat(options.config().memory().gcInterval()).isEqualTo(Duration.ofMinutes(1));
        assertThat(options.config().memory().maxAgentAge()).isEqualTo(Duration.ofDays(3));
        assertThat(options.config().memory().maxAgents()).isEqualTo(7);
        assertThat(parsed().config().removals().pause()).isNull();
        assertThat(parsed().config().removals().recoveryLimit()).isEqualTo(1);
        assertThat(Flags.effective(new MasterOptions()))
                .containsEntry("registry_gc_interval", "15mins")
                .containsEntry("registry_max_agent_age", "2weeks")
                .containsEntry("registry_max_agent_count", "102400")
                .containsEntry("recovery_agent_removal_limit", "100%");
    }

    @ParameterizedTest
    @CsvSource({
        "--agent_removal_rate_limit=fast, must be a number of agents and a time",
        "--agent_removal_rate_limit=0/10mins, must be a number of agents and a time",
        "--agent_removal_rate_limit=1/soon, soon",
        "--agent_removal_rate_limit=1/0secs, must be more than 0",
        "--recovery_agent_removal_limit=101%, from 0% to 100%",
        "--recovery_agent_removal_limit=half, from 0% to 100%",
        "--registry_max_agent_count=0, must be more than 0",
        "--weights=web=0, 0.0 is not a positive number",
        "--weights=.=2, '.'",
    })
    void whatDoesNotFitNamesTheFlag(String flag, String why) {
        String name = flag.substring(0, flag.indexOf('=')).replace('_', '-');
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> parsed(flag).config())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(name + ": ")
                .hasMessageContaining(why);
    }

    @Test
    void weightsAreThereFromTheFirstStart() throws Exception {
        try (MasterServer master =
                MASTERS.start(flags -> flags.weights.putAll(parsed("--weights=web=2.5,db=0.5").weights))) {
            JsonNode weights = new ScriptedOperator(MASTERS.client(), master.port(), WireFormat.JSON).get("/weights");
            assertThat(weights.toString())
                    .isEqualTo("[{\"role\":\"db\",\"weight\":0.5},{\"role\":\"web\",\"weight\":2.5}]");
        }
        org.assertj.core.api.Assertions.assertThatThrownBy(
                        () -> parsed("--roles=a,b", "--weights=web=2").config())
                .hasMessage("--weights: roles [web] are not among those of this master's --roles");
    }

    @Test
    void nameAndAddressGivenToOthersAreTwoFlags() throws Exception {
        try (MasterServer master = MASTERS.start(flags -> {
            flags.identity.hostname = "m1.example.com";
            flags.identity.advertiseIp = "10.1.2.3";
        })) {
            JsonNode leader = new ScriptedOperator(MASTERS.client(), master.port(), WireFormat.JSON)
                    .get("/state")
                    .path("leader_info");
            assertThat(leader.path("hostname").textValue()).isEqualTo("m1.example.com");
            assertThat(leader.path("pid").textValue()).isEqualTo("master@10.1.2.3:" + master.port());
        }
        try (MasterServer master = MASTERS.start(flags -> flags.identity.advertiseIp = "10.1.2.3")) {
            assertThat(new ScriptedOperator(MASTERS.client(), master.port(), WireFormat.JSON)
                            .get("/state")
                            .path("hostname")
                            .textValue())
                    .isEqualTo("10.1.2.3");
        }
        org.assertj.core.api.Assertions.assertThatThrownBy(
                        () -> parsed("--advertise-ip=::1").advertised())
                .hasMessage("--advertise-ip: expected an IPv4 address, got '::1'");
    }

    @Test
    void anAgentThatWaitsForItsRemovalIsShownWithTheReason() throws Exception {
        try (MasterServer master = MASTERS.start(flags -> {
                    flags.agentReregisterTimeout = Duration.ofMillis(50);
                    flags.removal.rate = "1/1hrs";
                });
                ScriptedAgent first = ScriptedAgent.connect(MASTERS.client(), master.port());
                ScriptedAgent second = ScriptedAgent.connect(MASTERS.client(), master.port())) {
            first.register("cpus:1");
            second.register("cpus:1");
            ScriptedOperator operator = new ScriptedOperator(MASTERS.client(), master.port(), WireFormat.PROTOBUF);
            await().until(() -> operator.get("/slaves").path("slaves").size() == 2);
            first.close();
            second.close();
            await().until(() -> operator.get("/slaves").path("slaves").size() == 1
                    && operator.get("/slaves").at("/slaves/0").has("pending_removal"));
            JsonNode pending = operator.get("/state").at("/slaves/0/pending_removal");
            assertThat(pending.path("reason").asText())
                    .startsWith("it is disconnected and did not come back")
                    .contains("--agent-removal-rate-limit");
            assertThat(pending.path("since").asDouble()).isPositive();
            assertThat(operator.read(Call.Type.GET_AGENTS).getGetAgents().getPendingRemovalsList())
                    .singleElement()
                    .satisfies(told -> {
                        assertThat(told.getReason())
                                .isEqualTo(pending.path("reason").asText());
                        assertThat(told.getAgentId().getValue())
                                .isEqualTo(operator.get("/slaves")
                                        .at("/slaves/0/id")
                                        .asText());
                    });
            JsonNode metrics = operator.get("/metrics/snapshot");
            assertThat(metrics.path("master/slave_shutdowns_scheduled").asInt()).isEqualTo(2);
            assertThat(metrics.path("master/slave_shutdowns_completed").asInt()).isEqualTo(1);
            assertThat(metrics.path("master/slave_shutdowns_canceled").asInt()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void metricsOfFrameworksAreThereIfWanted(boolean wanted) throws Exception {
        FrameworkInfo info =
                FrameworkInfo.newBuilder().setUser("u").setName("counted").build();
        try (MasterServer master = MASTERS.start(flags -> flags.frameworkMetrics = wanted);
                ScriptedScheduler scheduler =
                        ScriptedScheduler.subscribe(MASTERS.client(), master.port(), WireFormat.JSON, info)) {
            await().until(() -> !scheduler.events.isEmpty());
            ScriptedOperator operator = new ScriptedOperator(MASTERS.client(), master.port(), WireFormat.JSON);
            String name = "master/frameworks/counted/" + scheduler.frameworkId().getValue() + "/subscribed";
            await().until(() -> operator.get("/metrics/snapshot")
                            .path("master/frameworks_active")
                            .asInt()
                    == 1);
            assertThat(operator.get("/metrics/snapshot").has(name)).isEqualTo(wanted);
        }
    }

    @Test
    void ofTooManyEventStreamsTheOldestEnds() throws Exception {
        try (MasterServer master = MASTERS.start(flags -> flags.maxSubscribers = 2);
                InputStream oldest = subscribe(master);
                InputStream second = subscribe(master)) {
            try (InputStream third = subscribe(master)) {
                assertThat(new String(oldest.readAllBytes(), StandardCharsets.UTF_8))
                        .contains("SUBSCRIBED");
                assertThat(third.read()).isPositive();
            }
            assertThat(second.read()).isPositive();
        }
    }

    private static InputStream subscribe(MasterServer master) throws IOException, InterruptedException {
        return MASTERS.client()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + master.port() + "/api/v1"))
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString("{\"type\":\"SUBSCRIBE\"}"))
                                .build(),
                        HttpResponse.BodyHandlers.ofInputStream())
                .body();
    }
}
