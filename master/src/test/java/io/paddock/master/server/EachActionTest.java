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
import java.net.Authenticator;
import java.net.PasswordAuthentication;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Each action of the master by itself: for each there is somebody who may do everything else, and somebody who may do nothing
 * else of all that is written.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EachActionTest {
    @RegisterExtension
    static final MasterFixture MASTERS = new MasterFixture();

    private MasterServer master;
    private FakeAgent agent;
    private ScriptedScheduler framework;

    private static String without(Action action) {
        return "without-" + action.key();
    }

    private static String only(Action action) {
        return "only-" + action.key();
    }

    @BeforeAll
    void start(@TempDir Path dir) throws Exception {
        Path credentials = Files.writeString(
                dir.resolve("credentials"),
                Stream.concat(
                                Stream.of("good"),
                                Arrays.stream(Action.values()).flatMap(each -> Stream.of(without(each), only(each))))
                        .map(name -> "{\"principal\":\"" + name + "\",\"secret\":\"s\"}")
                        .collect(Collectors.joining(",", "{\"credentials\":[", "]}")));
        master = MASTERS.start(flags -> {
            flags.listen.security.credentials = credentials;
            flags.security.acls = rules();
        });
        agent = FakeAgent.start(master.port(), "cpus:8;mem:16384;disk:102400", authorization("good"));
        framework = subscribe("good", "web");
        await().until(() -> !framework.offers().isEmpty());
        Offer offer = framework.offers().get(0);
        framework.call(Call.newBuilder().setType(Call.Type.SUPPRESS)); // leaves the rest to others
        accept(
                framework,
                offer,
                launch(task(
                        offer,
                        "seen",
                        ",\"executor\":{\"type\":\"CUSTOM\",\"executor_id\":{\"value\":\"exec\"},"
                                + "\"command\":{\"value\":\"true\"}}")));
        await().until(() -> framework.updates().stream().anyMatch(s -> s.getState() == TaskState.TASK_RUNNING));
        post(
                "good",
                "{\"type\":\"UPDATE_QUOTA\",\"update_quota\":{\"quota_configs\":[{\"role\":\"bound\",\"limits\":{\"cpus\":{\"value\":1}}}]}}");
        post(
                "good",
                "{\"type\":\"UPDATE_MAINTENANCE_SCHEDULE\",\"update_maintenance_schedule\":{\"schedule\":{\"windows\":["
                        + "{\"machine_ids\":[{\"hostname\":\"planned\"}],\"unavailability\":{\"start\":{\"nanoseconds\":1}}}]}}}");
    }

    @AfterAll
    void stop() {
        agent.close();
        framework.close();
        master.close();
    }

    private static String rules() {
        return Arrays.stream(Action.values())
                .map(action -> {
                    String refused = Stream.concat(
                                    Stream.of(without(action)),
                                    Arrays.stream(Action.values())
                                            .filter(other -> other != action)
                                            .map(EachActionTest::only))
                            .map(name -> "\"" + name + "\"")
                            .collect(Collectors.joining(","));
                    return "\"" + action.key() + "\":[{\"principals\":{\"values\":[" + refused + "]},\""
                            + action.objects().key() + "\":{\"type\":\"NONE\"}}]";
                })
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static String authorization(String principal) {
        return "Basic " + Base64.getEncoder().encodeToString((principal + ":s").getBytes());
    }

    private HttpResponse<String> send(String principal, HttpRequest.Builder request) throws Exception {
        return MASTERS.client()
                .send(
                        request.header("Authorization", authorization(principal))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String principal, String path) throws Exception {
        return send(principal, HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + master.port() + path)));
    }

    private HttpResponse<String> post(String principal, String call) throws Exception {
        return send(
                principal,
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + master.port() + "/api/v1"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(call)));
    }

    private ScriptedScheduler subscribe(String principal, String role) {
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .authenticator(new Authenticator() {
                    @Override
                    protected PasswordAuthentication getPasswordAuthentication() {
                        return new PasswordAuthentication(principal, "s".toCharArray());
                    }
                })
                .build();
        return ScriptedScheduler.subscribe(
                client,
                master.port(),
                WireFormat.JSON,
                JsonCodec.fromJson(
                        "{\"user\":\"web\",\"name\":\"f\",\"roles\":[\"" + role + "\"],\"failover_timeout\":60,"
                                + "\"capabilities\":[{\"type\":\"MULTI_ROLE\"},{\"type\":\"RESERVATION_REFINEMENT\"}]}",
                        FrameworkInfo.getDefaultInstance()));
    }

    private static String task(Offer offer, String id, String more) {
        return "{\"name\":\"" + id + "\",\"task_id\":{\"value\":\"" + id + "\"},\"agent_id\":{\"value\":\""
                + offer.getAgentId().getValue() + "\"}" + more + ",\"resources\":[" + scalar("cpus", "", offer) + ","
                + scalar("mem", "", offer) + "]}";
    }

    private static String scalar(String name, String more, Offer offer) {
        return "{\"name\":\"" + name + "\",\"type\":\"SCALAR\",\"scalar\":{\"value\":1}" + more
                + ",\"allocation_info\":{\"role\":\""
                + offer.getAllocationInfo().getRole() + "\"}}";
    }

    private static String launch(String task) {
        return "{\"type\":\"LAUNCH\",\"launch\":{\"task_infos\":[" + task + "]}}";
    }

    private static void accept(ScriptedScheduler scheduler, Offer offer, String operation) {
        scheduler.call(JsonCodec.fromJson(
                "{\"type\":\"ACCEPT\",\"accept\":{\"offer_ids\":[{\"value\":\""
                        + offer.getId().getValue() + "\"}],\"filters\":{\"refuse_seconds\":0},\"operations\":["
                        + operation + "]}}",
                Call.getDefaultInstance())
                .toBuilder());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            TEARDOWN_FRAMEWORKS          | {'type':'TEARDOWN','teardown':{'framework_id':{'value':'FRAMEWORK'}}}
            MARK_AGENTS_GONE             | {'type':'MARK_AGENT_GONE','mark_agent_gone':{'agent_id':{'value':'none'}}}
            DRAIN_AGENTS                 | {'type':'DRAIN_AGENT','drain_agent':{'agent_id':{'value':'none'}}}
            MARK_AGENTS_GONE             | {'type':'DRAIN_AGENT','drain_agent':{'agent_id':{'value':'none'},'mark_gone':true}}
            DEACTIVATE_AGENTS            | {'type':'DEACTIVATE_AGENT','deactivate_agent':{'agent_id':{'value':'none'}}}
            REACTIVATE_AGENTS            | {'type':'REACTIVATE_AGENT','reactivate_agent':{'agent_id':{'value':'none'}}}
            UPDATE_WEIGHTS               | {'type':'UPDATE_WEIGHTS','update_weights':{'weight_infos':[{'role':'w','weight':2}]}}
            UPDATE_QUOTAS                | {'type':'UPDATE_QUOTA','update_quota':{'quota_configs':[{'role':'q'}]}}
            RESERVE_RESOURCES            | {'type':'RESERVE_RESOURCES','reserve_resources':{'agent_id':{'value':'none'},'resources':[DISK]}}
            UNRESERVE_RESOURCES          | {'type':'RESERVE_RESOURCES','reserve_resources':{'agent_id':{'value':'none'},'source':[DISK],'resources':[DISK]}}
            UNRESERVE_RESOURCES          | {'type':'UNRESERVE_RESOURCES','unreserve_resources':{'agent_id':{'value':'none'},'resources':[DISK]}}
            CREATE_VOLUMES               | {'type':'CREATE_VOLUMES','create_volumes':{'agent_id':{'value':'none'},'volumes':[DISK]}}
            DESTROY_VOLUMES              | {'type':'DESTROY_VOLUMES','destroy_volumes':{'agent_id':{'value':'none'},'volumes':[DISK]}}
            RESIZE_VOLUMES               | {'type':'GROW_VOLUME','grow_volume':{'agent_id':{'value':'none'},'volume':DISK,'addition':DISK}}
            RESIZE_VOLUMES               | {'type':'SHRINK_VOLUME','shrink_volume':{'agent_id':{'value':'none'},'volume':DISK,'subtract':{'value':1}}}
            UPDATE_MAINTENANCE_SCHEDULES | {'type':'UPDATE_MAINTENANCE_SCHEDULE','update_maintenance_schedule':{'schedule':PLAN}}
            START_MAINTENANCES           | {'type':'START_MAINTENANCE','start_maintenance':{'machines':[]}}
            STOP_MAINTENANCES            | {'type':'STOP_MAINTENANCE','stop_maintenance':{'machines':[]}}
            VIEW_FLAGS                   | {'type':'GET_FLAGS'}
            SET_LOG_LEVEL                | {'type':'SET_LOGGING_LEVEL','set_logging_level':{'level':0,'duration':{'nanoseconds':1}}}
            ACCESS_MESOS_LOGS            | {'type':'READ_FILE','read_file':{'path':'/master/log','offset':0}}
            """)
    void eachCallAsksForItsOwn(Action action, String template) throws Exception {
        try (ScriptedScheduler victim = subscribe("good", "victims")) {
            await().until(() -> !victim.events(Event.Type.SUBSCRIBED).isEmpty());
            String call = template.replace("FRAMEWORK", victim.frameworkId().getValue())
                    .replace(
                            "PLAN",
                            "{'windows':[{'machine_ids':[{'hostname':'planned'}],'unavailability':{'start':{'nanoseconds':1}}}]}")
                    .replace(
                            "DISK",
                            "{'name':'disk','type':'SCALAR','scalar':{'value':1},'reservations':[{'type':'DYNAMIC','role':'r',"
                                    + "'principal':'someone'}],'disk':{'persistence':{'id':'p','principal':'someone'},"
                                    + "'volume':{'container_path':'d','mode':'RW'}}}")
                    .replace('\'', '"');
            HttpResponse<String> refused = post(without(action), call);
            assertThat(refused.statusCode()).isEqualTo(403);
            assertThat(refused.body()).contains(action.key());
            boolean twoActions = call.contains("mark_gone\"") || call.contains("\"source\"");
            assertThat(post(only(action), call).statusCode() == 403).isEqualTo(twoActions);
        }
    }

    @Test
    void metricsAreAnEndpointThatRulesName() throws Exception {
        assertThat(get(without(Action.GET_ENDPOINTS), "/metrics/snapshot").body())
                .contains("get_endpoints of '/metrics/snapshot'");
        assertThat(get(only(Action.GET_ENDPOINTS), "/metrics/snapshot").statusCode())
                .isEqualTo(200);
        assertThat(get(without(Action.VIEW_FLAGS), "/metrics/snapshot").statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "VIEW_FRAMEWORKS,           /frameworks,           FRAMEWORK",
        "VIEW_TASKS,                /tasks,                seen",
        "VIEW_EXECUTORS,            GET_EXECUTORS,         exec",
        "VIEW_ROLES,                /roles,                web",
        "VIEW_ROLES,                GET_ROLES,             web",
        "GET_QUOTAS,                /quota,                bound",
        "GET_QUOTAS,                GET_QUOTA,             bound",
        "GET_MAINTENANCE_SCHEDULES, /maintenance/schedule, planned",
        "GET_MAINTENANCE_STATUSES,  /maintenance/status,   planned",
    })
    void eachReadLeavesOutWhatItsOwnForbids(Action action, String read, String what) throws Exception {
        String seen = '"' + what.replace("FRAMEWORK", framework.frameworkId().getValue()) + '"';
        for (String principal : new String[] {"good", without(action), without(Action.VIEW_FLAGS)}) {
            HttpResponse<String> answer =
                    read.startsWith("/") ? get(principal, read) : post(principal, "{\"type\":\"" + read + "\"}");
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body().contains(seen)).as(principal).isEqualTo(!principal.equals(without(action)));
        }
    }

    @Test
    void frameworksTakeRolesAndRunTasksAsTheyMay() {
        try (ScriptedScheduler refused = subscribe(without(Action.REGISTER_FRAMEWORKS), "others")) {
            await().until(() -> refused.ended);
            assertThat(refused.events(Event.Type.ERROR).get(0).getError().getMessage())
                    .startsWith("Not authorized to use roles [others]");
        }
        try (ScriptedScheduler refused = subscribe(without(Action.RUN_TASKS), "others")) {
            await().until(() -> !refused.offers().isEmpty());
            Offer offer = refused.offers().get(0);
            accept(refused, offer, launch(task(offer, "refused", ",\"command\":{\"value\":\"true\"}")));
            await().until(() -> !refused.updates().isEmpty());
            assertThat(refused.updates().get(0).getReason()).isEqualTo(TaskStatus.Reason.REASON_TASK_UNAUTHORIZED);
        }
    }

    @Test
    void agentsRegisterAsTheyMay() {
        assertThat(link(without(Action.REGISTER_AGENTS))).isEqualTo(403);
        assertThat(link(only(Action.REGISTER_AGENTS))).isEqualTo(101);
    }

    private int link(String principal) {
        try {
            MASTERS.client()
                    .newWebSocketBuilder()
                    .header("Authorization", authorization(principal))
                    .buildAsync(
                            URI.create("ws://127.0.0.1:" + master.port() + "/api/paddock/link"),
                            new WebSocket.Listener() {})
                    .join()
                    .abort();
            return 101;
        } catch (CompletionException e) {
            return ((java.net.http.WebSocketHandshakeException) e.getCause())
                    .getResponse()
                    .statusCode();
        }
    }
}
