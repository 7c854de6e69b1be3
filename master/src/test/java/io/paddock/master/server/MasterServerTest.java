package io.paddock.master.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.platform.http.WireFormat;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.Filters;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The scheduler API over real HTTP, in both encodings, with an agent on a real WebSocket. */
class MasterServerTest {
    private static ActorSystem<Void> system;
    private static HttpClient client;
    private MasterServer master;
    private ScriptedAgent agent;

    @BeforeAll
    static void startSystem() {
        system = ActorSystem.create(Behaviors.empty(), "master-server-test");
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    @AfterAll
    static void stopSystem() {
        system.terminate();
    }

    @BeforeEach
    void startMaster() throws Exception {
        MasterOptions options = new MasterOptions();
        options.listen.port = 0;
        master = MasterServer.start(system, options).toCompletableFuture().get();
        await().until(() -> master.leadership().leading().isPresent());
        agent = ScriptedAgent.connect(client, master.port());
    }

    @AfterEach
    void stopMaster() {
        agent.close();
        master.close();
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void aTaskIsLaunchedRunsIsKilledAndForgotten(WireFormat format) {
        agent.register("cpus:4;mem:4096;ports:[31000-31009]");
        try (ScriptedScheduler scheduler = ScriptedScheduler.subscribe(client, master.port(), format, framework("a"))) {
            await().until(() -> !scheduler.offers().isEmpty());
            assertThat(scheduler.events.subList(0, 2))
                    .extracting(Event::getType)
                    .containsExactly(Event.Type.SUBSCRIBED, Event.Type.HEARTBEAT);
            Offer offer = scheduler.offers().get(0);
            assertThat(scheduler
                            .call(accept(offer, task("t1", offer, "cpus:1;mem:128")))
                            .statusCode())
                    .isEqualTo(202);
            await().until(() -> agent.launched().size() == 1);

            TaskID task = agent.launched().get(0).getTaskId();
            ByteString running = agent.update(scheduler.frameworkId(), task, TaskState.TASK_RUNNING);
            await().until(() -> scheduler.updates().size() == 1);
            TaskStatus status = scheduler.updates().get(0);
            assertThat(status.getState()).isEqualTo(TaskState.TASK_RUNNING);
            assertThat(status.getUuid()).isEqualTo(running);
            assertThat(scheduler.call(acknowledge(status)).statusCode()).isEqualTo(202);
            await().until(() -> agent.received(ToAgent.MessageCase.ACKNOWLEDGE).size() == 1);

            scheduler.call(
                    Call.newBuilder().setType(Call.Type.RECONCILE).setReconcile(Call.Reconcile.getDefaultInstance()));
            await().until(() -> scheduler.updates().size() == 2);
            assertThat(scheduler.updates().get(1).getReason()).isEqualTo(TaskStatus.Reason.REASON_RECONCILIATION);
            assertThat(scheduler.updates().get(1).hasUuid()).isFalse();

            scheduler.call(Call.newBuilder()
                    .setType(Call.Type.KILL)
                    .setKill(Call.Kill.newBuilder().setTaskId(task)));
            await().until(() -> agent.received(ToAgent.MessageCase.KILL_TASK).size() == 1);
            agent.update(scheduler.frameworkId(), task, TaskState.TASK_KILLED);
            await().until(() -> scheduler.updates().size() == 3);
            scheduler.call(acknowledge(scheduler.updates().get(2)));
            await().untilAsserted(() ->
                    assertThat(snapshot().frameworks().get(0).completedTasks()).hasSize(1));
            assertThat(snapshot().agents().get(0).used().isEmpty()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void declinedOffersComeBackAtReviveAndNotWhileSuppressed(WireFormat format) {
        agent.register("cpus:4;mem:4096");
        try (ScriptedScheduler scheduler = ScriptedScheduler.subscribe(client, master.port(), format, framework("a"))) {
            await().until(() -> scheduler.offers().size() == 1);
            scheduler.call(Call.newBuilder()
                    .setType(Call.Type.DECLINE)
                    .setDecline(Call.Decline.newBuilder()
                            .addOfferIds(scheduler.offers().get(0).getId())
                            .setFilters(Filters.newBuilder().setRefuseSeconds(3600))));
            scheduler.call(Call.newBuilder().setType(Call.Type.REVIVE));
            await().until(() -> scheduler.offers().size() == 2);
            scheduler.call(Call.newBuilder().setType(Call.Type.SUPPRESS));
            scheduler.call(Call.newBuilder()
                    .setType(Call.Type.DECLINE)
                    .setDecline(Call.Decline.newBuilder()
                            .addOfferIds(scheduler.offers().get(1).getId())
                            .setFilters(Filters.newBuilder().setRefuseSeconds(0))));
            await().untilAsserted(() ->
                    assertThat(snapshot().agents().get(0).offers()).isEmpty());
            scheduler.call(Call.newBuilder().setType(Call.Type.REVIVE));
            await().until(() -> scheduler.offers().size() == 3);
        }
    }

    @Test
    void teardownRemovesTheFrameworkAndItsTasks() {
        agent.register("cpus:4;mem:4096");
        try (ScriptedScheduler scheduler =
                ScriptedScheduler.subscribe(client, master.port(), WireFormat.JSON, framework("a"))) {
            await().until(() -> !scheduler.offers().isEmpty());
            Offer offer = scheduler.offers().get(0);
            scheduler.call(accept(offer, task("t1", offer, "cpus:1;mem:128")));
            await().until(() -> agent.launched().size() == 1);
            assertThat(scheduler
                            .call(Call.newBuilder().setType(Call.Type.TEARDOWN))
                            .statusCode())
                    .isEqualTo(202);
            await().until(() -> scheduler.ended);
            await().until(() ->
                    agent.received(ToAgent.MessageCase.SHUTDOWN_FRAMEWORK).size() == 1);
            await().untilAsserted(
                            () -> assertThat(snapshot().completedFrameworks()).hasSize(1));
            FrameworkInfo again =
                    framework("a").toBuilder().setId(scheduler.frameworkId()).build();
            try (ScriptedScheduler late = ScriptedScheduler.subscribe(client, master.port(), WireFormat.JSON, again)) {
                await().until(() -> late.ended);
                assertThat(late.events.get(0).getError().getMessage()).isEqualTo("Framework has been removed");
            }
        }
    }

    @Test
    void twoFrameworksShareTheClusterFairly() {
        List<ScriptedAgent> agents = new ArrayList<>(List.of(agent));
        try (ScriptedScheduler one =
                        ScriptedScheduler.subscribe(client, master.port(), WireFormat.JSON, framework("a"));
                ScriptedScheduler other =
                        ScriptedScheduler.subscribe(client, master.port(), WireFormat.PROTOBUF, framework("b"))) {
            for (int i = 0; i < 3; i++) {
                agents.add(ScriptedAgent.connect(client, master.port()));
            }
            agents.forEach(each -> each.register("cpus:1;mem:1024"));
            await().untilAsserted(() -> assertThat(snapshot().frameworks())
                    .hasSize(2)
                    .allSatisfy(f -> assertThat(f.offered().scalar("cpus")).isEqualTo(2.0)));
            await().untilAsserted(() -> assertThat(one.offers()).hasSize(2));
            await().untilAsserted(() -> assertThat(other.offers()).hasSize(2));
        } finally {
            agents.forEach(ScriptedAgent::close);
        }
    }

    @Test
    void badRequestsAreRefusedAndChangeNothing() throws Exception {
        agent.register("cpus:4;mem:4096");
        try (ScriptedScheduler scheduler =
                ScriptedScheduler.subscribe(client, master.port(), WireFormat.JSON, framework("a"))) {
            await().until(() -> !scheduler.offers().isEmpty());
            Call.Builder revive = Call.newBuilder().setType(Call.Type.REVIVE);
            assertThat(scheduler.call(revive, "").statusCode()).isEqualTo(400);
            assertThat(scheduler.call(revive, "wrong").statusCode()).isEqualTo(400);
            assertThat(scheduler
                            .call(Call.newBuilder().setType(Call.Type.ACCEPT))
                            .body())
                    .contains("accept: expecting it to be present");
            assertThat(scheduler
                            .call(Call.newBuilder().setType(Call.Type.UNKNOWN))
                            .statusCode())
                    .isEqualTo(501);
            assertThat(post("/api/v1/scheduler", "application/json", "{").statusCode())
                    .isEqualTo(400);
            assertThat(post("/api/v1/scheduler", "text/plain", "{}").statusCode())
                    .isEqualTo(415);
            assertThat(post("/api/v1/scheduler", "application/json", "{\"type\":\"REVIVE\"}")
                            .body())
                    .contains("Framework cannot be found");
            HttpResponse<String> badRole = post(
                    "/api/v1/scheduler",
                    "application/json",
                    "{\"type\":\"SUBSCRIBE\",\"subscribe\":{\"framework_info\":{\"user\":\"u\",\"name\":\"n\","
                            + "\"role\":\"a b\"}}}");
            assertThat(badRole.statusCode()).isEqualTo(400);
            assertThat(badRole.body()).contains("subscribe.framework_info.role");
            assertThat(snapshot().frameworks()).hasSize(1);
            assertThat(snapshot().agents().get(0).offers()).hasSize(1);
        }
    }

    @Test
    void operatorsTearDownDeactivateAndAskWhy() throws Exception {
        agent.register("cpus:4;mem:4096");
        try (ScriptedScheduler scheduler =
                ScriptedScheduler.subscribe(client, master.port(), WireFormat.JSON, framework("a"))) {
            await().until(() -> !scheduler.offers().isEmpty());
            String agentId = scheduler.offers().get(0).getAgentId().getValue();
            assertThat(post(
                                    "/api/v1",
                                    "application/json",
                                    "{\"type\":\"DEACTIVATE_AGENT\",\"deactivate_agent\":{\"agent_id\":{\"value\":\""
                                            + agentId + "\"}}}")
                            .statusCode())
                    .isEqualTo(200);
            await().until(() -> scheduler.events(Event.Type.RESCIND).size() == 1);
            String id = scheduler.frameworkId().getValue();
            HttpResponse<String> why = get("/offers/why?framework=" + id);
            assertThat(why.body()).contains("AGENT_DEACTIVATED");
            assertThat(post("/master/teardown", "application/x-www-form-urlencoded", "frameworkId=" + id)
                            .statusCode())
                    .isEqualTo(200);
            await().until(() -> scheduler.ended);
            assertThat(post("/teardown", "application/x-www-form-urlencoded", "frameworkId=" + id)
                            .statusCode())
                    .isEqualTo(400);
        }
    }

    @Test
    void aSecondSubscriptionOfAFrameworkWins() {
        agent.register("cpus:4;mem:4096");
        try (ScriptedScheduler first =
                ScriptedScheduler.subscribe(client, master.port(), WireFormat.JSON, framework("a"))) {
            await().until(() -> !first.offers().isEmpty());
            FrameworkInfo known =
                    framework("a").toBuilder().setId(first.frameworkId()).build();
            try (ScriptedScheduler second =
                    ScriptedScheduler.subscribe(client, master.port(), WireFormat.PROTOBUF, known)) {
                await().until(() -> first.ended);
                assertThat(first.events.get(first.events.size() - 1).getError().getMessage())
                        .isEqualTo("Framework failed over");
                assertThat(first.events(Event.Type.RESCIND)).isEmpty();
                await().until(() -> !second.offers().isEmpty());
            }
            await().untilAsserted(() ->
                    assertThat(snapshot().frameworks().get(0).connected()).isFalse());
        }
    }

    @Test
    void anAgentComesBackWithItsTasks() {
        agent.register("cpus:4;mem:4096");
        try (ScriptedScheduler scheduler =
                ScriptedScheduler.subscribe(client, master.port(), WireFormat.JSON, framework("a"))) {
            await().until(() -> !scheduler.offers().isEmpty());
            Offer offer = scheduler.offers().get(0);
            scheduler.call(accept(offer, task("t1", offer, "cpus:1;mem:128")));
            await().until(() -> agent.launched().size() == 1);
            await().until(() -> snapshot().agents().get(0).tasks().size() == 1);
            agent.close();
            await().until(() -> !snapshot().agents().get(0).connected());
            try (ScriptedAgent again = ScriptedAgent.connect(client, master.port())) {
                again.reregister(
                        offer.getAgentId().getValue(),
                        "cpus:4;mem:4096",
                        List.of(snapshot().frameworks().get(0).info()),
                        snapshot().agents().get(0).tasks());
                await().until(() -> snapshot().agents().get(0).connected());
                assertThat(snapshot().agents().get(0).used().scalar("cpus")).isEqualTo(1.0);
                await().until(() -> scheduler.offers().size() == 2);
                assertThat(Resources.EMPTY
                                .plus(ResourceMessages.fromMessages(
                                        scheduler.offers().get(1).getResourcesList()))
                                .scalar("cpus"))
                        .isEqualTo(3.0);
            }
        }
    }

    private ClusterSnapshot snapshot() {
        return master.leadership().leading().orElseThrow().current();
    }

    private static FrameworkInfo framework(String role) {
        return FrameworkInfo.newBuilder()
                .setUser("root")
                .setName("test-" + role)
                .setFailoverTimeout(60)
                .addRoles(role)
                .addCapabilities(
                        FrameworkInfo.Capability.newBuilder().setType(FrameworkInfo.Capability.Type.MULTI_ROLE))
                .build();
    }

    static TaskInfo task(String id, Offer offer, String resources) {
        return TaskInfo.newBuilder()
                .setName(id)
                .setTaskId(TaskID.newBuilder().setValue(id))
                .setAgentId(offer.getAgentId())
                .setCommand(CommandInfo.newBuilder().setValue("sleep 1000"))
                .addAllResources(ResourceMessages.toMessages(Resources.parse(resources)))
                .build();
    }

    static Call.Builder accept(Offer offer, TaskInfo... tasks) {
        return Call.newBuilder()
                .setType(Call.Type.ACCEPT)
                .setAccept(Call.Accept.newBuilder()
                        .addOfferIds(offer.getId())
                        .addOperations(Offer.Operation.newBuilder()
                                .setType(Offer.Operation.Type.LAUNCH)
                                .setLaunch(Offer.Operation.Launch.newBuilder().addAllTaskInfos(List.of(tasks)))));
    }

    static Call.Builder acknowledge(TaskStatus status) {
        return Call.newBuilder()
                .setType(Call.Type.ACKNOWLEDGE)
                .setAcknowledge(Call.Acknowledge.newBuilder()
                        .setAgentId(AgentID.newBuilder()
                                .setValue(status.getAgentId().getValue()))
                        .setTaskId(status.getTaskId())
                        .setUuid(status.getUuid()));
    }

    private HttpResponse<String> post(String path, String type, String body) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + master.port() + path))
                        .header("Content-Type", type)
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + master.port() + path))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
