package io.paddock.agent.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.paddock.common.authorization.Action;
import io.paddock.platform.json.Json;
import io.paddock.platform.security.JwtKey;
import io.paddock.proto.link.RunTasks;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An agent with a rule for every action, all of which refuse {@code bad}, and a custom executor whose part the test plays. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AgentAuthorizationTest {
    private static final String KEY = "the key of this agent's tokens";
    private static final String GOOD = basic("good");
    private static final String BAD = basic("bad");

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private ActorSystem<Void> system;
    private ScriptedMaster master;
    private AgentServer agent;
    private Path sandbox;
    private String container;
    private String token;

    @BeforeAll
    void start(@TempDir Path dir) throws Exception {
        system = ActorSystem.create(Behaviors.empty(), "agent-authorization-test");
        master = new ScriptedMaster(system);
        AgentOptions options = new AgentOptions();
        options.listen.port = 0;
        options.master = master.address();
        options.workDir = Files.createDirectory(dir.resolve("work"));
        options.resources = "cpus:4;mem:1024;disk:1000";
        options.runtime = "processes";
        options.switchUser = false;
        options.executorShutdownGrace = Duration.ofMillis(200);
        options.logging.externalLogFile = Files.writeString(dir.resolve("log"), "what a supervisor wrote\n");
        options.listen.security.credentials = Files.writeString(
                dir.resolve("credentials"),
                Stream.concat(
                                Stream.of("good", "bad", "own"),
                                Stream.of(Action.values()).map(AgentAuthorizationTest::without))
                        .map(name -> "{\"principal\":\"" + name + "\",\"secret\":\"s\"}")
                        .collect(Collectors.joining(",", "{\"credentials\":[", "]}")));
        options.listen.security.jwtSecretKey = Files.writeString(dir.resolve("key"), KEY + "\n");
        options.listen.security.firewallRules = "{\"disabled_endpoints\":{\"paths\":[\"/system/stats\"]}}";
        options.security.acls = Stream.of(Action.values())
                .map(action -> "\"" + action.key() + "\":[{\"principals\":{\"values\":[\"bad\",\"" + without(action)
                        + "\"]},\""
                        + action.objects().key() + "\":{\"type\":\"NONE\"}}" + ofTheAgentsUser(action) + "]")
                .collect(Collectors.joining(",", "{", "}"));
        agent = AgentServer.start(system, options).toCompletableFuture().join();
        await().atMost(Duration.ofSeconds(60)).until(master::registered);
        launchExecutor();
        sandbox = options.workDir.toRealPath().resolve("slaves/m-S0/frameworks/fw/executors/custom/runs/latest");
        await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(sandbox.resolve("ready")));
        token = Files.readString(sandbox.resolve("token")).strip();
        container = sandbox.toRealPath().getFileName().toString();
    }

    /** Who may do everything but one thing. */
    private static String without(Action action) {
        return "without-" + action.key();
    }

    /** "own" may do all with what runs as the agent's user, and nothing with what others run. */
    private static String ofTheAgentsUser(Action action) {
        if (!action.objects().key().equals("users")) {
            return "";
        }
        return ",{\"principals\":{\"values\":[\"own\"]},\"users\":{\"values\":[\"" + System.getProperty("user.name")
                + "\"]}},{\"principals\":{\"values\":[\"own\"]},\"users\":{\"type\":\"NONE\"}}";
    }

    @Test
    void rulesForUsersHoldForContainersOfNoExecutor() throws Exception {
        String own = basic("own");
        String launch = "{'type':'LAUNCH_CONTAINER','launch_container':{'container_id':{'value':'mine'},"
                + "'command':{'value':'sleep 1000'USER},'resources':[{'name':'cpus','type':'SCALAR','scalar':{'value':0.1}}]}}";
        assertThat(status(own, "/api/v1", launch.replace("USER", ",'user':'somebody'")))
                .isEqualTo(403);
        assertThat(status(own, "/api/v1", launch.replace("USER", ""))).isEqualTo(200);
        assertThat(status(
                        BAD, "/api/v1", "{'type':'KILL_CONTAINER','kill_container':{'container_id':{'value':'mine'}}}"))
                .isEqualTo(403);
        String list = "{'type':'GET_CONTAINERS','get_containers':{'show_standalone':true}}";
        assertThat(new String(post(own, "/api/v1", list).body().readAllBytes(), StandardCharsets.UTF_8))
                .contains("\"mine\"");
        for (String call : new String[] {"KILL", "WAIT", "REMOVE"}) {
            assertThat(status(
                            own,
                            "/api/v1",
                            "{'type':'" + call + "_CONTAINER','" + call.toLowerCase(Locale.ROOT)
                                    + "_container':{'container_id':{'value':'mine'}}}"))
                    .as(call)
                    .isEqualTo(200);
        }
    }

    private void launchExecutor() {
        ExecutorInfo executor = ExecutorInfo.newBuilder()
                .setType(ExecutorInfo.Type.CUSTOM)
                .setExecutorId(ExecutorID.newBuilder().setValue("custom"))
                .setCommand(CommandInfo.newBuilder()
                        .setShell(true)
                        .setValue("echo $MESOS_EXECUTOR_AUTHENTICATION_TOKEN >token; touch ready; exec sleep 1000"))
                .build();
        FrameworkInfo framework = FrameworkInfo.newBuilder()
                .setId(FrameworkID.newBuilder().setValue("fw"))
                .setUser(System.getProperty("user.name"))
                .setName("test")
                .build();
        master.send(ToAgent.newBuilder()
                .setRunTasks(RunTasks.newBuilder()
                        .setFramework(framework)
                        .addTasks(AgentUnderTest.task("t1", "").toBuilder()
                                .clearCommand()
                                .setExecutor(executor))));
    }

    @AfterAll
    void stop() {
        agent.closeAndStopTasks();
        master.close();
        system.terminate();
    }

    private static String basic(String principal) {
        return "Basic " + Base64.getEncoder().encodeToString((principal + ":s").getBytes(StandardCharsets.UTF_8));
    }

    private static String bearer(Map<String, String> claims) {
        return "Bearer " + JwtKey.of(KEY.getBytes(StandardCharsets.UTF_8)).sign(claims);
    }

    private static String bearer(String payload) throws Exception {
        String content = encode("{\"alg\":\"HS256\"}") + "." + encode(payload);
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(KEY.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        return "Bearer " + content + "."
                + Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(mac.doFinal(content.getBytes(StandardCharsets.US_ASCII)));
    }

    private static String encode(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private HttpResponse<String> get(String authorization, String path) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + agent.port() + path));
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<InputStream> post(String authorization, String path, String call) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + agent.port() + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(call.replace('\'', '"')));
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    }

    /** Streams stay open; they are not read. */
    private int status(String authorization, String path, String call) throws Exception {
        HttpResponse<InputStream> response = post(authorization, path, call);
        closed(response);
        return response.statusCode();
    }

    private static void closed(HttpResponse<InputStream> response) throws IOException {
        response.body().close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'LAUNCH_NESTED_CONTAINER','launch_nested_container':{'container_id':CHILD,'command':{'value':'true'}}}",
                "{'type':'LAUNCH_CONTAINER','launch_container':{'container_id':CHILD,'command':{'value':'true'}}}",
                "{'type':'LAUNCH_CONTAINER','launch_container':{'container_id':{'value':'x'},'command':{'value':'true'}}}",
                "{'type':'LAUNCH_NESTED_CONTAINER_SESSION','launch_nested_container_session':{'container_id':CHILD,'command':{'value':'true'}}}",
                "{'type':'WAIT_NESTED_CONTAINER','wait_nested_container':{'container_id':CHILD}}",
                "{'type':'WAIT_CONTAINER','wait_container':{'container_id':{'value':'x'}}}",
                "{'type':'KILL_NESTED_CONTAINER','kill_nested_container':{'container_id':CHILD}}",
                "{'type':'KILL_CONTAINER','kill_container':{'container_id':{'value':'x'}}}",
                "{'type':'REMOVE_NESTED_CONTAINER','remove_nested_container':{'container_id':CHILD}}",
                "{'type':'ATTACH_CONTAINER_OUTPUT','attach_container_output':{'container_id':CHILD}}",
                "{'type':'ATTACH_CONTAINER_INPUT','attach_container_input':{'type':'CONTAINER_ID','container_id':CHILD}}",
                "{'type':'GET_FLAGS'}",
                "{'type':'SET_LOGGING_LEVEL','set_logging_level':{'level':0,'duration':{'nanoseconds':1}}}",
                "{'type':'PRUNE_IMAGES'}",
                "{'type':'GET_RESOURCE_PROVIDERS'}",
                "{'type':'MARK_RESOURCE_PROVIDER_GONE','mark_resource_provider_gone':{'resource_provider_id':{'value':'p'}}}",
                "{'type':'LIST_FILES','list_files':{'path':'SANDBOX'}}",
                "{'type':'READ_FILE','read_file':{'path':'SANDBOX/ready','offset':0}}",
            })
    void operatorCalls(String template) throws Exception {
        String call = template.replace("CHILD", "{'value':'child','parent':{'value':'" + container + "'}}")
                .replace("SANDBOX", sandbox.toString());

        assertThat(status("", "/api/v1", call)).isEqualTo(401);
        assertThat(status(BAD, "/api/v1", call)).isEqualTo(403);
        assertThat(status(GOOD, "/api/v1", call)).isNotIn(401, 403);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            LAUNCH_NESTED_CONTAINERS_UNDER_PARENT_WITH_USER         | {'type':'LAUNCH_NESTED_CONTAINER','launch_nested_container':{'container_id':CHILD,'command':{'value':'true'}}}
            LAUNCH_NESTED_CONTAINERS_AS_USER                        | {'type':'LAUNCH_CONTAINER','launch_container':{'container_id':CHILD,'command':{'value':'true'}}}
            LAUNCH_STANDALONE_CONTAINERS                            | {'type':'LAUNCH_CONTAINER','launch_container':{'container_id':{'value':'x'},'command':{'value':'true'}}}
            LAUNCH_NESTED_CONTAINER_SESSIONS_UNDER_PARENT_WITH_USER | {'type':'LAUNCH_NESTED_CONTAINER_SESSION','launch_nested_container_session':{'container_id':CHILD,'command':{'value':'true'}}}
            LAUNCH_NESTED_CONTAINER_SESSIONS_AS_USER                | {'type':'LAUNCH_NESTED_CONTAINER_SESSION','launch_nested_container_session':{'container_id':CHILD,'command':{'value':'true'}}}
            WAIT_NESTED_CONTAINERS                                  | {'type':'WAIT_NESTED_CONTAINER','wait_nested_container':{'container_id':CHILD}}
            WAIT_STANDALONE_CONTAINERS                              | {'type':'WAIT_CONTAINER','wait_container':{'container_id':{'value':'x'}}}
            KILL_NESTED_CONTAINERS                                  | {'type':'KILL_CONTAINER','kill_container':{'container_id':CHILD}}
            KILL_STANDALONE_CONTAINERS                              | {'type':'KILL_CONTAINER','kill_container':{'container_id':{'value':'x'}}}
            REMOVE_NESTED_CONTAINERS                                | {'type':'REMOVE_CONTAINER','remove_container':{'container_id':CHILD}}
            REMOVE_STANDALONE_CONTAINERS                            | {'type':'REMOVE_CONTAINER','remove_container':{'container_id':{'value':'x'}}}
            ATTACH_CONTAINERS_INPUT                                 | {'type':'ATTACH_CONTAINER_INPUT','attach_container_input':{'type':'CONTAINER_ID','container_id':CHILD}}
            ATTACH_CONTAINERS_OUTPUT                                | {'type':'ATTACH_CONTAINER_OUTPUT','attach_container_output':{'container_id':CHILD}}
            VIEW_FLAGS                                              | {'type':'GET_FLAGS'}
            SET_LOG_LEVEL                                           | {'type':'SET_LOGGING_LEVEL','set_logging_level':{'level':0,'duration':{'nanoseconds':1}}}
            PRUNE_IMAGES                                            | {'type':'PRUNE_IMAGES'}
            VIEW_RESOURCE_PROVIDERS                                 | {'type':'GET_RESOURCE_PROVIDERS'}
            MODIFY_RESOURCE_PROVIDER_CONFIGS                        | {'type':'ADD_RESOURCE_PROVIDER_CONFIG','add_resource_provider_config':{'info':{'type':'t','name':'n'}}}
            MARK_RESOURCE_PROVIDERS_GONE                            | {'type':'MARK_RESOURCE_PROVIDER_GONE','mark_resource_provider_gone':{'resource_provider_id':{'value':'p'}}}
            ACCESS_SANDBOXES                                        | {'type':'READ_FILE','read_file':{'path':'SANDBOX/ready','offset':0}}
            ACCESS_MESOS_LOGS                                       | {'type':'READ_FILE','read_file':{'path':'/slave/log','offset':0}}
            """)
    void eachCallAsksForItsOwnAction(Action action, String template) throws Exception {
        String call = template.replace("CHILD", "{'value':'child','parent':{'value':'" + container + "'}}")
                .replace("SANDBOX", sandbox.toString());
        HttpResponse<InputStream> refused = post(basic(without(action)), "/api/v1", call);
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(new String(refused.body().readAllBytes(), StandardCharsets.UTF_8))
                .contains("may not " + action.key());
    }

    @ParameterizedTest
    @CsvSource({
        "VIEW_FRAMEWORKS, GET_FRAMEWORKS, fw",
        "VIEW_TASKS, GET_TASKS, t1",
        "VIEW_EXECUTORS, GET_EXECUTORS, custom",
        "VIEW_CONTAINERS, GET_CONTAINERS, fw",
    })
    void eachReadLeavesOutWhatItsOwnActionForbids(Action action, String call, String what) throws Exception {
        for (String principal : new String[] {"good", without(action)}) {
            HttpResponse<InputStream> read = post(basic(principal), "/api/v1", "{'type':'" + call + "'}");
            assertThat(read.statusCode()).isEqualTo(200);
            assertThat(new String(read.body().readAllBytes(), StandardCharsets.UTF_8).contains("\"" + what + "\""))
                    .as(principal)
                    .isEqualTo(principal.equals("good"));
        }
    }

    @Test
    void aStandaloneContainerIsSeenByThoseWhoMay() throws Exception {
        String launch =
                "{'type':'LAUNCH_CONTAINER','launch_container':{'container_id':{'value':'alone'},'command':{'value':'sleep 1000'},"
                        + "'resources':[{'name':'cpus','type':'SCALAR','scalar':{'value':0.1}}]}}";
        assertThat(status(GOOD, "/api/v1", launch)).isEqualTo(200);
        String read = "{'type':'GET_CONTAINERS','get_containers':{'show_standalone':true}}";
        for (String principal : new String[] {"good", without(Action.VIEW_STANDALONE_CONTAINERS)}) {
            String seen =
                    new String(post(basic(principal), "/api/v1", read).body().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(seen).contains("fw");
            assertThat(seen.contains("alone")).as(principal).isEqualTo(principal.equals("good"));
        }
        assertThat(status(
                        GOOD,
                        "/api/v1",
                        "{'type':'KILL_CONTAINER','kill_container':{'container_id':{'value':'alone'}}}"))
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "/flags",
        "/slave(1)/flags",
        "/metrics/snapshot",
        "/monitor/statistics",
        "/containers",
        "/containerizer/debug",
        "/images",
        "/networks",
        "/files/debug",
        "/logging/toggle?level=0&duration=1secs",
        "/security/files"
    })
    void endpoints(String path) throws Exception {
        assertThat(get("", path).statusCode()).isEqualTo(401);
        assertThat(get(BAD, path).statusCode()).isEqualTo(403);
        assertThat(get(GOOD, path).statusCode()).isNotIn(401, 403);
        assertThat(get("Bearer " + token, path).statusCode()).isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/system/stats.json", "/system/stats", "/slave(1)/system/stats.json", "/system/st%61ts"})
    void aDisabledEndpointIsNobodys(String path) throws Exception {
        assertThat(get(GOOD, path).statusCode()).isEqualTo(403);
    }

    @Test
    void readsLeaveOutWhatMayNotBeSeen() throws Exception {
        assertThat(get(GOOD, "/state").body()).contains("\"custom\"", "\"t1\"", "\"flags\":{\"");
        assertThat(get(BAD, "/state").body()).doesNotContain("\"custom\"", "\"t1\"", "\"flags\":{\"");
        for (String call :
                new String[] {"GET_STATE", "GET_FRAMEWORKS", "GET_EXECUTORS", "GET_TASKS", "GET_CONTAINERS"}) {
            String text = "{'type':'" + call + "'}";
            assertThat(new String(post(GOOD, "/api/v1", text).body().readAllBytes(), StandardCharsets.UTF_8))
                    .contains("fw");
            assertThat(new String(post(BAD, "/api/v1", text).body().readAllBytes(), StandardCharsets.UTF_8))
                    .doesNotContain("fw");
        }
    }

    @Test
    void sandboxesAreTheirUsersAlsoThroughLinks() throws Exception {
        String ready = "/files/read?offset=0&path=" + URLEncoder.encode(sandbox + "/ready", StandardCharsets.UTF_8);
        String virtual = "/files/browse?path=/frameworks/fw/executors/custom/runs/latest";
        for (String path : new String[] {ready, virtual}) {
            assertThat(get(GOOD, path).statusCode()).isEqualTo(200);
            assertThat(get(BAD, path).statusCode()).isEqualTo(403);
        }
    }

    @Test
    void livenessIsEverybodys() throws Exception {
        assertThat(get("", "/health").statusCode()).isEqualTo(200);
        assertThat(get("", "/version").statusCode()).isEqualTo(200);
    }

    @Test
    void anOperatorMayComeWithAToken() throws Exception {
        long now = Instant.now().getEpochSecond();
        assertThat(get(bearer(Map.of("sub", "good")), "/flags").statusCode()).isEqualTo(200);
        assertThat(get(bearer(Map.of("sub", "bad")), "/flags").statusCode()).isEqualTo(403);
        assertThat(get(bearer("{\"sub\":\"good\",\"exp\":" + (now + 60) + "}"), "/flags")
                        .statusCode())
                .isEqualTo(200);
        HttpResponse<String> expired = get(bearer("{\"sub\":\"good\",\"exp\":" + (now - 60) + "}"), "/flags");
        assertThat(expired.statusCode()).isEqualTo(401);
        assertThat(String.join(" ", expired.headers().allValues("WWW-Authenticate")))
                .contains("Basic realm=\"mesos-agent-readonly\"", "Bearer realm=\"mesos-agent-readonly\"");
        assertThat(get("Bearer " + JwtKey.of(new byte[] {1}).sign(Map.of("sub", "good")), "/flags")
                        .statusCode())
                .isEqualTo(401);
    }

    private static String subscribe(String executor) {
        return "{'type':'SUBSCRIBE','framework_id':{'value':'fw'},'executor_id':{'value':'" + executor
                + "'},'subscribe':{}}";
    }

    @Test
    void anExecutorIsWhoItsTokenSays() throws Exception {
        String path = "/api/v1/executor";
        HttpResponse<InputStream> nobody = post("", path, subscribe("custom"));
        closed(nobody);
        assertThat(nobody.statusCode()).isEqualTo(401);
        assertThat(nobody.headers().firstValue("WWW-Authenticate")).contains("Bearer realm=\"mesos-agent-executor\"");
        assertThat(status(GOOD, path, subscribe("custom"))).isEqualTo(401);
        assertThat(status("Bearer " + token + "x", path, subscribe("custom"))).isEqualTo(401);
        assertThat(status("Bearer " + token, path, subscribe("another"))).isEqualTo(403);
        assertThat(status(bearer(Map.of("fid", "fw", "eid", "custom", "cid", "another")), path, subscribe("custom")))
                .isEqualTo(403);
        assertThat(status(bearer(Map.of("fid", "fw2", "eid", "custom", "cid", container)), path, subscribe("custom")))
                .isEqualTo(403);
        assertThat(status(bearer(Map.of("sub", "good")), path, subscribe("custom")))
                .isEqualTo(403);
        assertThat(status("Bearer " + token, path, subscribe("custom"))).isEqualTo(200);
    }

    @Test
    void anExecutorMayTouchContainersBelowItsOwnOnly() throws Exception {
        String kill =
                "{'type':'KILL_CONTAINER','kill_container':{'container_id':{'value':'nobody','parent':{'value':'%s'}}}}";
        String own = "{'type':'KILL_CONTAINER','kill_container':{'container_id':{'value':'" + container + "'}}}";

        assertThat(status("Bearer " + token, "/api/v1", kill.formatted(container)))
                .isEqualTo(404);
        assertThat(status("Bearer " + token, "/api/v1", kill.formatted("another")))
                .isEqualTo(403);
        assertThat(status("Bearer " + token, "/api/v1", own)).isEqualTo(403);
        assertThat(status("Bearer " + token, "/api/v1", "{'type':'GET_STATE'}")).isEqualTo(403);
        assertThat(get("Bearer " + token, "/state").statusCode()).isEqualTo(403);
    }

    /** The first record of a stream is a call as any other. */
    @Test
    void inputIsAttachedByACallOfThatTypeOnly() throws Exception {
        String other = "'attach_container_input':{'type':'CONTAINER_ID','container_id':{'value':'of-another'}}}";
        String asked = "{'type':'ATTACH_CONTAINER_INPUT'," + other;
        String unasked = "{'type':'GET_VERSION'," + other;
        String below = "{'type':'KILL_CONTAINER','kill_container':{'container_id':{'value':'child','parent':{'value':'"
                + container + "'}}}," + other;
        String refused = basic(without(Action.ATTACH_CONTAINERS_INPUT));

        assertThat(attach(refused, asked).statusCode()).isEqualTo(403);
        assertThat(attach("Bearer " + token, asked).statusCode()).isEqualTo(403);
        for (HttpResponse<String> answer : List.of(attach(refused, unasked), attach("Bearer " + token, below))) {
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
            assertThat(answer.body()).contains("ATTACH_CONTAINER_INPUT");
        }
        assertThat(attach(GOOD, asked).statusCode()).isEqualTo(404);
    }

    private HttpResponse<String> attach(String authorization, String record) throws Exception {
        String call = record.replace('\'', '"');
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + agent.port() + "/api/v1"))
                        .header("Content-Type", "application/recordio")
                        .header("Message-Content-Type", "application/json")
                        .header("Authorization", authorization)
                        .POST(HttpRequest.BodyPublishers.ofString(call.length() + "\n" + call))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void secretsAreNotTold() throws Exception {
        String flags = get(GOOD, "/flags").body()
                + get(GOOD, "/state").body()
                + get(GOOD, "/security/files").body();
        assertThat(flags).doesNotContain(token).doesNotContain(KEY);
        assertThat(Json.mapper()
                        .readTree(get(GOOD, "/flags").body())
                        .path("flags")
                        .path("jwt_secret_key")
                        .asText())
                .endsWith("/key");
    }
}
