package io.paddock.master.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.paddock.platform.security.JwtKey;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who is let in to which part of a master, by HTTP basic and by token. Reads are open; all else is not. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RealmsTest {
    private static final String KEY = "the key of tokens";
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private ActorSystem<Void> system;
    private MasterServer master;
    private Path key;

    @BeforeAll
    void start(@TempDir Path dir) throws Exception {
        system = ActorSystem.create(Behaviors.empty(), "realms-test");
        key = Files.writeString(dir.resolve("key"), KEY);
        MasterOptions options = new MasterOptions();
        options.listen.port = 0;
        options.listen.security.credentials = Files.writeString(dir.resolve("credentials"), "ops secret\n");
        options.listen.security.jwtSecretKey = key;
        options.listen.security.authenticateReadonly = false;
        options.listen.security.firewallRules = "{\"disabled_endpoints\":{\"paths\":[\"/tasks\"]}}";
        master = MasterServer.start(system, options).toCompletableFuture().get();
        await().until(() -> master.leadership().leading().isPresent());
    }

    @AfterAll
    void stop() {
        master.close();
        system.terminate();
    }

    private HttpResponse<String> send(String method, String path, String authorization) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + master.port() + path))
                .header("Content-Type", "application/json")
                .method(
                        method,
                        method.equals("GET")
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString("{\"type\":\"GET_HEALTH\"}"));
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String basic(String secret) {
        return "Basic " + Base64.getEncoder().encodeToString(("ops:" + secret).getBytes(StandardCharsets.UTF_8));
    }

    private static String bearer(String secret, Map<String, String> claims) {
        return "Bearer " + JwtKey.of(secret.getBytes(StandardCharsets.UTF_8)).sign(claims);
    }

    @ParameterizedTest
    @CsvSource({
        "GET,  /health,                  200, ''",
        "GET,  /version,                 200, ''",
        "GET,  /master/redirect,         307, ''",
        "GET,  /state,                   200, ''",
        "GET,  /master/slaves,           200, ''",
        "POST, /api/v1,                  401, mesos-master-readwrite",
        "POST, /master/api/v1,           401, mesos-master-readwrite",
        "POST, /api/v1/scheduler,        401, mesos-master-scheduler",
        "POST, /master/api/v1/scheduler, 401, mesos-master-scheduler",
        "POST, /%61pi/v1/%73cheduler,    401, mesos-master-scheduler",
        "POST, /api/v1/scheduler/,       401, mesos-master-scheduler",
        "GET,  /api/paddock/link,        401, mesos-master-agent",
        "POST, /teardown,                401, mesos-master-readwrite",
        "GET,  /tasks,                   403, ''",
        "GET,  /master/tasks.json,       403, ''",
        "GET,  /t%61sks,                 403, ''",
    })
    void nobodyIsLetInWhereAPrincipalIsDemanded(String method, String path, int status, String realm) throws Exception {
        HttpResponse<String> answer = send(method, path, "");

        assertThat(answer.statusCode()).isEqualTo(status);
        String challenges = String.join(" ", answer.headers().allValues("WWW-Authenticate"));
        if (realm.isEmpty()) {
            assertThat(challenges).isEmpty();
        } else {
            assertThat(challenges).contains("Basic realm=\"" + realm + "\"", "Bearer realm=\"" + realm + "\"");
        }
    }

    @Test
    void credentialsAndTokensAreTaken() throws Exception {
        assertThat(send("POST", "/api/v1", basic("secret")).statusCode()).isEqualTo(200);
        assertThat(send("POST", "/api/v1", bearer(KEY, Map.of("sub", "anybody")))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void whatDoesNotProveAnythingIsNot() throws Exception {
        assertThat(send("POST", "/api/v1", basic("wrong")).statusCode()).isEqualTo(401);
        assertThat(send("POST", "/api/v1", "Basic %%%").statusCode()).isIn(400, 401);
        assertThat(send("POST", "/api/v1", "Bearer").statusCode()).isIn(400, 401);
        assertThat(send("POST", "/api/v1", bearer("another key", Map.of("sub", "ops")))
                        .statusCode())
                .isEqualTo(401);
        String token = bearer(KEY, Map.of("sub", "ops"));
        assertThat(send("POST", "/api/v1", token.substring(0, token.length() - 2))
                        .statusCode())
                .isEqualTo(401);
        assertThat(send("POST", "/api/v1", bearer(KEY, Map.of("sub", "ops", "exp", "soon")))
                        .statusCode())
                .isEqualTo(401);
        HttpResponse<String> nameless = send("POST", "/api/v1", bearer(KEY, Map.of("cid", "c")));
        assertThat(nameless.statusCode()).isEqualTo(403);
        assertThat(nameless.body()).contains("no 'sub'");
    }

    @Test
    void aNewKeyCountsWithoutARestart() throws Exception {
        String old = bearer(KEY, Map.of("sub", "ops"));
        Files.writeString(key, "the newer key of tokens");
        await().until(() -> send("POST", "/api/v1", old).statusCode() == 401);
        assertThat(send("POST", "/api/v1", bearer("the newer key of tokens", Map.of("sub", "ops")))
                        .statusCode())
                .isEqualTo(200);
        Files.writeString(key, KEY);
        await().until(() -> send("POST", "/api/v1", old).statusCode() == 200);
    }

    @Test
    void flagsThatDemandWhatNobodyCanProveAreRefused() {
        MasterOptions options = new MasterOptions();
        options.listen.port = 0;
        options.security.authenticateAgents = true;

        assertThatThrownBy(() -> MasterServer.start(system, options)
                        .toCompletableFuture()
                        .join())
                .hasMessageContaining("--http-credentials nor --jwt-secret-key");
        options.security.authenticateAgents = null;
        options.security.acls = "{\"permissive\":0}";
        assertThatThrownBy(() -> MasterServer.start(system, options)
                        .toCompletableFuture()
                        .join())
                .hasMessageContaining("--acls: 'permissive' is not an action");
    }
}
