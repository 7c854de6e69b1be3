package io.paddock.master.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.paddock.common.resources.Disk;
import io.paddock.common.resources.Quantity;
import io.paddock.common.resources.Reservation;
import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import io.paddock.platform.http.WireFormat;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.DrainState;
import io.paddock.proto.v1.DurationInfo;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.Value;
import io.paddock.proto.v1.WeightInfo;
import io.paddock.proto.v1.master.Call;
import io.paddock.proto.v1.master.Event;
import io.paddock.proto.v1.master.Response;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every call of the master's operator API over real HTTP, in JSON and in protobuf: what it does when it is good, and how it is
 * refused when it is not. Quota and maintenance have tests of their own.
 */
class OperatorContractTest {
    @TempDir
    static Path logs;

    private static ActorSystem<Void> system;
    private static HttpClient client;
    private static MasterServer master;

    private ScriptedAgent agent;
    private String agentId;
    private ScriptedOperator operator;

    @BeforeAll
    static void startMaster() throws Exception {
        system = ActorSystem.create(Behaviors.empty(), "operator-contract");
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        MasterOptions options = new MasterOptions();
        options.listen.port = 0;
        options.logging.logDir = logs;
        master = MasterServer.start(system, options).toCompletableFuture().get();
        await().until(() -> master.leadership().leading().isPresent());
    }

    @AfterAll
    static void stopMaster() {
        master.close();
        system.terminate();
    }

    @AfterEach
    void agentGoes() {
        if (agent != null) {
            agent.close();
        }
    }

    private void start(WireFormat format) {
        operator = new ScriptedOperator(client, master.port(), format);
        agent = ScriptedAgent.connect(client, master.port());
        agent.registerWithFeedback("cpus:4;mem:1024;disk:1000");
        await().until(() -> !agent.received(ToAgent.MessageCase.REGISTERED).isEmpty());
        agentId = agent.received(ToAgent.MessageCase.REGISTERED)
                .get(0)
                .getRegistered()
                .getAgentId()
                .getValue();
    }

    private AgentID id() {
        return id(agentId);
    }

    private static AgentID id(String value) {
        return AgentID.newBuilder().setValue(value).build();
    }

    private static Call.Builder call(Call.Type type) {
        return Call.newBuilder().setType(type);
    }

