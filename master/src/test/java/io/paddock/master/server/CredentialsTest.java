package io.paddock.master.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.paddock.platform.http.WireFormat;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.scheduler.Call;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A master that demands credentials: who has none gets nothing, and nobody speaks for another principal. */
class CredentialsTest {
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private ActorSystem<Void> system;
    private MasterServer master;

    @BeforeEach
    void start(@TempDir Path dir) throws Exception {
        system = ActorSystem.create(Behaviors.empty(), "credentials-test");
        MasterOptions options = new MasterOptions();
        options.listen.port = 0;
        options.listen.security.credentials = Files.writeString(
                dir.resolve("credentials.json"),
                "{\"credentials\":[{\"principal\":\"me\",\"secret\":\"s1\"},{\"principal\":\"you\",\"secret\":\"s2\"}]}");
        master = MasterServer.start(system, options).toCompletableFuture().get();
        await().until(() -> master.leadership().leading().isPresent());
    }

    @AfterEach
    void stop() {
        master.close();
        system.terminate();
    }

    private int subscribe(String user, String secret, FrameworkInfo.Builder info) throws Exception {
        Call call = Call.newBuilder()
                .setType(Call.Type.SUBSCRIBE)
                .setSubscribe(Call.Subscribe.newBuilder().setFrameworkInfo(info))
                .build();
        HttpRequest.Builder request = ScriptedScheduler.request(
                URI.create("http://127.0.0.1:" + master.port() + "/api/v1/scheduler"), WireFormat.JSON, call);
        if (!user.isEmpty()) {
            request.header(
                    "Authorization",
                    "Basic "
                            + Base64.getEncoder()
                                    .encodeToString((user + ":" + secret).getBytes(StandardCharsets.UTF_8)));
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream())
                .statusCode();
    }

    private static FrameworkInfo.Builder framework() {
        return FrameworkInfo.newBuilder().setUser("root").setName("f").setFailoverTimeout(60);
    }

    @Test
    void onlyWithCredentialsAndForOneself() throws Exception {
        assertThat(subscribe("", "", framework())).isEqualTo(401);
        assertThat(subscribe("me", "wrong", framework())).isEqualTo(401);
        assertThat(subscribe("me", "s1", framework().setPrincipal("you"))).isEqualTo(400);
        assertThat(master.leadership().leading().orElseThrow().current().frameworks())
                .isEmpty();
        assertThat(subscribe("me", "s1", framework())).isEqualTo(200);
        await().until(() -> !master.leadership()
                .leading()
                .orElseThrow()
                .current()
                .frameworks()
                .isEmpty());
        assertThat(master.leadership()
                        .leading()
                        .orElseThrow()
                        .current()
                        .frameworks()
                        .get(0)
                        .info()
                        .getPrincipal())
                .isEqualTo("me");
    }
}
