package io.paddock.master.server.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.paddock.common.testing.Browser;
import io.paddock.master.server.MasterOptions;
import io.paddock.master.server.MasterServer;
import io.paddock.platform.zookeeper.EmbeddedZooKeeper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two masters and a ZooKeeper: what the one that does not lead answers. */
class StandbyTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path dir;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private ActorTestKit kit;
    private EmbeddedZooKeeper zooKeeper;
    private MasterServer leader;
    private MasterServer standby;

    @BeforeEach
    void start() {
        kit = ActorTestKit.create();
        zooKeeper = EmbeddedZooKeeper.start(dir.resolve("zookeeper"), "127.0.0.1", 0);
        leader = master();
        await().atMost(PATIENCE).until(() -> leader.leadership().leading().isPresent());
        standby = master();
        await().atMost(PATIENCE).until(() -> standby.leadership().leader().isPresent());
    }

    @AfterEach
    void stop() {
        standby.close();
        leader.close();
        zooKeeper.close();
        kit.shutdownTestKit();
    }

    @Test
    void sendsReadersOfTheClusterToTheLeaderAndAnswersForItself() throws Exception {
        for (String path : List.of("/state", "/master/slaves?slave_id=x", "/tasks", "/roles")) {
            HttpResponse<String> response = get(standby, path);
            assertThat(response.statusCode()).as(path).isEqualTo(307);
            assertThat(response.headers().firstValue("Location")).contains("//127.0.0.1:" + leader.port() + path);
        }
        for (String path : List.of("/health", "/version", "/flags", "/metrics/snapshot", "/metrics/prometheus", "/")) {
            assertThat(get(standby, path).statusCode()).as(path).isEqualTo(200);
        }
        assertThat(get(standby, "/metrics/snapshot").body()).contains("\"master/elected\":0.0");
        assertThat(get(standby, "/webui/leader").body())
                .contains("\"here\":false")
                .contains("127.0.0.1:" + leader.port());
        assertThat(get(leader, "/webui/leader").body()).contains("\"here\":true");
    }

    /** Clients send the body again to where they are sent. */
    @Test
    void callsGoToTheLeaderWithTheirBody() throws Exception {
        HttpClient following = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build();
        for (String path : List.of(
                "/api/v1/scheduler", "/master/api/v1/scheduler", "/api/v1/scheduler/subscribe", "/api/v1?x=1")) {
            HttpRequest call = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + standby.port() + path))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(
                            path.contains("scheduler") ? "{\"type\":\"UNKNOWN\"}" : "{\"type\":\"GET_AGENTS\"}"))
                    .build();
            HttpResponse<String> sent = client.send(call, HttpResponse.BodyHandlers.ofString());
            assertThat(sent.statusCode()).as(path).isEqualTo(307);
            assertThat(sent.headers().firstValue("Location")).contains("//127.0.0.1:" + leader.port() + path);
            HttpResponse<String> followed = following.send(call, HttpResponse.BodyHandlers.ofString());
            assertThat(followed.statusCode()).as(path).isEqualTo(path.contains("scheduler") ? 501 : 200);
        }
        for (String path : List.of("/redirect", "/master/redirect")) {
            assertThat(get(standby, path).headers().firstValue("Location")).contains("//127.0.0.1:" + leader.port());
            assertThat(get(leader, path).statusCode()).isEqualTo(307);
            assertThat(get(standby, path + "/anything").statusCode()).isEqualTo(404);
        }
    }

    @Test
    void theWebUiGoesToTheLeaderAndFollowsItsSuccessor() throws Exception {
        Assumptions.assumeTrue(Browser.isInstalled(), "Chromium and chromedriver are not installed");
        try (Browser browser = new Browser(dir.resolve("profile"), Path.of("target", "webui"))) {
            browser.open("http://127.0.0.1:" + standby.port() + "/#/agents");
            browser.textOf(".live", "live · 127.0.0.1:" + leader.port());
            assertThat(browser.url()).isEqualTo("http://127.0.0.1:" + leader.port() + "/#/agents");

            browser.open("http://127.0.0.1:" + standby.port() + "/#/agents");
            browser.textOf(".live", "live");
            leader.close();
            browser.textOf(".notice", "does not answer");
            browser.picture("lost");
            await().atMost(PATIENCE).until(() -> standby.leadership().leading().isPresent());
            browser.open("http://127.0.0.1:" + standby.port() + "/");
            browser.textOf(".live", "live · 127.0.0.1:" + standby.port());
        }
    }

    private MasterServer master() {
        MasterOptions options = new MasterOptions();
        options.listen.port = 0;
        options.zk = "zk://" + zooKeeper.address() + "/mesos";
        options.zkSessionTimeout = Duration.ofSeconds(4);
        return MasterServer.start(kit.system(), options).toCompletableFuture().join();
    }

    private HttpResponse<String> get(MasterServer master, String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + master.port() + path))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
