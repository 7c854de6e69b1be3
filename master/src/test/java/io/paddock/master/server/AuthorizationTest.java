package io.paddock.master.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.paddock.common.authorization.Action;
import io.paddock.master.testing.FakeAgent;
import io.paddock.platform.http.WireFormat;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.io.IOException;
import java.io.InputStream;
import java.net.Authenticator;
import java.net.PasswordAuthentication;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A master with a rule for every action: {@code bad} may do nothing, the others may not do what their name says. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AuthorizationTest {
    private static final List<String> PRINCIPALS =
            List.of("good", "bad", "no-launch", "no-frameworks", "no-tasks", "no-executors", "no-roles", "one-role");

    private ActorSystem<Void> system;
    private MasterServer master;
    private FakeAgent agent;
    private ScriptedScheduler framework;
    private Path acls;

    @BeforeAll
    void start(@TempDir Path dir) throws Exception {
        system = ActorSystem.create(Behaviors.empty(), "authorization-test");
        MasterOptions options = new MasterOptions();
        options.listen.port = 0;
        options.listen.security.credentials = Files.writeString(
                dir.resolve("credentials"),
                PRINCIPALS.stream()
                        .map(principal -> "{\"principal\":\"" + principal + "\",\"secret\":\"s\"}")
                        .collect(Collectors.joining(",", "{\"credentials\":[", "]}")));
        acls = Files.writeString(dir.resolve("acls"), rules());
        options.security.acls = acls.toString();
        options.security.authenticateAgents = false;
        master = MasterServer.start(system, options).toCompletableFuture().get();
        await().until(() -> master.leadership().leading().isPresent());
        agent = FakeAgent.start(master.port(), "cpus:8;mem:16384;disk:102400;ports:[31000-32000]");
        framework = subscribe("good", "web");
        await().until(() -> !framework.offers().isEmpty());
        framework.call(Call.newBuilder().setType(Call.Type.SUPPRESS)); // leaves the rest to others
        launch(framework, framework.offers().get(0), "t1");
        await().until(() -> framework.updates().stream().anyMatch(s -> s.getState() == TaskState.TASK_RUNNING));
    }

    @AfterAll
    void stop() {
        agent.close();
        framework.close();
        master.close();
        system.terminate();
    }

    private static String rule(Action action, String principal) {
        return "{\"principals\":{\"values\":[\"" + principal + "\"]},\""
                + action.objects().key() + "\":{\"type\":\"NONE\"}}";
    }

    private static String rules() {
        return Stream.of(Action.values())
                .map(action -> {
                    List<String> rules = new ArrayList<>(List.of(rule(action, "bad")));
                    switch (action) {
                        case RUN_TASKS, RESERVE_RESOURCES -> rules.add(rule(action, "no-launch"));
                        case REGISTER_FRAMEWORKS -> {
                            rules.add("{\"principals\":{\"values\":[\"one-role\"]},\"roles\":{\"values\":[\"one\"]}}");
                            rules.add(rule(action, "one-role"));
                        }
                        case VIEW_FRAMEWORKS -> rules.add(rule(action, "no-frameworks"));
                        case VIEW_TASKS -> rules.add(rule(action, "no-tasks"));
                        case VIEW_EXECUTORS -> rules.add(rule(action, "no-executors"));
                        case VIEW_ROLES, GET_QUOTAS -> rules.add(rule(action, "no-roles"));
                        default -> {
                            // only bad is refused
                        }
                    }
                    return "\"" + action.key() + "\":" + rules;
                })
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static HttpClient client(String principal) {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .authenticator(new Authenticator() {
                    @Override
                    protected PasswordAuthentication getPasswordAuthentication() {
                        return new PasswordAuthentication(principal, "s".toCharArray());
                    }
                })
                .build();
    }

    private ScriptedScheduler subscribe(String principal, String role) {
        return ScriptedScheduler.subscribe(
                client(principal),
                master.port(),
                WireFormat.JSON,
                JsonCodec.fromJson(
                        ("{\"user\":\"web\",\"name\":\"f\",\"roles\":[\"" + role + "\"],\"failover_timeout\":60,"
                                + "\"capabilities\":[{\"type\":\"MULTI_ROLE\"},{\"type\":\"RESERVATION_REFINEMENT\"}]}"),
                        FrameworkInfo.getDefaultInstance()));
    }

    private static HttpResponse<String> operations(ScriptedScheduler scheduler, Offer offer, String operations) {
        return scheduler.call(JsonCodec.fromJson(
                "{\"type\":\"ACCEPT\",\"accept\":{\"offer_ids\":[{\"value\":\""
                        + offer.getId().getValue() + "\"}],\"filters\":{\"refuse_seconds\":0},\"operations\":["
                        + operations + "]}}",
                Call.getDefaultInstance())
                .toBuilder());
    }

    private static String task(Offer offer, String id) {
        return "{\"name\":\"" + id + "\",\"task_id\":{\"value\":\"" + id + "\"},\"agent_id\":{\"value\":\""
                + offer.getAgentId().getValue() + "\"},\"command\":{\"value\":\"sleep 100\"},\"resources\":["
                + scalar("cpus", "", offer) + "," + scalar("mem", "", offer) + "]}";
    }

    private static String scalar(String name, String more, Offer offer) {
        return "{\"name\":\"" + name + "\",\"type\":\"SCALAR\",\"scalar\":{\"value\":1}" + more
                + ",\"allocation_info\":{\"role\":\""
                + offer.getAllocationInfo().getRole() + "\"}}";
    }

    private static void launch(ScriptedScheduler scheduler, Offer offer, String id) {
        operations(scheduler, offer, "{\"type\":\"LAUNCH\",\"launch\":{\"task_infos\":[" + task(offer, id) + "]}}");
    }

    private HttpResponse<String> operator(String principal, String call) throws Exception {
        return client(principal)
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + master.port() + "/api/v1"))
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(call))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String principal, String path) throws Exception {
        return client(principal)
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + master.port() + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {'type':'TEARDOWN','teardown':{'framework_id':{'value':'FRAMEWORK'}}}
            {'type':'MARK_AGENT_GONE','mark_agent_gone':{'agent_id':{'value':'none'}}}
            {'type':'DRAIN_AGENT','drain_agent':{'agent_id':{'value':'none'}}}
            {'type':'DEACTIVATE_AGENT','deactivate_agent':{'agent_id':{'value':'none'}}}
            {'type':'REACTIVATE_AGENT','reactivate_agent':{'agent_id':{'value':'none'}}}
            {'type':'UPDATE_WEIGHTS','update_weights':{'weight_infos':[{'role':'w','weight':2}]}}
            {'type':'UPDATE_QUOTA','update_quota':{'quota_configs':[{'role':'q'}]}}
            {'type':'SET_QUOTA','set_quota':{'quota_request':{'role':'q'}}}
            {'type':'REMOVE_QUOTA','remove_quota':{'role':'q'}}
            {'type':'RESERVE_RESOURCES','reserve_resources':{'agent_id':{'value':'none'},'resources':[DISK]}}
            {'type':'RESERVE_RESOURCES','reserve_resources':{'agent_id':{'value':'none'},'resources':[OLD]}}
            {'type':'UNRESERVE_RESOURCES','unreserve_resources':{'agent_id':{'value':'none'},'resources':[DISK]}}
            {'type':'CREATE_VOLUMES','create_volumes':{'agent_id':{'value':'none'},'volumes':[DISK]}}
            {'type':'DESTROY_VOLUMES','destroy_volumes':{'agent_id':{'value':'none'},'volumes':[DISK]}}
            {'type':'GROW_VOLUME','grow_volume':{'agent_id':{'value':'none'},'volume':DISK,'addition':DISK}}
            {'type':'SHRINK_VOLUME','shrink_volume':{'agent_id':{'value':'none'},'volume':DISK,'subtract':{'value':1}}}
            {'type':'UPDATE_MAINTENANCE_SCHEDULE','update_maintenance_schedule':{'schedule':{}}}
            {'type':'START_MAINTENANCE','start_maintenance':{'machines':[]}}
            {'type':'STOP_MAINTENANCE','stop_maintenance':{'machines':[]}}
            {'type':'GET_FLAGS'}
            {'type':'SET_LOGGING_LEVEL','set_logging_level':{'level':0,'duration':{'nanoseconds':1}}}
            {'type':'LIST_FILES','list_files':{'path':'/master/log'}}
            {'type':'READ_FILE','read_file':{'path':'/master/log','offset':0}}
            """)
    void operatorCalls(String template) throws Exception {
        try (ScriptedScheduler victim = subscribe("good", "victims")) {
            await().until(() -> !victim.events(Event.Type.SUBSCRIBED).isEmpty());
            String call = template.replace("FRAMEWORK", victim.frameworkId().getValue())
                    .replace(
                            "DISK",
                            "{'name':'disk','type':'SCALAR','scalar':{'value':1},'reservations':[{'type':'DYNAMIC','role':'r',"
                                    + "'principal':'someone'}],'disk':{'persistence':{'id':'p','principal':'someone'},"
                                    + "'volume':{'container_path':'d','mode':'RW'}}}")
                    .replace("OLD", "{'name':'disk','type':'SCALAR','scalar':{'value':1},'role':'r','reservation':{}}")
                    .replace('\'', '"');

            assertThat(operator("bad", call).statusCode()).isEqualTo(403);
            assertThat(operator("bad", call).body()).contains("Not authorized");
            assertThat(operator("good", call).statusCode()).isNotIn(401, 403, 500);
        }
    }

    @ParameterizedTest
    @CsvSource({"/flags", "/master/flags", "/metrics/snapshot", "/master/fl%61gs", "/security/files"})
    void endpoints(String path) throws Exception {
        assertThat(get("bad", path).statusCode()).isEqualTo(403);
        assertThat(get("good", path).statusCode()).isEqualTo(200);
    }

    @Test
    void maintenanceIsAnEmptyListToWhoMayNotSeeIt() throws Exception {
        operator(
                "good",
                "{\"type\":\"UPDATE_MAINTENANCE_SCHEDULE\",\"update_maintenance_schedule\":{\"schedule\":{\"windows\":["
                        + "{\"machine_ids\":[{\"hostname\":\"planned\"}],\"unavailability\":{\"start\":{\"nanoseconds\":1}}}]}}}");
        for (String path : List.of("/maintenance/schedule", "/maintenance/status")) {
            assertThat(get("good", path).body()).contains("planned");
            assertThat(get("bad", path).statusCode()).isEqualTo(200);
        }
        assertThat(get("bad", "/maintenance/schedule").body()).isEqualTo("{\"windows\":[]}");
        assertThat(get("bad", "/maintenance/status").body())
                .isEqualTo("{\"draining_machines\":[],\"down_machines\":[]}");
        for (String call :
                List.of("{\"type\":\"GET_MAINTENANCE_SCHEDULE\"}", "{\"type\":\"GET_MAINTENANCE_STATUS\"}")) {
            assertThat(operator("good", call).body()).contains("planned");
            assertThat(operator("bad", call).statusCode()).isEqualTo(200);
            assertThat(operator("bad", call).body()).doesNotContain("planned");
        }
    }

    @Test
    void flagsAreNotInTheStateOfWhoMayNotSeeThem() throws Exception {
        assertThat(get("good", "/state").body()).contains("\"flags\":{").contains("offer_timeout");
        assertThat(get("bad", "/state").body()).doesNotContain("offer_timeout");
    }

    @ParameterizedTest
    @CsvSource({
        "good,          true,  true,  true",
        "bad,           false, false, false",
        "no-frameworks, false, false, false",
        "no-tasks,      true,  false, true",
        "no-executors,  true,  true,  true",
        "no-roles,      true,  true,  false",
    })
    void readsLeaveOutWhatMayNotBeSeen(String principal, boolean frameworks, boolean tasks, boolean roles)
            throws Exception {
        String id = framework.frameworkId().getValue();
        for (String path : List.of("/frameworks", "/state", "/state-summary")) {
            assertThat(get(principal, path).body().contains(id)).as(path).isEqualTo(frameworks);
        }
        assertThat(get(principal, "/tasks").body().contains("\"t1\"")).isEqualTo(tasks);
        assertThat(get(principal, "/state").body().contains("\"t1\"")).isEqualTo(tasks);
        assertThat(get(principal, "/roles").body().contains("\"name\":\"web\"")).isEqualTo(roles);
        assertThat(operator(principal, "{\"type\":\"GET_FRAMEWORKS\"}").body().contains(id))
                .isEqualTo(frameworks);
        assertThat(operator(principal, "{\"type\":\"GET_TASKS\"}").body().contains("\"t1\""))
                .isEqualTo(tasks);
        assertThat(operator(principal, "{\"type\":\"GET_ROLES\"}").body().contains("\"web\""))
                .isEqualTo(roles);
        assertThat(operator(principal, "{\"type\":\"GET_STATE\"}").body().contains("\"t1\""))
                .isEqualTo(tasks);
    }

    @Test
    void aFrameworkMayNotTakeARole() {
        try (ScriptedScheduler refused = subscribe("bad", "web")) {
            await().until(() -> refused.ended);
            assertThat(refused.events(Event.Type.ERROR).get(0).getError().getMessage())
                    .isEqualTo("Not authorized to use roles [web] as principal 'bad'");
            assertThat(refused.events(Event.Type.SUBSCRIBED)).isEmpty();
        }
    }

    @Test
    void aFrameworkMayNotChangeToARoleNorSpeakForAnother() throws Exception {
        try (ScriptedScheduler scheduler = subscribe("one-role", "one")) {
            await().until(() -> !scheduler.events(Event.Type.SUBSCRIBED).isEmpty());
            FrameworkInfo.Builder info = FrameworkInfo.newBuilder()
                    .setUser("web")
                    .setName("f")
                    .setId(scheduler.frameworkId())
                    .addRoles("two");
            info.addCapabilitiesBuilder().setType(FrameworkInfo.Capability.Type.MULTI_ROLE);
            Call.Builder update = Call.newBuilder().setType(Call.Type.UPDATE_FRAMEWORK);
            update.getUpdateFrameworkBuilder().setFrameworkInfo(info);
            HttpResponse<String> refused = scheduler.call(update);
            assertThat(refused.statusCode()).as(refused.body()).isEqualTo(403);
            assertThat(refused.body()).contains("Not authorized to use roles [two]");
            URI uri = URI.create("http://127.0.0.1:" + master.port() + "/api/v1/scheduler");
            for (WireFormat format : WireFormat.values()) {
                Call revive = Call.newBuilder()
                        .setType(Call.Type.REVIVE)
                        .setFrameworkId(scheduler.frameworkId())
                        .build();
                HttpResponse<String> foreign = client("good")
                        .send(
                                ScriptedScheduler.request(uri, format, revive)
                                        .header("Mesos-Stream-Id", scheduler.streamId)
                                        .build(),
                                HttpResponse.BodyHandlers.ofString());
                assertThat(foreign.statusCode()).isEqualTo(400);
                assertThat(foreign.body()).contains("is not the principal of framework");
            }
        }
    }

    @Test
    void tasksAndOperationsOfAFrameworkAreRefusedOneByOne() {
        try (ScriptedScheduler refused = subscribe("no-launch", "others")) {
            await().until(() -> !refused.offers().isEmpty());
            Offer offer = refused.offers().get(0);
            operations(
                    refused,
                    offer,
                    "{\"type\":\"LAUNCH\",\"launch\":{\"task_infos\":[" + task(offer, "one") + "]}},"
                            + "{\"type\":\"LAUNCH_GROUP\",\"launch_group\":{\"executor\":{\"type\":\"DEFAULT\",\"executor_id\":{\"value\":\"e\"}},"
                            + "\"task_group\":{\"tasks\":[" + task(offer, "two") + "]}}},"
                            + "{\"type\":\"RESERVE\",\"id\":{\"value\":\"op\"},\"reserve\":{\"resources\":["
                            + scalar(
                                    "cpus",
                                    ",\"reservations\":[{\"type\":\"DYNAMIC\",\"role\":\"others\",\"principal\":\"no-launch\"}]",
                                    offer)
                            + "]}}");
            await().until(() ->
                    !refused.events(Event.Type.UPDATE_OPERATION_STATUS).isEmpty());
            assertThat(refused.updates())
                    .extracting(TaskStatus::getState, TaskStatus::getReason, TaskStatus::getMessage)
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple(
                                    TaskState.TASK_ERROR,
                                    TaskStatus.Reason.REASON_TASK_UNAUTHORIZED,
                                    "Not authorized to launch as user 'web' by principal 'no-launch'"),
                            org.assertj.core.groups.Tuple.tuple(
                                    TaskState.TASK_ERROR,
                                    TaskStatus.Reason.REASON_TASK_GROUP_UNAUTHORIZED,
                                    "Not authorized to launch as user 'web' by principal 'no-launch'"));
            assertThat(refused.events(Event.Type.UPDATE_OPERATION_STATUS)
                            .get(0)
                            .getUpdateOperationStatus()
                            .getStatus()
                            .getMessage())
                    .isEqualTo("Not authorized: principal 'no-launch' may not reserve_resources for role 'others'");
        }
    }

    @Test
    void theEventStreamLeavesOutWhatMayNotBeSeen() throws Exception {
        StringBuffer all = follow("good");
        StringBuffer withoutTasks = follow("no-tasks");
        await().until(() -> all.indexOf("SUBSCRIBED") >= 0 && withoutTasks.indexOf("SUBSCRIBED") >= 0);
        try (ScriptedScheduler streamed = subscribe("good", "streamed")) {
            await().until(() -> !streamed.offers().isEmpty());
            launch(streamed, streamed.offers().get(0), "streamed-task");
            await().until(() -> all.indexOf("TASK_UPDATED") >= 0);
            try (ScriptedScheduler last = subscribe("good", "last-of-all")) {
                await().until(() -> withoutTasks.indexOf("last-of-all") >= 0);
                assertThat(last.ended).isFalse();
            }
        }
        assertThat(all.toString()).contains("TASK_ADDED", "TASK_UPDATED", "streamed-task");
        assertThat(withoutTasks.toString())
                .contains("FRAMEWORK_ADDED")
                .doesNotContain("TASK_ADDED", "TASK_UPDATED", "-task");
    }

    private StringBuffer follow(String principal) throws Exception {
        HttpResponse<InputStream> response = client(principal)
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + master.port() + "/api/v1"))
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString("{\"type\":\"SUBSCRIBE\"}"))
                                .build(),
                        HttpResponse.BodyHandlers.ofInputStream());
        StringBuffer text = new StringBuffer();
        Thread reader = new Thread(
                () -> {
                    byte[] buffer = new byte[8192];
                    try (InputStream in = response.body()) {
                        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                            text.append(new String(buffer, 0, n, StandardCharsets.UTF_8));
                        }
                    } catch (IOException e) {
                        text.append("ended");
                    }
                },
                "follow-" + principal);
        reader.setDaemon(true);
        reader.start();
        return text;
    }

    @Test
    void rulesChangeWhileTheMasterRuns() throws Exception {
        String call = "{\"type\":\"MARK_AGENT_GONE\",\"mark_agent_gone\":{\"agent_id\":{\"value\":\"none\"}}}";
        Files.writeString(acls, "{\"mark_agents_gone\":[{\"principals\":{\"type\":\"ANY\"}}]}");
        await().until(() -> get("good", "/security/files").body().contains("\"refused\":\"mark_agents_gone[0].agents"));
        assertThat(operator("bad", call).statusCode()).isEqualTo(403);
        assertThat(get("good", "/metrics/prometheus").body())
                .contains("paddock_config_refused{component=\"master\",flag=\"acls\"} 1.0");

        Files.writeString(acls, rules().replace("\"mark_agents_gone\"", "\"prune_images\""));
        await().until(() -> operator("bad", call).statusCode() == 404);

        Files.writeString(acls, rules());
        await().until(() -> operator("bad", call).statusCode() == 403);
        assertThat(operator("good", call).statusCode()).isEqualTo(404);
    }
}