    private void answered(int status, Call.Builder call) {
        HttpResponse<String> response = operator.call(call);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.body()).isEmpty();
    }

    private void refused(int status, String why, Call.Builder call) {
        HttpResponse<String> response = operator.call(call);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.body()).contains(why);
    }

    // --- reads ---

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void everyReadIsAnsweredWithItsOwnPart(WireFormat format) {
        start(format);
        for (Call.Type type : Call.Type.values()) {
            if (!type.name().startsWith("GET_") || type == Call.Type.GET_METRICS) {
                continue;
            }
            Response response = operator.read(type);
            assertThat(response.getType().name()).isEqualTo(type.name());
            FieldDescriptor part =
                    Response.getDescriptor().findFieldByName(type.name().toLowerCase(Locale.ROOT));
            // Mesos leaves the part out while there are no weights.
            assertThat(response.hasField(part)).as("%s", type).isEqualTo(type != Call.Type.GET_WEIGHTS);
        }
        assertThat(operator.read(Call.Type.GET_AGENTS).getGetAgents().getAgentsList())
                .anyMatch(known -> known.getAgentInfo().getId().equals(id()));
        HttpResponse<String> metrics =
                operator.call(call(Call.Type.GET_METRICS).setGetMetrics(Call.GetMetrics.getDefaultInstance()));
        assertThat(metrics.body()).contains("master/slaves_active");
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void theArgumentsOfTheTypeMustBeThere(WireFormat format) {
        start(format);
        Set<Call.Type> optional = EnumSet.of(Call.Type.EXPLAIN_OFFERS);
        for (Call.Type type : Call.Type.values()) {
            String part = type.name().toLowerCase(Locale.ROOT);
            if (Call.getDescriptor().findFieldByName(part) != null && !optional.contains(type)) {
                refused(400, part + ": expecting it to be present", call(type));
            }
        }
        refused(501, "UNKNOWN", call(Call.Type.UNKNOWN));
        refused(400, "type", Call.newBuilder());
    }

    private static URI uri(String path) {
        return URI.create("http://127.0.0.1:" + master.port() + path);
    }

    private static HttpResponse<String> raw(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void methodAndMediaTypesAreNegotiated() throws Exception {
        for (String path : List.of("/api/v1", "/master/api/v1")) {
            HttpRequest.BodyPublisher body = HttpRequest.BodyPublishers.ofString("{\"type\":\"GET_HEALTH\"}");
            assertThat(raw(HttpRequest.newBuilder(uri(path))).statusCode()).isEqualTo(405);
            assertThat(raw(HttpRequest.newBuilder(uri(path)).POST(body)).statusCode())
                    .isEqualTo(400);
            assertThat(raw(HttpRequest.newBuilder(uri(path)).POST(body).header("Content-Type", "text/plain"))
                            .statusCode())
                    .isEqualTo(415);
            HttpRequest.Builder json =
                    HttpRequest.newBuilder(uri(path)).POST(body).header("Content-Type", "application/json");
            assertThat(raw(json.copy().header("Accept", "text/html")).statusCode())
                    .isEqualTo(406);
            for (String accept : List.of("*/*", "application/*", "application/x-protobuf, application/json")) {
                assertThat(raw(json.copy().header("Accept", accept)).headers().firstValue("Content-Type"))
                        .contains("application/json");
            }
            assertThat(raw(json.copy().header("Accept", "application/x-protobuf"))
                            .headers()
                            .firstValue("Content-Type"))
                    .contains("application/x-protobuf");
            assertThat(raw(json.copy().header("Accept", "application/json;q=0, application/x-protobuf"))
                            .headers()
                            .firstValue("Content-Type"))
                    .contains("application/x-protobuf");
            HttpRequest.BodyPublisher garbage = HttpRequest.BodyPublishers.ofString("{\"type\":[]}");
            assertThat(raw(json.copy().POST(garbage)).statusCode()).isEqualTo(400);
        }
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void subscribersSeeTheStateAndThenWhatHappens(WireFormat format) throws Exception {
        start(format);
        HttpResponse<InputStream> response = client.send(
                ScriptedScheduler.request(
                                uri("/api/v1"),
                                format,
                                call(Call.Type.SUBSCRIBE).build())
                        .build(),
                HttpResponse.BodyHandlers.ofInputStream());
        assertThat(response.headers().firstValue("Content-Type")).contains(format.mediaType());
        try (InputStream in = response.body()) {
            Event first = next(in, format);
            assertThat(first.getType()).isEqualTo(Event.Type.SUBSCRIBED);
            assertThat(first.getSubscribed().getHeartbeatIntervalSeconds()).isEqualTo(15);
            assertThat(first.getSubscribed().getGetState().getGetAgents().getAgentsCount())
                    .isPositive();
            assertThat(next(in, format).getType()).isEqualTo(Event.Type.HEARTBEAT);
            try (ScriptedScheduler scheduler =
                    ScriptedScheduler.subscribe(client, master.port(), format, framework("seen"))) {
                awaitNext(in, format, Event.Type.FRAMEWORK_ADDED);
                await().until(() -> !scheduler.events.isEmpty());
                io.paddock.proto.v1.scheduler.Call.Builder renamed = io.paddock.proto.v1.scheduler.Call.newBuilder()
                        .setType(io.paddock.proto.v1.scheduler.Call.Type.UPDATE_FRAMEWORK);
                renamed.getUpdateFrameworkBuilder()
                        .setFrameworkInfo(framework("seen").toBuilder()
                                .setId(scheduler.frameworkId())
                                .setName("renamed"));
                assertThat(scheduler.call(renamed).statusCode()).isEqualTo(200);
                assertThat(awaitNext(in, format, Event.Type.FRAMEWORK_UPDATED)
                                .getFrameworkUpdated()
                                .getFramework()
                                .getFrameworkInfo()
                                .getName())
                        .isEqualTo("renamed");
                answered(200, teardown(scheduler.frameworkId().getValue()));
                assertThat(awaitNext(in, format, Event.Type.FRAMEWORK_REMOVED)
                                .getFrameworkRemoved()
                                .getFrameworkInfo()
                                .getId())
                        .isEqualTo(scheduler.frameworkId());
            }
            answered(200, gone(agentId));
            assertThat(awaitNext(in, format, Event.Type.AGENT_REMOVED)
                            .getAgentRemoved()
                            .getAgentId())
                    .isEqualTo(id());
        }
    }

    private static Event awaitNext(InputStream in, WireFormat format, Event.Type type) throws Exception {
        Event event = next(in, format);
        while (event.getType() != type) {
            event = next(in, format);
        }
        return event;
    }

    private static Event next(InputStream in, WireFormat format) throws Exception {
        int length = 0;
        for (int b = in.read(); b != '\n'; b = in.read()) {
            length = 10 * length + b - '0';
        }
        return format.decode(in.readNBytes(length), Event.getDefaultInstance());
    }

    private static FrameworkInfo framework(String role) {
        FrameworkInfo.Builder info = FrameworkInfo.newBuilder()
                .setUser("root")
                .setName("contract")
                .setFailoverTimeout(60)
                .addRoles(role);
        info.addCapabilitiesBuilder().setType(FrameworkInfo.Capability.Type.MULTI_ROLE);
        info.addCapabilitiesBuilder().setType(FrameworkInfo.Capability.Type.RESERVATION_REFINEMENT);
        return info.build();
    }

    // --- logs and levels ---

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void theLevelOfLoggingIsChangedForAWhile(WireFormat format) throws Exception {
        start(format);
        try {
            answered(200, level(1, 3_600_000_000_000L));
            assertThat(operator.read(Call.Type.GET_LOGGING_LEVEL)
                            .getGetLoggingLevel()
                            .getLevel())
                    .isEqualTo(1);
            assertThat(raw(HttpRequest.newBuilder(uri("/logging/toggle"))).body())
                    .isEqualTo("1\n");
            refused(400, "duration", level(2, -1));
            assertThat(raw(HttpRequest.newBuilder(uri("/logging/toggle?level=2&duration=1hrs")))
                            .statusCode())
                    .isEqualTo(200);
            assertThat(operator.read(Call.Type.GET_LOGGING_LEVEL)
                            .getGetLoggingLevel()
                            .getLevel())
                    .isEqualTo(2);
            for (String bad : List.of("level=1", "duration=1secs", "level=x&duration=1secs", "level=1&duration=x")) {
                assertThat(raw(HttpRequest.newBuilder(uri("/logging/toggle?" + bad)))
                                .statusCode())
                        .as(bad)
                        .isEqualTo(400);
            }
        } finally {
            operator.call(level(0, 0));
        }
    }

    private static Call.Builder level(int level, long nanoseconds) {
        return call(Call.Type.SET_LOGGING_LEVEL)
                .setSetLoggingLevel(Call.SetLoggingLevel.newBuilder()
                        .setLevel(level)
                        .setDuration(DurationInfo.newBuilder().setNanoseconds(nanoseconds)));
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void theLogIsAFileThatCanBeRead(WireFormat format) throws Exception {
        start(format);
        HttpResponse<String> read = operator.call(read("/master/log", 0));
        assertThat(read.statusCode()).isEqualTo(200);
        Response few = operator.answer(call(Call.Type.READ_FILE)
                .setReadFile(Call.ReadFile.newBuilder()
                        .setPath("/master/log")
                        .setOffset(2)
                        .setLength(3)));
        assertThat(few.getReadFile().getData().size()).isEqualTo(3);
        assertThat(few.getReadFile().getSize()).isGreaterThan(5);
        String text = raw(HttpRequest.newBuilder(uri("/files/download?path=/master/log")))
                .body();
        assertThat(text).contains("Master").contains("leads");
        assertThat(raw(HttpRequest.newBuilder(uri("/files/read?path=master/log&offset=0&length=4")))
                        .body())
                .isEqualTo("{\"data\":\"" + text.substring(0, 4) + "\",\"offset\":0}");
        assertThat(raw(HttpRequest.newBuilder(uri("/files/debug.json"))).body()).contains("/master/log");
        refused(404, "path", read("/etc/passwd", 0));
        refused(404, "path", read("/master/../etc/passwd", 0));
        refused(
                404,
                "directory",
                call(Call.Type.LIST_FILES)
                        .setListFiles(Call.ListFiles.newBuilder().setPath("/master/log")));
        assertThat(raw(HttpRequest.newBuilder(uri("/files/browse?path=/"))).statusCode())
                .isEqualTo(404);
        assertThat(raw(HttpRequest.newBuilder(uri("/files/read"))).statusCode()).isEqualTo(400);
        assertThat(raw(HttpRequest.newBuilder(uri("/state"))).body()).contains("\"log_dir\":\"" + logs + "\"");
    }

    private static Call.Builder read(String path, long offset) {
        return call(Call.Type.READ_FILE)
                .setReadFile(Call.ReadFile.newBuilder().setPath(path).setOffset(offset));
    }

    // --- agents ---

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void agentsAreDeactivatedDrainedReactivatedAndGone(WireFormat format) {
        start(format);
        refused(400, "none", deactivate("none"));
        refused(400, "none", reactivate("none"));
        refused(400, "none", drain("none", 0));
        refused(404, "none", gone("none"));
        refused(400, "max_grace_period", drain(agentId, -1));
        refused(400, agentId, reactivate(agentId));
        refused(
                400,
                "mark_agent_gone.agent_id",
                call(Call.Type.MARK_AGENT_GONE).setMarkAgentGone(Call.MarkAgentGone.getDefaultInstance()));

        answered(200, deactivate(agentId));
        answered(200, reactivate(agentId));
        // What is pending has to end before the agent is drained.
        answered(202, reserve(agentId, reserved(100)));
        answered(200, drain(agentId, 3));
        refused(400, "still draining", reactivate(agentId));
        JsonNode told = operator.get("/slaves?slave_id=" + agentId).at("/slaves/0");
        assertThat(told.at("/drain_info/state").textValue()).isEqualTo("DRAINING");
        assertThat(told.at("/drain_info/config/max_grace_period/nanoseconds").longValue())
                .isEqualTo(3_000_000_000L);
        assertThat(told.path("deactivated").booleanValue()).isTrue();
        assertThat(operator.read(Call.Type.GET_AGENTS).getGetAgents().getAgentsList())
                .filteredOn(known -> known.getAgentInfo().getId().equals(id()))
                .singleElement()
                .satisfies(known -> assertThat(known.getDrainInfo().getState()).isEqualTo(DrainState.DRAINING));
        await().until(() -> agent.received(ToAgent.MessageCase.DRAIN).stream()
                .anyMatch(m -> m.getDrain().getConfig().getMaxGracePeriod().getNanoseconds() == 3_000_000_000L));
        await().until(() -> !agent.received(ToAgent.MessageCase.APPLY_OPERATION).isEmpty());
        agent.operationsFinished();
        await().until(() -> operator.call(reactivate(agentId)).statusCode() == 200);
        assertThat(operator.get("/slaves?slave_id=" + agentId).at("/slaves/0").has("drain_info"))
                .isFalse();
        answered(200, gone(agentId));
        answered(200, gone(agentId));
        await().until(() -> !agent.received(ToAgent.MessageCase.SHUTDOWN).isEmpty());
        refused(409, "gone", deactivate(agentId));
        refused(409, "gone", drain(agentId, 0));
        refused(409, "gone", reactivate(agentId));
    }

    private static Call.Builder deactivate(String agent) {
        return call(Call.Type.DEACTIVATE_AGENT)
                .setDeactivateAgent(Call.DeactivateAgent.newBuilder().setAgentId(id(agent)));
    }

    private static Call.Builder reactivate(String agent) {
        return call(Call.Type.REACTIVATE_AGENT)
                .setReactivateAgent(Call.ReactivateAgent.newBuilder().setAgentId(id(agent)));
    }

    private static Call.Builder gone(String agent) {
        return call(Call.Type.MARK_AGENT_GONE)
                .setMarkAgentGone(Call.MarkAgentGone.newBuilder().setAgentId(id(agent)));
    }

    private static Call.Builder drain(String agent, long seconds) {
        return call(Call.Type.DRAIN_AGENT)
                .setDrainAgent(Call.DrainAgent.newBuilder()
                        .setAgentId(id(agent))
                        .setMaxGracePeriod(
                                com.google.protobuf.Duration.newBuilder().setSeconds(seconds)));
    }

    // --- frameworks and weights ---

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void frameworksAreTornDown(WireFormat format) {
        start(format);
        refused(400, "none", teardown("none"));
        try (ScriptedScheduler scheduler =
                ScriptedScheduler.subscribe(client, master.port(), format, framework("doomed"))) {
            await().until(() -> !scheduler.events.isEmpty());
            answered(200, teardown(scheduler.frameworkId().getValue()));
            await().until(() -> scheduler.ended);
        }
    }

    private static Call.Builder teardown(String framework) {
        return call(Call.Type.TEARDOWN)
                .setTeardown(Call.Teardown.newBuilder()
                        .setFrameworkId(FrameworkID.newBuilder().setValue(framework)));
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void weightsAreUpdatedAllOrNone(WireFormat format) {
        start(format);
        WeightInfo good = weight("w", 3);
        refused(400, "weight", weights(good, weight("x", 0)));
        refused(400, "weight", weights(good, weight("x", -1)));
        refused(400, "role", weights(good, weight("a//b", 1)));
        refused(400, "twice", weights(good, good));
        refused(400, "weight", weights(good, weight("x", Double.POSITIVE_INFINITY)));
        refused(400, "role", weights(good, weight("", 1)));
        refused(400, "must not be empty", weights());
        assertThat(operator.read(Call.Type.GET_WEIGHTS).getGetWeights().getWeightInfosList())
                .noneMatch(info -> info.getRole().equals("w" + format));
        answered(200, weights(weight("w" + format, 3)));
        await().until(() -> operator.read(Call.Type.GET_WEIGHTS).getGetWeights().getWeightInfosList().stream()
                .anyMatch(info -> info.getRole().equals("w" + format) && info.getWeight() == 3));
        answered(200, weights(weight("w" + format, 1)));
    }

    private static WeightInfo weight(String role, double weight) {
        return WeightInfo.newBuilder().setRole(role).setWeight(weight).build();
    }

    private static Call.Builder weights(WeightInfo... infos) {
        return call(Call.Type.UPDATE_WEIGHTS)
                .setUpdateWeights(Call.UpdateWeights.newBuilder().addAllWeightInfos(List.of(infos)));
    }

    // --- reservations and volumes ---

    private static Resources reserved(double mb) {
        return Resources.of(
                ResourceKey.of("disk")
                        .withReservations(List.of(new Reservation(Reservation.Type.DYNAMIC, "db", "ops", List.of()))),
                Quantity.Scalar.of(mb));
    }

    private static Resources volume(double mb) {
        return reserved(mb)
                .mapKeys(key -> key.withDisk(
                        new Disk(new Disk.Persistence("v", null), new Disk.Volume("RW", "data", null), null)));
    }

    private static List<Resource> messages(Resources resources) {
        return ResourceMessages.toMessages(resources);
    }

    private static Call.Builder reserve(String agent, Resources resources) {
        return call(Call.Type.RESERVE_RESOURCES)
                .setReserveResources(
                        Call.ReserveResources.newBuilder().setAgentId(id(agent)).addAllResources(messages(resources)));
    }

    private static Call.Builder unreserve(String agent, Resources resources) {
        return call(Call.Type.UNRESERVE_RESOURCES)
                .setUnreserveResources(Call.UnreserveResources.newBuilder()
                        .setAgentId(id(agent))
                        .addAllResources(messages(resources)));
    }

    private static Call.Builder create(String agent, Resources volumes) {
        return call(Call.Type.CREATE_VOLUMES)
                .setCreateVolumes(
                        Call.CreateVolumes.newBuilder().setAgentId(id(agent)).addAllVolumes(messages(volumes)));
    }

    private static Call.Builder destroy(String agent, Resources volumes) {
        return call(Call.Type.DESTROY_VOLUMES)
                .setDestroyVolumes(
                        Call.DestroyVolumes.newBuilder().setAgentId(id(agent)).addAllVolumes(messages(volumes)));
    }

    private static Call.Builder grow(String agent, Resources volume, Resources addition) {
        return call(Call.Type.GROW_VOLUME)
                .setGrowVolume(Call.GrowVolume.newBuilder()
                        .setAgentId(id(agent))
                        .setVolume(messages(volume).get(0))
                        .setAddition(messages(addition).get(0)));
    }

    private static Call.Builder shrink(String agent, Resources volume, double mb) {
        return call(Call.Type.SHRINK_VOLUME)
                .setShrinkVolume(Call.ShrinkVolume.newBuilder()
                        .setAgentId(id(agent))
                        .setVolume(messages(volume).get(0))
                        .setSubtract(Value.Scalar.newBuilder().setValue(mb)));
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void reservationsAndVolumesGoToTheAgentOrAreRefused(WireFormat format) {
        start(format);
        Resources plain = Resources.parse("disk:10");
        refused(400, "none", reserve("none", reserved(10)));
        refused(400, "reserve_resources", reserve(agentId, plain));
        refused(409, "unused", reserve(agentId, reserved(5000)));
        refused(400, "unreserve_resources", unreserve(agentId, plain));
        refused(409, "unused", unreserve(agentId, reserved(10)));
        refused(400, "create_volumes", create(agentId, reserved(10)));
        refused(409, "unused", create(agentId, volume(10)));
        refused(400, "destroy_volumes", destroy(agentId, reserved(10)));
        refused(409, "unused", destroy(agentId, volume(10)));
        refused(400, "grow_volume", grow(agentId, reserved(10), reserved(1)));
        refused(409, "unused", grow(agentId, volume(10), reserved(1)));
        refused(400, "shrink_volume", shrink(agentId, reserved(10), 1));
        refused(409, "unused", shrink(agentId, volume(10), 1));
        assertThat(agent.received(ToAgent.MessageCase.APPLY_OPERATION)).isEmpty();

        answered(202, reserve(agentId, reserved(100)));
        answered(202, create(agentId, volume(50)));
        answered(202, grow(agentId, volume(50), reserved(10)));
        answered(202, shrink(agentId, volume(60), 20));
        refused(400, "destroy it first", unreserve(agentId, volume(40)));
        answered(202, destroy(agentId, volume(40)));
        Call.Builder moved = reserve(
                agentId,
                reserved(100)
                        .mapKeys(key -> key.withReservations(
                                List.of(new Reservation(Reservation.Type.DYNAMIC, "web", "ops", List.of())))));
        moved.getReserveResourcesBuilder().addAllSource(messages(reserved(100)));
        answered(202, moved);
        answered(
                202,
                unreserve(
                        agentId,
                        ResourceMessages.fromMessages(
                                moved.getReserveResources().getResourcesList())));
        await().until(() -> agent.received(ToAgent.MessageCase.APPLY_OPERATION).size() == 7);
        await().until(() -> operator.read(Call.Type.GET_OPERATIONS).getGetOperations().getOperationsList().stream()
                        .filter(operation -> operation.getAgentId().equals(id()))
                        .count()
                == 7);
        // What is pending because the agent has not answered shows among the metrics, by kind.
        JsonNode metrics = operator.get("/metrics/snapshot");
        assertThat(metrics.path("master/operations/total").asInt()).isEqualTo(7);
        assertThat(metrics.path("master/operations/pending").asInt()).isEqualTo(7);
        assertThat(metrics.path("master/operations/reserve/pending").asInt()).isEqualTo(2);
        assertThat(metrics.path("master/operations/destroy/finished").asInt(-1)).isZero();
    }
}
